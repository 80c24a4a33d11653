#!/bin/bash
# Writes the sample next to this script; needs sfdisk (package fdisk) and xxd.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# One primary partition, an extended one with two logical ones.
truncate -s $((20 * 512)) disk
sfdisk --quiet disk <<'END'
label: dos
label-id: 0x12345678
unit: sectors
first-lba: 1

start=2, size=4, type=83, bootable
start=7, size=12, type=5
start=9, size=3, type=c
start=14, size=5, type=83
END
printf 'boot code' | dd of=disk conv=notrunc status=none
printf 'loader' | dd of=disk bs=512 seek=1 conv=notrunc status=none
printf 'first' | dd of=disk bs=512 seek=2 conv=notrunc status=none
printf 'fifth' | dd of=disk bs=512 seek=9 conv=notrunc status=none
printf 'sixth' | dd of=disk bs=512 seek=14 conv=notrunc status=none
{
  echo "# make.sh: sfdisk, a primary and two logical partitions"
  xxd -p -c 38 disk
} >"$here/logical.hex"
