#!/bin/bash
# JFFS2 against the tree that mkfs.jffs2 was given: every compressor, both byte
# orders, with and without clean markers, summaries and padding.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
fields="type mode uid gid mtime link device sha256"
truth root "$fields" >truth
check() {  # NAME OPTIONS
  local name=$1
  shift
  mkfs.jffs2 -d root -o "$name.img" "$@"
  ours "$name.img" "$fields" >ours
  agree "jffs2-$name" truth ours
  accounted "$name.img"
}
for order in l b; do
  check "zlib-$order" "-$order" -x rtime -x lzo
  check "rtime-$order" "-$order" -x zlib -X rtime -x lzo -n -e 128KiB
  check "lzo-$order" "-$order" -x zlib -x rtime -X lzo -e 16KiB -p
  check "none-$order" "-$order" -m none -s 8192 -c 64
  check "size-$order" "-$order" -m size -X lzo -X rtime -e 256KiB -p
  sumtool "-$order" -e 64KiB -i "zlib-$order.img" -o "summary-$order.img"
  ours "summary-$order.img" "$fields" >ours
  agree "jffs2-summary-$order" truth ours
  accounted "summary-$order.img"
done

# What a device table adds is not in the tree.
mkdir small
printf 'x\n' >small/x
cat >table <<'END'
/dev d 755 0 0 - - - - -
/dev/mtd c 640 3 4 90 0 0 2 4
/dev/mtdblock b 660 0 6 31 7 - - -
/pipe p 600 1 1 - - - - -
END
mkfs.jffs2 -d small -D table -b -o table.img
ours table.img "type mode uid gid device" >ours
cat >truth <<'END'
dev	directory	0755	0	0	
dev/mtd0	char-device	0640	3	4	90:0
dev/mtd1	char-device	0640	3	4	90:2
dev/mtd2	char-device	0640	3	4	90:4
dev/mtd3	char-device	0640	3	4	90:6
dev/mtdblock	block-device	0660	0	6	31:7
pipe	fifo	0600	1	1	
END
printf 'x\tfile\t%04o\t%s\t%s\t\n' "0$(stat -c %a small/x)" "$(id -u)" "$(id -g)" >>truth
LC_ALL=C sort -o truth truth
agree jffs2-table truth ours
finish
