#!/bin/sh
# Makes the samples in the current folder (as root, for owners and extended
# attributes; btrfs-progs 6.2, setfattr from attr).
set -e
here=$(dirname "$(realpath "$0")")
mkdir -p tree/bin tree/etc tree/dev
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
setfattr -n security.capability \
  -v 0x0100000200200000000000000000000000000000 tree/bin/su
ln -s ../bin/su tree/etc/link
chown -h 70000:80000 tree/etc/link
: > tree/etc/empty
seq 1 1100 > tree/etc/numbers
chown 1000:100 tree/etc/numbers
setfattr -n user.note -v hello tree/etc/numbers
truncate -s 19997 tree/etc/holes
printf end >> tree/etc/holes
mknod tree/dev/console c 5 1
mkfifo tree/dev/pipe
chmod 1777 tree/etc
find tree -exec touch -h -d '2001-09-09 01:46:40 UTC' {} +
mkfs.btrfs -q --shrink --rootdir tree -n 4096 -M --csum xxhash \
  -U 01234567-89ab-cdef-0123-456789abcdef mixed.img
{ echo "# mkfs.btrfs --shrink --rootdir tree -n 4096 -M --csum xxhash"
  "$here/../../sparse_hex.sh" mixed.img; } > mixed.hex
