#!/bin/sh
# Makes the samples with Debian's arj: `seq 1 200` and a small file, by methods
# 1 and 4, and encrypted.
set -e
folder=$(mktemp -d)
here=$(pwd)
cd "$folder"
mkdir -p d/deep
seq 1 200 >d/seq
printf 'inert\n' >d/deep/small
chmod 640 d/seq
chmod 4755 d/deep/small
touch -d '2024-05-06 07:08:10 UTC' d/seq d/deep/small
for method in 1 4; do
  TZ=UTC arj a -r -y -m$method m$method.arj d >/dev/null
done
TZ=UTC arj a -r -y -gsecret garbled.arj d >/dev/null
for name in m1 m4 garbled; do
  "$here/../../sparse_hex.sh" $name.arj >"$here/$name.hex"
done
rm -r "$folder"
