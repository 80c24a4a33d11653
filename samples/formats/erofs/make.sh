#!/bin/sh
# Makes the samples in the current folder (as root, for owners, devices and
# capabilities; erofs-utils 1.8.6, setfattr from attr).
set -e
mkdir -p tree/bin tree/etc tree/dev
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
setfattr -n security.capability \
  -v 0x0100000200200000000000000000000000000000 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
chown -h 5:6 tree/etc/link
: > tree/etc/empty
yes exact | head -c 1024 > tree/etc/exact
truncate -s 2997 tree/etc/holes
printf end >> tree/etc/holes
seq 1 700 > tree/etc/numbers
chown 70000:100 tree/etc/numbers
{ seq 1 500; echo tail; } > tree/etc/other
for file in numbers other; do
  setfattr -n user.note -v hello tree/etc/$file
  setfattr -n trusted.inert.kind -v text tree/etc/$file
done
setfattr -n user.long -v "$(head -c 100 /dev/zero | tr '\0' x)" tree/etc/other
chmod 1777 tree/etc
mknod -m 600 tree/dev/console c 5 1
mknod -m 660 tree/dev/disk b 259 300
mkfifo -m 644 tree/dev/pipe
chown 7:8 tree/dev/pipe
find tree -exec touch -h -d @1000000000 {} +
make() {
  name=$1
  shift
  mkfs.erofs --quiet -T1000000000 -U00000000-0000-4000-8000-000000000001 \
    "$@" "$name.img" tree
  { echo "# make.sh: $*"; xxd -p -c 38 "$name.img"; } > "$name.hex"
  rm "$name.img"
}
make plain -b512
make chunks -b512 --chunksize=512 -Eforce-chunk-indexes
make lz4 -b512 -zlz4 -Eztailpacking
make legacy -b512 -zlz4hc -Elegacy-compress
make lzma -b2048 -zlzma -C4096 -Efragments
make deflate -b512 -zdeflate -C1024 -Eall-fragments --xattr-prefix=trusted.inert.
make zstd -b512 -zzstd -C2048 -Ededupe,fragments
rm -r tree
