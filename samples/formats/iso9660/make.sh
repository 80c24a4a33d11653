#!/bin/sh
# Makes the samples in the current folder (as root, for owners and devices;
# genisoimage 1.1.11).
set -e
here=$(dirname "$(realpath "$0")")
mkdir -p tree/bin tree/etc tree/dev tree/a/b/c/d/e/f/g/h/deep
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
ln -s ../bin/su tree/etc/link
: > tree/etc/empty
seq 1 700 > tree/etc/numbers
chown 1000:100 tree/etc/numbers
mknod tree/dev/console c 5 1
mkfifo tree/dev/pipe
chmod 1777 tree/etc
printf 'deep\n' > tree/a/b/c/d/e/f/g/h/deep/file
printf 'boot sector, inert' > tree/boot.img
truncate -s 2048 tree/boot.img
: > "tree/etc/$(printf 'long-%0100d' 1)"
find tree -exec touch -h -d '2001-09-09 01:46:40 UTC' {} +
make() {
  name=$1
  shift
  TZ=UTC genisoimage -quiet -no-pad -V TEST -o "$name.iso" "$@" tree
  { echo "# genisoimage $*"; "$here/../../sparse_hex.sh" "$name.iso"; } \
    > "$name.hex"
}
make rock -R -J -joliet-long -b boot.img -no-emul-boot -c boot.cat
make joliet -J -joliet-long
