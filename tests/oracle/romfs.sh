#!/bin/bash
# romfs against the tree that genromfs was given.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
fields="type link device sha256"
truth root "$fields" >truth
check() {  # NAME OPTIONS
  local name=$1
  shift
  genromfs -d root -f "$name.img" "$@"
  ours "$name.img" "$fields" >ours
  agree "romfs-$name" truth ours
  accounted "$name.img"
}
check plain
check named -V "a volume with a long name"
check aligned -a 4096
finish
