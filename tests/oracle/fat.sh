#!/bin/bash
# FAT in its three widths and several cluster sizes against the tree that
# mtools copied into it, and against what mtools copies out again.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

export TZ=UTC LC_ALL=C.UTF-8
tree root
find root ! -type f ! -type d -delete
printf 'umlaut' >"root/etc/Straße mit Übergröße.txt"
printf 'x' >root/etc/MiXeD.Txt
printf 'x' >root/etc/UPPER.TXT
touch -d '1999-12-31 23:59:58 UTC' root/etc/MiXeD.Txt
touch -d '2024-05-06 07:08:10 UTC' root/etc/*bergr* root/etc/UPPER.TXT
truth root "type sha256" >truth
truth root "type mtime" | grep -v -P '\tdirectory\t' >times

check() {  # NAME BLOCKS OPTION...
  local name=$1 blocks=$2
  shift 2
  mkfs.vfat -C -n "$name" "$@" "$name.img" "$blocks" >/dev/null 2>&1
  mcopy -s -m -i "$name.img" root/* ::
  ours "$name.img" "type sha256" >found
  agree "$name" truth found
  ours "$name.img" "type mtime" | grep -v -P '\tdirectory\t' >found
  agree "$name-times" times found
  accounted "$name.img"
  # Holes in the chain: files that were deleted before others were written.
  mdeltree -i "$name.img" ::etc/deep
  mcopy -s -m -i "$name.img" root/etc/deep ::etc/deep2
  mkdir back
  mcopy -s -m -i "$name.img" '::*' back 2>/dev/null
  truth back "type sha256" >expected
  ours "$name.img" "type sha256" >found
  agree "$name-again" expected found
  accounted "$name.img"
  rm -r back "$name.img"
}

check fat12 8000 -F 12 -s 8
check fat16 20000 -F 16 -s 1
check fat16big 40000 -F 16 -s 4 -S 1024
check fat32 40000 -F 32 -s 1
finish
