#!/bin/bash
# Environments made by mkenvimage, in usual sizes, both byte orders, with and
# without a flag, alone and inside of a flash image: against what went in, and
# against what fw_printenv reads (which knows little-endian ones).
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

{
  printf 'baudrate=115200\nbootcmd=run a; run b\nbootargs=root=/dev/mtdblock2 rw\n'
  for ((i = 0; i < 60; i++)); do printf 'variable%s=value of %s\n' "$i" "$i"; done
} >text
tr '\n' '\0' <text >variables
printf 'environment\tfile\t%s\n' "$(sha256sum variables | cut -d' ' -f1)" >truth
check() {  # NAME OPTIONS
  local name=$1
  shift
  mkenvimage "$@" -o "$name.img" text
  ours "$name.img" "type sha256" >ours
  agree "uboot_env-$name" truth ours
  accounted "$name.img"
}
peer() {  # NAME SIZE
  printf '%s 0x0 %s\n' "$PWD/$1.img" "$2" >config
  fw_printenv -c config | LC_ALL=C sort >theirs
  tr '\0' '\n' <variables | LC_ALL=C sort >sorted
  agree "uboot_env-$1-fw_printenv" theirs sorted
}
for size in 0x1000 0x2000 0x4000 0x8000 0x10000 0x1f000 0x20000 0x40000; do
  check "single-$size" -s $size
  peer "single-$size" $size
  check "zeros-$size" -s $size -p 0
  check "flag-$size" -r -s $size -p 0
  check "big-$size" -b -s $size
done

# In a dump of a flash chip, between others.
{
  head -c 196608 /dev/zero | tr '\0' '\377'
  cat single-0x10000.img
  head -c 65536 /dev/zero | tr '\0' '\377'
  cat flag-0x2000.img flag-0x2000.img
  head -c 100000 /dev/zero
} >flash.img
"$assay" ls --json flash.img | jq -r '.artifacts[] | select(.format == "uboot_env") | "\(.path)\t\(.size)"' >ours
printf 'flash.img!/@0x%x.uboot_env\t%s\n' 196608 65536 $((196608 + 131072)) 8192 \
  $((196608 + 131072 + 8192)) 8192 >expected
agree uboot_env-carved expected ours
finish
