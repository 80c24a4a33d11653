#!/bin/sh
# Makes the sample in the current folder (as root, for devices; genromfs
# 0.5.2). What genromfs appends to fill a block of 1 KiB is cut off.
set -e
mkdir -p tree/bin tree/dev tree/etc
printf 'inert: not a program\n' > tree/bin/su
chmod 755 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
: > tree/etc/empty
seq 1 300 > tree/etc/a-name-of-more-than-sixteen-bytes
mknod tree/dev/console c 5 1
mknod tree/dev/disk b 8 17
mkfifo tree/dev/pipe
genromfs -d tree -V sample -f plain.img
head -c $((0x$(xxd -p -s 8 -l 4 plain.img))) plain.img |
  xxd -p -c 64 > plain.hex
