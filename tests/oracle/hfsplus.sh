#!/bin/bash
# HFS Plus as xorriso writes it, against the tree that went in; and the volumes
# of samples/formats/hfsplus/make.py (with compressed files, attributes and
# long forks), against what 7-Zip reads. Debian 12 has no mkfs.hfsplus.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
make=$(dirname "$known")/../../samples/formats/hfsplus/make.py

# xorriso gives files with the same content the same blocks, which is damage
# by Apple's note: every file here has its own. It keeps no devices.
tree root
rm -r root/dev root/etc/two root/var/empty/file
for ((i = 0; i < 400; i++)); do
  printf 'number %d\n' "$i" >"root/etc/deep/a rather long name of a file $i"
done
find root -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
fields="type mode uid gid mtime link sha256"
truth root "$fields" >expected
xorriso -as mkisofs -quiet -hfsplus -o hybrid.iso root
python3 - <<'PY'
import re
import struct
disk = open("hybrid.iso", "rb").read()
for found in re.finditer(rb"H\+\0\x04", disk):
    start = found.start() - 1024
    block, blocks = struct.unpack(">II", disk[start + 1064:start + 1072])
    end = start + block * blocks
    if disk[end - 1024:end - 1020] == b"H+\0\4":
        open("volume", "wb").write(disk[start:end])
        break
PY
ours volume "$fields" >found
agree hfsplus-xorriso expected found
accounted volume
"$assay" ls --json volume | jq -r '.artifacts[0].anomalies[]?.id' >odd
if [[ -s odd ]]; then
  echo "FAILED: a volume of xorriso is odd: $(cat odd)"
  failed=$((failed + 1))
fi

for kind in plain cased; do
  if [[ $kind == plain ]]; then
    python3 "$make" "$kind"
  else
    python3 "$make" "$kind" hfsx journal
  fi
  mkdir theirs
  7zz x -y -otheirs "$kind" >/dev/null 2>&1 || true
  # 7-Zip does not follow hard links, and shows attributes as files.
  find theirs -type f \( -name '*:user.*' -o -path '*Private Data*' -o \
    -name one -o -name two -o -name link -o -name console -o -name disk -o \
    -name pipe -o -name 'a_b*' \) -delete
  truth theirs/inert "type sha256" | grep -v $'\tdirectory' >expected
  ours "$kind" "type sha256" | grep -P '\tfile\t' |
    grep -v -e '^etc/one' -e '^etc/two' -e '^etc/a:b' >found
  agree "hfsplus-$kind" expected found
  accounted "$kind"
  rm -r theirs
done
finish
