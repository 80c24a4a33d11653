#!/bin/bash
# cramfs against the tree that mkfs.cramfs was given: both byte orders, room
# for a boot loader, holes, other block sizes, and what cramfsswap makes of it.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
fields="type mode uid gid link device sha256"
# The format keeps 8 bits of the group.
truth root "$fields" | awk -F'\t' -v OFS='\t' '{ $5 = $5 % 256; print }' >truth
check() {  # NAME IMAGE
  ours "$2" "$fields" >ours
  agree "cramfs-$1" truth ours
  accounted "$2"
}
for endian in little big; do
  mkfs.cramfs -N "$endian" root "$endian.img" >/dev/null 2>&1
  check "$endian" "$endian.img"
  mkfs.cramfs -N "$endian" -z -n name root "holes-$endian.img" >/dev/null 2>&1
  check "holes-$endian" "holes-$endian.img"
  mkfs.cramfs -N "$endian" -p root "boot-$endian.img" >/dev/null 2>&1
  check "boot-$endian" "boot-$endian.img"
  mkfs.cramfs -N "$endian" -b 16384 root "pages-$endian.img" >/dev/null 2>&1
  check "pages-$endian" "pages-$endian.img"
  cramfsswap "$endian.img" "swapped-$endian.img" >/dev/null 2>&1
  check "swapped-$endian" "swapped-$endian.img"
done
finish
