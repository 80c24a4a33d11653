#!/bin/bash
# Old SquashFS, written by the samples' generator, as no tool of Debian does:
# layouts 1 to 3 against what unsquashfs makes of them, the rest against the
# tree that went in.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
make=$(dirname "$known")/../../samples/formats/squashfs_legacy/make.py

tree root
head -c 100000 root/big/numbers >less && mv less root/big/numbers
touch -d '2024-05-06 07:08:10 UTC' root/big/numbers
truncate -s 200000 root/big/sparse
touch -d '2024-05-06 07:08:10 UTC' root/big/sparse
rm root/etc/deep/file??* && touch -d '2024-05-06 07:08:10 UTC' root/etc/deep
touch -d '2024-05-06 07:08:10 UTC' root/big
fields="type mode uid gid mtime link device sha256"
truth root "$fields" >all
check() {  # NAME VERSION ORDER [METHOD [MAGIC]]
  local name=$1
  shift
  python3 "$make" root "$name.img" "$@"
  if [[ $# -eq 2 && $1 -lt 4 ]]; then
    unsquashfs -no-progress -d "$name" "$name.img" >/dev/null 2>&1
    truth "$name" "$fields" >truth
  else
    cp all truth
  fi
  ours "$name.img" "$fields" >ours
  agree "squashfs_legacy-$name" truth ours
  accounted "$name.img"
}
for order in little big; do
  for version in 1 2 3; do
    check "$version-$order" "$version" "$order"
  done
  check "lzma-$order" 3 "$order" lzma sqlz
done
check lzma5 3 little lzma5 shsq
check raw 3 big raw qshs
check raw022 3 little raw022 hsqt
check plain 3 big plain
check 4-big 4 big
check 4-lzma-big 4 big raw022 tqsh
finish
