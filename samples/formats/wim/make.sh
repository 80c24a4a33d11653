#!/bin/sh
# Makes the samples in the current folder (as root, for owners and devices;
# wimtools 1.13.6).
set -e
here=$(dirname "$(realpath "$0")")
mkdir -p tree/bin tree/etc tree/dev
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
: > tree/etc/empty
cp tree/bin/su tree/etc/same
# More than one chunk, which compress well.
for i in 1 2 3 4; do seq 1 2000; done > tree/etc/numbers
printf 'wide\n' > "tree/etc/Ω"
chown 100:101 tree/etc/numbers
mknod tree/dev/console c 5 1
find tree -exec touch -h -d '2001-09-09 01:46:40 UTC' {} +
make() {
  name=$1
  shift
  rm -f "$name.wim"
  wimcapture tree "$name.wim" "$@" > /dev/null 2>&1
  { echo "# wimcapture tree $name.wim $*"
    "$here/../../sparse_hex.sh" "$name.wim"; } > "$name.hex"
}
make xpress --unix-data --compress=xpress --check
make lzx --unix-data --compress=lzx
make solid --unix-data --compress=lzx --solid --solid-compress=LZX
seq 1 30 > tree/etc/numbers
touch -d '2001-09-09 01:46:40 UTC' tree/etc tree/etc/numbers
make stored --unix-data --compress=none --check
make lzms --compress=lzms --solid
# Two images, the second with one file changed.
wimcapture tree two.wim one --compress=none > /dev/null 2>&1
printf 'changed\n' > tree/etc/numbers
wimappend tree two.wim two > /dev/null 2>&1
{ echo "# wimcapture tree two.wim one; wimappend tree two.wim two"
  "$here/../../sparse_hex.sh" two.wim; } > two.hex
