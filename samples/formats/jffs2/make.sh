#!/bin/sh
# Makes the samples in the current folder (as root, for owners and devices;
# mtd-utils 2.1.5, setfattr from attr, Python 3).
set -e
here=$(dirname "$0")
mkdir -p tree/bin tree/dev tree/etc
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
setfattr -n security.capability \
  -v 0x0100000200200000000000000000000000000000 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
chown -h 5:6 tree/etc/link
: > tree/etc/empty
seq 1 1100 > tree/etc/numbers
chown 1000:100 tree/etc/numbers
setfattr -n user.note -v hello tree/etc/numbers
mknod -m 600 tree/dev/console c 5 1
mknod -m 660 tree/dev/disk b 8 17
mkfifo tree/dev/pipe
chmod 1777 tree/etc
find tree -exec touch -h -d @1000000000 {} +
make() {
  name=$1
  shift
  mkfs.jffs2 -d tree -o "$name.img" -e 16KiB --with-xattr "$@"
}
make zlib -l -x rtime -n
make rtime -b -X rtime -x zlib
make lzo -b -n -X lzo -x zlib -x rtime
make plain -l -m none -e 8KiB
sumtool -l -e 8KiB -i plain.img -o summary.img
rm plain.img
for name in zlib rtime lzo summary; do
  xxd -p -c 38 "$name.img" > "$name.hex"
done
python3 "$here/log.py" > log.hex
