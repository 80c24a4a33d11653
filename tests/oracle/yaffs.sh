#!/bin/bash
# YAFFS images of a tree, written by samples/formats/yaffs/make.py from the
# layout, in every kind of chip: against the tree, and where unyaffs knows the
# kind (little-endian version 2 with codes), against what that unpacks.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
make=$(dirname "$known")/../../samples/formats/yaffs/make.py

tree root
fields="type mode uid gid mtime link device sha256"
truth root "$fields" >truth
check() {  # NAME OPTIONS
  local name=$1
  shift
  python3 "$make" --tree root "$name.img" "$@"
  ours "$name.img" "$fields" >ours
  agree "yaffs-$name" truth ours
  accounted "$name.img"
}
peer() {  # NAME [unyaffs options]
  local name=$1
  shift
  mkdir "peer-$name"
  unyaffs "$@" "$name.img" "peer-$name" >/dev/null
  truth "peer-$name" "type mode uid gid mtime link device sha256" >theirs
  agree "yaffs-$name-unyaffs" theirs ours
}
check old version=1
check old-big version=1 order=big
check old-together version=1 tags=8
for page in 1024 2048 4096 8192; do
  check "new-$page" page=$page spare=$((page / 32))
  if ((page >= 2048)); then
    peer "new-$page"
  fi
  check "marked-$page" page=$page spare=$((page / 32)) tags=2
  check "big-$page" page=$page spare=$((page / 32)) order=big
  check "wide-$page" page=$page spare=$((page / 16)) tags=2 ecc=0
  check "convert-$page" page=$page spare=$((page / 32)) headers=big
  check "inband-$page" page=$page inband=1
done
check odd page=4096 spare=218 tags=3
check small page=512 spare=32
finish
