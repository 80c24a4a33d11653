#!/bin/bash
# Writes the samples next to this script; needs mkfs.vfat (dosfstools), mtools
# and xxd.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export MTOOLS_SKIP_CHECK=1 TZ=UTC LC_ALL=C.UTF-8

fill() {  # IMAGE
  printf 'short\n' >short
  seq 1 250 >numbers
  : >empty
  printf 'deleted content' >deleted
  touch -d '2024-05-06 07:08:10' short numbers empty deleted
  mcopy -m -i "$1" short ::SHORT.TXT
  mmd -i "$1" ::sub
  mcopy -m -i "$1" numbers "::sub/Numbers with a long name, ä"
  mcopy -m -i "$1" empty ::sub/empty
  mcopy -m -i "$1" deleted ::deleted
  mdel -i "$1" ::deleted
  mattrib -i "$1" +r +h +s ::SHORT.TXT
}

# mkfs.vfat makes none of fewer than 80 sectors; the volume is then said to
# have so many less.
make() {  # NAME SECTORS PLACES OPTION...
  local name=$1 sectors=$2 places=$3
  shift 3
  mkfs.vfat -a -C -f 2 -s 1 -i 12345678 "$@" "$name.img" 40 >/dev/null 2>&1
  for place in $places; do
    printf "\\x$(printf %x "$sectors")" |
      dd of="$name.img" bs=1 seek="$place" conv=notrunc status=none
  done
  truncate -s $((sectors * 512)) "$name.img"
}

keep() {  # NAME TITLE
  {
    echo "# make.sh: $2"
    xxd -p -c 38 "$1.img"
  } >"$here/$1.hex"
}

make fat12 12 19 -F 12 -R 1 -r 16 -n LABEL12
fill fat12.img
keep fat12 "mkfs.vfat -F 12, filled by mtools"

# mtools takes so small a FAT32 for a FAT12; one file is written by hand, in
# clusters 3 and 5.
make fat32 18 "19 $((6 * 512 + 19))" -F 32 -R 8 -n LABEL32
put() { dd of=fat32.img bs=1 seek=$(($1)) conv=notrunc status=none; }
for fat in 0x1000 0x1200; do
  printf '\x05\0\0\0\0\0\0\0\xff\xff\xff\x0f' | put $fat+12
done
printf 'HELLO   TXT\x20\x08\0\0\0\0\0\0\0\0\0\x40\x38\xa6\x58\x03\0\x58\x02\0\0' |
  put 0x1420
head -c 600 <(yes hello) >hello
head -c 512 hello | put 0x1600
tail -c 88 hello | put 0x1a00
keep fat32 "mkfs.vfat -F 32, one file in two pieces"
