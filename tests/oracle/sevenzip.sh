#!/bin/bash
# 7z archives against the tree that 7zz packed, with every coder it has.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
rm -rf root/dev  # 7z has no devices
head -c 400000 "$assay" >root/bin/code
find root -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
fields="type mode mtime link sha256"
truth root "$fields" >truth
pack() {  # NAME OPTIONS
  local name=$1
  shift
  (cd root && 7zz a -snl -snh- -bso0 -bsp0 "$@" "../$name.7z" .)
  ours "$name.7z" "$fields" >ours
  agree "sevenzip-$name" truth ours
  accounted "$name.7z"
}
pack default -mx=1
pack not-solid -ms=off -mx=1
pack plain -mx=0 -mhc=off
pack lzma -m0=LZMA -mx=1
pack bzip2 -m0=BZip2 -mx=1 -ms=off
pack deflate -m0=Deflate -mx=1
pack bcj -m0=BCJ -m1=LZMA2:d=1m
pack bcj2 -m0=BCJ2 -m1=LZMA:d=1m -m2=LZMA:d=64k -m3=LZMA:d=64k -mb0:1 -mb0s1:2 -mb0s2:3
pack arm -m0=ARM -m1=LZMA2:d=64k
pack arm64 -m0=ARM64 -m1=LZMA2:d=64k
pack armt -m0=ARMT -m1=LZMA2:d=64k
pack ppc -m0=PPC -m1=LZMA2:d=64k
pack sparc -m0=SPARC -m1=LZMA2:d=64k
pack ia64 -m0=IA64 -m1=LZMA2:d=64k
pack delta -m0=Delta:3 -m1=LZMA2:d=64k
pack bcj-stored -m0=BCJ -m1=Copy
finish
