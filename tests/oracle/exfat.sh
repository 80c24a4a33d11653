#!/bin/bash
# exFAT against the tree that was written into what mkfs.exfat made, once
# fsck.exfat has found no fault with it.
# shellcheck source=common.sh
populate=$(realpath "$(dirname "$0")/../../samples/formats/exfat/populate.pl")
source "$(dirname "$0")/common.sh" "$1"

tree root
find root ! -type f ! -type d -delete
printf 'umlaut' >"root/etc/Straße mit Übergröße.txt"
printf 'x' >root/etc/MiXeD.Txt
find root -exec touch -d '2024-05-06 07:08:10 UTC' {} +
truth root "type mtime sha256" >truth

check() {  # NAME SIZE OPTION...
  local name=$1 size=$2
  shift 2
  truncate -s "$size" "$name.img"
  mkfs.exfat "$@" "$name.img" >/dev/null
  perl "$populate" "$name.img" root
  fsck.exfat -n "$name.img" >fsck || { cat fsck; failed=$((failed + 1)); }
  ours "$name.img" "type mtime sha256" >found
  agree "$name" truth found
  accounted "$name.img"
  rm "$name.img"
}
check exfat-512 8M -c 512
check exfat-4k 16M -c 4K
check exfat-packed 32M -c 32K --pack-bitmap
finish
