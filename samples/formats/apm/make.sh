#!/bin/bash
# Writes the sample next to this script; needs parted and xxd.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

truncate -s 2M disk
parted --script --align none disk mklabel mac \
  mkpart first hfs 64s 69s mkpart second 72s 77s

# parted keeps 63 blocks for the map; 7 do, so all else moves 56 blocks down.
byte() { printf "\\x$2" | dd of=disk bs=1 seek=$(($1)) conv=notrunc status=none; }
byte 0x6 00; byte 0x7 16            # blocks of the disk: 22
byte 0x20f 07; byte 0x257 07        # the map
byte 0x40b 08; byte 0x60b 10        # the partitions
byte 0x80b 0e; byte 0xa0b 16        # free space
byte 0xa0e 00; byte 0xa0f 00
byte 0xa56 00; byte 0xa57 00
truncate -s $((22 * 512)) disk
printf 'one' | dd of=disk bs=512 seek=8 conv=notrunc status=none
printf 'two' | dd of=disk bs=512 seek=16 conv=notrunc status=none
printf 'between' | dd of=disk bs=512 seek=14 conv=notrunc status=none
{
  echo "# make.sh: parted mklabel mac, two partitions and a gap"
  xxd -p -c 38 disk
} >"$here/two.hex"
