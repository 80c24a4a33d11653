#!/bin/bash
# MSI packages by wixl: the streams as 7zz reads the compound file.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

cp "${known%/known}/../../samples/formats/ole2/sample.wxs" .
for count in 20 2000 300000; do
  seq 1 "$count" >numbers
  wixl -o "$count.msi" sample.wxs
  rm -rf out && mkdir out
  7zz x -tCompound -oout -bso0 -bsp0 "$count.msi"
  (cd out && find . -type f -printf '%P\0' | xargs -0 sha256sum) |
    sed 's/^\([^ ]*\)  \(.*\)$/\2\t\1/; s/^\[5\]//' | LC_ALL=C sort >truth
  ours "$count.msi" sha256 | sed 's/^\\\\x05//' | LC_ALL=C sort >ours
  agree "ole2-$count" truth ours
  accounted "$count.msi"
done
finish
