#!/bin/sh
# Makes the samples in the current folder (as root, for owners;
# f2fs-tools 1.15.0).
set -e
here=$(dirname "$(realpath "$0")")
mkdir -p tree/bin tree/etc tree/dev
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
ln -s ../bin/su tree/etc/link
: > tree/etc/empty
seq 1 1100 > tree/etc/numbers
chown 1000:100 tree/etc/numbers
chmod 1777 tree/etc
for i in 1 2 3 4 5 6 7 8; do
  : > "$(printf 'tree/dev/name-%0200d' $i)"
done
find tree -exec touch -h -d '2001-09-09 01:46:40 UTC' {} +
features=extra_attr,inode_checksum,sb_checksum,inode_crtime,compression
rm -f checked.img
truncate -s 64M checked.img
mkfs.f2fs -q -f -O $features checked.img >/dev/null
sload.f2fs -f tree -P -T 1000000000 checked.img >/dev/null
{ echo "# mkfs.f2fs -O $features; sload.f2fs -f tree -P -T 1000000000"
  "$here/../../sparse_hex.sh" checked.img; } > checked.hex
