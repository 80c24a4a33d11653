#!/bin/bash
# UDF of every revision and kind of medium that mkudffs makes, against the tree
# that samples/formats/udf/populate.py put into it; of files and folders alone
# 7-Zip lists the same. Bridge discs by genisoimage, whose two trees agree.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
populate=$(dirname "$known")/../../samples/formats/udf/populate.py
fields="type mode uid gid mtime link device sha256"

tree root
printf 'wide' >root/etc/Ωmega
find root -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
truth root "$fields" >truth
mkdir plain
cp -r --preserve=timestamps root/{bin,etc,big} plain
find plain ! -type f ! -type d -delete
find plain -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +

listed() {  # IMAGE: path, type, time of what 7-Zip sees
  TZ=UTC 7zz l -slt "$1" | awk -v OFS='\t' '
    /^----------$/ { on = 1 }
    on && /^Path = / { path = substr($0, 8) }
    on && /^Folder = / { type = $3 == "+" ? "directory" : "file" }
    on && /^Modified = / { print path, type, substr($0, 12, 19) }' |
    while IFS=$'\t' read -r path type time; do
      printf '%s\t%s\t%s\n' "$path" "$type" "$(date -u -d "$time" +%s)"
    done | LC_ALL=C sort
}

check() {  # NAME BLOCKS POPULATE-OPTIONS mkudffs-options
  local name=$1 blocks=$2 options=$3
  shift 3
  mkudffs --new-file "$@" "$name.img" "$blocks" >/dev/null
  cp "$name.img" plain.img
  # shellcheck disable=SC2086
  python3 "$populate" "$name.img" root $options
  # What cannot be used is a stream of the volume.
  ours "$name.img" "$fields" | grep -v '^:\*UDF Non-Allocatable Space' >ours
  agree "udf-$name" truth ours
  accounted "$name.img"
  # It knows no sparing, no virtual partition, no chained entries.
  if [[ $name != hd-* && $name != metadata-* ]]; then
    return
  fi
  # shellcheck disable=SC2086
  python3 "$populate" plain.img plain $options
  ours plain.img "type mtime" >ours
  listed plain.img >theirs
  agree "udf-$name-7z" theirs ours
  rm "$name.img" plain.img
}

check hd-102 8000 short -m hd -r 1.02 -b 512
check hd-150 8000 long -m hd -r 1.50 -b 2048
check hd-201 8000 inicb -m hd -r 2.01 -b 2048
check large-201 8000 inicb -m hd -r 2.01 -b 4096
check metadata-250 8000 'short metadata' -m hd -r 2.01 -b 2048
check dvdram-200 8000 long -m dvdram -r 2.00
check chained-201 8000 inicb -m hd -r 2.01 -b 2048 --strategy=4096
check sparable-150 8000 short -m cdrw -r 1.50
check sparable-201 8000 long -m dvdrw -r 2.01
check virtual-150 8000 inicb -m cdr -r 1.50
check virtual-201 8000 inicb -m dvdr -r 2.01
check virtual-260 8000 inicb -m bdr -r 2.60

# genisoimage's UDF has neither links nor devices, and names as in Joliet.
rm plain/etc/nnn*
genisoimage -quiet -udf -R -J -joliet-long -o bridge.iso plain 2>/dev/null
truth plain "type sha256" >truth
ours bridge.iso "type sha256" | grep -v '^@0x0.udf' >ours
agree udf-bridge-iso truth ours
inner=$("$assay" ls --json bridge.iso | jq -r '.artifacts[]
  | select(.format == "udf") | .path | ltrimstr("bridge.iso")')
ours bridge.iso "type sha256" "$inner" >ours
agree udf-bridge truth ours
accounted bridge.iso
finish
