#!/bin/bash
# littlefs images of a tree, written by samples/formats/littlefs/make.py from
# the specification, in both versions and many geometries, against the tree.
# Debian has no program that reads or writes them.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
make=$(dirname "$known")/../../samples/formats/littlefs/make.py

tree root
find root ! -type d ! -type f -delete  # it has but files and directories
rm root/etc/two
truth root "type sha256" >truth
check() {  # NAME OPTIONS
  local name=$1
  shift
  python3 "$make" --tree root "$name.img" "$@"
  ours "$name.img" "type sha256" >ours
  agree "littlefs-$name" truth ours
  accounted "$name.img"
}
for version in 20 21; do
  check "$version-512" version=$version block=512 blocks=12000 prog=16 per=2
  check "$version-4096" version=$version block=4096 blocks=2000 prog=256 per=8
  check "$version-65536" version=$version block=65536 blocks=100 prog=512 per=40
  check "$version-byte" version=$version block=1024 blocks=6000 prog=1 per=3
  check "$version-odd" version=$version block=3000 blocks=2000 prog=8 per=4
done
finish
