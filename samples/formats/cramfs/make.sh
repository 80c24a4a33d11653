#!/bin/sh
# Makes the samples in the current folder (as root, for owners and devices;
# mkfs.cramfs from util-linux 2.38).
set -e
mkdir -p tree/bin tree/dev tree/etc tree/none
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
cp -p tree/bin/su tree/bin/same
ln -s ../bin/su tree/etc/link
chown -h 5:6 tree/etc/link
: > tree/etc/empty
seq 1 1100 > tree/etc/numbers
truncate -s 9000 tree/etc/holes
printf end >> tree/etc/holes
chown 1000:100 tree/etc/numbers
mknod -m 600 tree/dev/console c 5 1
mkfifo tree/dev/pipe
chmod 1777 tree/etc
mkfs.cramfs -z -N little tree little.img
mkfs.cramfs -z -N big tree big.img
mkfs.cramfs -p -N little -n boot tree boot.img
for name in little big boot; do
  xxd -p -c 38 "$name.img" > "$name.hex"
done
