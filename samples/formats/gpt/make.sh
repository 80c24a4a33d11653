#!/bin/bash
# Writes the sample next to this script; needs sfdisk (package fdisk) and xxd.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# MBR, header, entries, partitions, entries, header.
truncate -s $((16 * 512)) disk
sfdisk --quiet disk <<'END'
label: gpt
label-id: 01234567-89AB-CDEF-0123-456789ABCDEF
table-length: 4
first-lba: 3
unit: sectors

start=4, size=4, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=11111111-2222-3333-4444-555555555555, name="rootfs"
start=10, size=2, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=66666666-7777-8888-9999-AAAAAAAAAAAA, name="dätä", attrs="LegacyBIOSBootable"
END
printf 'root file system' | dd of=disk bs=512 seek=4 conv=notrunc status=none
printf 'efi' | dd of=disk bs=512 seek=10 conv=notrunc status=none
printf 'between' | dd of=disk bs=512 seek=8 conv=notrunc status=none
{
  echo "# make.sh: sfdisk with 4 entries, two partitions and a gap"
  xxd -p -c 38 disk
} >"$here/two.hex"
