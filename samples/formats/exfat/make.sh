#!/bin/bash
# Writes the sample next to this script; needs exfatprogs, perl and xxd.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir -p tree/sub
printf 'short\n' >tree/short.txt
chmod 444 tree/short.txt
seq 1 250 >"tree/sub/Numbers with a long name, ä and 😀"
: >tree/sub/empty
find tree -exec touch -d '2024-05-06 07:08:10 UTC' {} +
truncate -s 64K small.img
mkfs.exfat -c 512 -b 512 -L LABEL small.img >/dev/null
perl "$here/populate.pl" small.img tree 23
{
  echo "# make.sh: mkfs.exfat and populate.pl"
  xxd -p -c 38 small.img
} >"$here/small.hex"
