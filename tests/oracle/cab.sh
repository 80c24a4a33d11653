#!/bin/bash
# Cabinets by gcab against the tree that went in, times as 7zz reads them.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
find root -type l -delete
rm -rf root/dev
fields="type sha256"
truth root "$fields" | grep -P '\tfile\t' >truth
for option in "" -z; do
  name=cab$option
  (cd root && find . -type f -printf '%P\n' | LC_ALL=C sort |
    xargs gcab -c $option "../$name.cab")
  ours "$name.cab" "$fields" >ours
  agree "$name" truth ours
  ours "$name.cab" mtime | cut -f1,2 >ours
  TZ=UTC 7zz l -slt "$name.cab" | awk -F' = ' '/^Path/ {path = $2}
    /^Modified/ && path !~ /cab$/ {print path "\t" $2}' |
    while IFS=$'\t' read -r path time; do
      printf '%s\t%s\n' "${path//\\//}" "$(date -u -d "$time" +%s)"
    done | LC_ALL=C sort >times
  agree "$name-times" times ours
  accounted "$name.cab"
done
finish
