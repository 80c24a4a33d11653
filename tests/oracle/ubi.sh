#!/bin/bash
# UBI against what ubinize was given, for several geometries.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

seq 1 90000 >numbers
head -c 300001 numbers >odd
cat >ubi.ini <<'END'
[a]
mode=ubi
image=numbers
vol_id=0
vol_type=dynamic
vol_name=rootfs
vol_size=2MiB
[b]
mode=ubi
image=odd
vol_id=7
vol_type=static
vol_name=kernel image
vol_alignment=1
[c]
mode=ubi
image=odd
vol_id=1
vol_type=dynamic
vol_name=rootfs_data
vol_size=1MiB
vol_alignment=4096
vol_flags=autoresize
END
check() {  # NAME OPTIONS: what ends in erased flash is cut there
  local name=$1 member
  shift
  ubinize -o "$name.ubi" "$@" ubi.ini >/dev/null 2>&1
  printf '%s\n' "$(sha256sum <numbers | cut -d' ' -f1) rootfs" \
    "$(sha256sum <odd | cut -d' ' -f1) kernel image" \
    "$(sha256sum <odd | cut -d' ' -f1) rootfs_data" >truth
  "$assay" unpack "$name.ubi" --directory "$name" >/dev/null
  find "$name" -type f | LC_ALL=C sort >found
  for member in rootfs "kernel image" rootfs_data; do
    printf '%s %s\n' "$(perl -0777 -pe 's/\xff+\z//' \
      <"$(grep "/$member\$" found)" | sha256sum | cut -d' ' -f1)" "$member"
  done >ours
  agree "ubi-$name" truth ours
  accounted "$name.ubi"
}
check nor -p 64KiB -m 1
check nand -p 128KiB -m 2048
check subpage -p 128KiB -m 2048 -s 512
check large -p 512KiB -m 4096 -O 8192 -e 1000000
check small -p 16KiB -m 512 -s 256
finish
