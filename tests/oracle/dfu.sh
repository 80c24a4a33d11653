#!/bin/bash
# DFU suffixes that dfu-suffix adds, against the file that went in.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

seq 1 30000 >numbers
printf 'x' >one
head -c 5000 /dev/zero >zeros
for file in numbers one zeros; do
  cp "$file" "$file.dfu"
  dfu-suffix --vid 1d50 --pid 6089 --did 0001 --add "$file.dfu" >/dev/null
  printf 'payload\t%s\n' "$(sha256sum <"$file" | cut -d' ' -f1)" >truth
  ours "$file.dfu" sha256 >ours
  agree "dfu-$file" truth ours
  accounted "$file.dfu"
done
# dfu-suffix and we say the same of a changed file.
printf 'Y' | dd of=numbers.dfu bs=1 seek=3 conv=notrunc 2>/dev/null
if dfu-suffix --check numbers.dfu >said 2>&1 && ! grep -qi 'crc does not match' said; then
  echo "intact" >truth
else
  echo "dfu.crc-mismatch" >truth
fi
"$assay" ls --json numbers.dfu | jq -r '.artifacts[0].anomalies[].id' >ours
agree dfu-changed truth ours
finish
