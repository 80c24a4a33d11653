#!/bin/bash
# Windows imaging files of every compression that is read, against the tree
# that wimcapture was given; 7-Zip finds the same contents in them.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
fields="type mode uid gid mtime link device sha256"
tree root
printf 'wide' >root/etc/Ωmega
# Programs, whose calls LZX translates.
cp "$(command -v openssl)" root/big/program
find root -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
truth root "$fields" >truth

# Link targets are as Windows writes them, and shown with escapes.
unix_links() { sed -e 's,\\\\x5c,/,g' -e 's,\tC:/,\t/,'; }

# 7-Zip does not know what Unix systems add, so that devices are empty files,
# and shows the empty content that a link has beside its reparse point.
theirs() {  # names, types and digests of what 7-Zip makes of it
  rm -rf out
  7zz x -snld -oout "$1" >/dev/null 2>&1 || true
  truth out "type sha256" | grep -P '\tfile\t' |
    grep -v -P '^(\[1\].xml|dev/(console|disk|fifo)|bin/\w+:_)\t'
}

check() {  # NAME wimcapture-options
  local name=$1
  shift
  rm -f "$name.wim"
  wimcapture root "$name.wim" --unix-data "$@" >/dev/null 2>&1
  ours "$name.wim" "$fields" | unix_links >found
  agree "wim-$name" truth found
  accounted "$name.wim"
  ours "$name.wim" "type sha256" | grep -P '\tfile\t' >found
  theirs "$name.wim" >listed
  agree "wim-$name-7z" listed found
}

check stored --compress=none
check xpress --compress=xpress --check
check xpress-4k --compress=xpress --chunk-size=4K
check lzx --compress=lzx --check
check lzx-max --compress=lzx:100 --chunk-size=2M
check lzx-64k --compress=lzx --chunk-size=64K
check solid --compress=lzx --solid --solid-compress=LZX
check solid-xpress --compress=lzx --solid --solid-compress=XPRESS \
  --solid-chunk-size=32K

# Two images, of which the second repeats most of the first.
wimcapture root two.wim first --compress=lzx --unix-data >/dev/null 2>&1
printf 'changed\n' >root/etc/one
touch -d '2024-05-06 07:08:10 UTC' root/etc/one
wimappend root two.wim second --unix-data >/dev/null 2>&1
truth root "$fields" >second
{ sed 's,^,1/,' truth; sed 's,^,2/,' second; } | LC_ALL=C sort >both
ours two.wim "$fields" | unix_links | grep -v -P '^[12]\tdirectory' >found
agree wim-two both found
accounted two.wim

finish
