#!/bin/bash
# .lzma, lzip, lzop, zlib and .Z streams against what their own tools packed.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
cp root/big/numbers numbers
cp root/big/noise noise
cat root/big/mixed root/big/noise >mixed
decoded() {  # FILE NAME: what assay finds in it
  "$assay" ls --json "$1" | jq -r '.artifacts[] | select(.path | contains("!/"))
    | .path + " " + .digests.sha256' | sed 's/.*!\///' >"$1.ours"
  echo "$2 $(sha256sum <"$3" | cut -d' ' -f1)" >"$1.truth"
  agree "$1" "$1.truth" "$1.ours"
  accounted "$1"
}
for file in numbers noise mixed; do
  for level in 0 6 9; do
    lzma -$level -c $file >$file.lzma
    decoded $file.lzma $file $file
    lzip -$level -c $file >$file.lz
    decoded $file.lz $file $file
    lzop -$((level > 0 ? level : 1)) <$file >$file.lzo
    decoded $file.lzo $file $file
    perl -MCompress::Zlib -e 'my $level = shift; local $/; print compress(<>, $level)' $level <$file >$file.zlib
    decoded $file.zlib content $file
  done
  for bits in 10 12 14 16; do
    compress -f -c -b $bits $file >$file.Z
    decoded $file.Z $file $file
  done
  lzip -b 100KiB -m 20 -c $file >$file.lz  # members
  decoded $file.lz $file $file
done
lzop -c numbers noise mixed >three.lzo
"$assay" ls --json three.lzo | jq -r '.artifacts[] | select(.path | contains("!/"))
  | .path + " " + .digests.sha256' | sed 's/.*!\///' >ours
sha256sum numbers noise mixed | sed 's/\([^ ]*\)  \(.*\)/\2 \1/' >truth
agree lzop-files truth ours
accounted three.lzo
finish
