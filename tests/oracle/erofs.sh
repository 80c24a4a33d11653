#!/bin/bash
# EROFS against the tree that mkfs.erofs was given, in every layout it has.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
fields="type mode uid gid mtime link device sha256"
truth root "$fields" >truth
try() {  # NAME OPTION ...
  local name=erofs-$1
  shift
  mkfs.erofs --quiet --preserve-mtime "$@" "$name.img" root >/dev/null
  ours "$name.img" "$fields" >ours
  agree "$name" truth ours
  accounted "$name.img"
  rm "$name.img"
}
try plain
try no-inline -Enoinline_data
try extended -Eforce-inode-extended
try chunks --chunksize=4096
try chunk-indexes --chunksize=65536 -Eforce-chunk-indexes
try lz4 -zlz4
try lz4hc -zlz4hc,9
try legacy -zlz4 -Elegacy-compress
try tails -zlz4 -Eztailpacking
try big -zlz4hc -C65536
try big-tails -zlz4hc -C65536 -Eztailpacking
try fragments -zlz4 -Efragments
try extents -zlz4 --max-extent-bytes=8192
finish
