#!/bin/bash
# UBIFS against the tree that mkfs.ubifs was given, in every compression, alone
# and in a UBI image.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
# mkfs.ubifs cannot leave out what a user may not make.
fields="type mode uid gid mtime link device sha256"
truth root "$fields" >truth
check() {  # NAME OPTIONS
  local name=$1
  shift
  mkfs.ubifs -r root -o "$name.ubifs" "$@"
  ours "$name.ubifs" "$fields" >ours
  agree "ubifs-$name" truth ours
  accounted "$name.ubifs"
}
check lzo -m 2048 -e 126976 -c 200 -x lzo
check zlib -m 512 -e 15872 -c 1000 -x zlib
check zstd -m 2048 -e 126976 -c 200 -x zstd
check favor -m 4096 -e 253952 -c 200 -x favor_lzo
check none -m 1 -e 65408 -c 300 -x none -f 16

cat >ubi.ini <<'END'
[rootfs]
mode=ubi
image=lzo.ubifs
vol_id=0
vol_size=24MiB
vol_type=dynamic
vol_name=rootfs
END
ubinize -o ubi.img -p 128KiB -m 2048 ubi.ini >/dev/null
ours ubi.img "$fields" '!/rootfs' >ours
agree ubifs-in-ubi truth ours
accounted ubi.img
finish
