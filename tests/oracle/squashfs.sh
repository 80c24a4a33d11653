#!/bin/bash
# SquashFS against the tree that mksquashfs was given, in every compression.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
fields="type mode uid gid mtime link device sha256"
truth root "$fields" >truth
for compression in gzip lzma lzo lz4 xz zstd; do
  mksquashfs root "$compression.img" -comp "$compression" -no-progress -quiet >/dev/null
  ours "$compression.img" "$fields" >ours
  agree "squashfs-$compression" truth ours
  accounted "$compression.img"
done
finish
