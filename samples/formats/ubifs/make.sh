#!/bin/sh
# Makes the samples in the current folder (as root, for owners and devices;
# mtd-utils 2.1.5, Python 3). mkfs.zlib.hex is what
# mkfs.ubifs made, deflated, as images of it are mostly erased flash.
set -e
here=$(dirname "$0")
mkdir -p tree/bin tree/dev tree/etc
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
chown -h 5:6 tree/etc/link
: > tree/etc/empty
seq 1 1100 > tree/etc/numbers
truncate -s 20000 tree/etc/holes
printf end >> tree/etc/holes
chown 1000:100 tree/etc/numbers
mknod -m 600 tree/dev/console c 5 1
mknod -m 660 tree/dev/disk b 259 300
mkfifo tree/dev/pipe
chmod 1777 tree/etc
find tree -exec touch -h -d @1000000000 {} +
mkfs.ubifs -r tree -o mkfs.ubifs -m 8 -e 15360 -c 40 -x zstd
python3 -c 'import sys, zlib
sys.stdout.buffer.write(zlib.compress(open("mkfs.ubifs", "rb").read(), 9))' |
  xxd -p -c 38 > mkfs.zlib.hex
python3 "$here/journal.py" > journal.hex
