#!/bin/sh
# Makes the samples, but for holes.hex, in the current folder (as root, for
# owners and capabilities; squashfs-tools 4.5.1, setfattr from attr).
set -e
mkdir -p tree/bin tree/etc
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
setfattr -n security.capability \
  -v 0x0100000200200000000000000000000000000000 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
chown -h 5:6 tree/etc/link
: > tree/etc/empty
yes exact | head -c 8192 > tree/etc/exact
truncate -s 19997 tree/etc/holes
printf end >> tree/etc/holes
seq 1 1100 > tree/etc/numbers
chown 1000:100 tree/etc/numbers
setfattr -n user.note -v hello tree/etc/numbers
setfattr -n user.long -v "$(head -c 300 /dev/zero | tr '\0' x)" tree/etc/numbers
chmod 1777 tree/etc
cat > pseudo <<'END'
dev d 755 0 0
dev/console c 600 0 5 5 1
dev/disk b 660 0 6 259 300
dev/pipe i 644 7 8 f
dev/sock i 700 9 9 s
END
make() {
  name=$1
  shift
  mksquashfs tree "$name.squashfs" "$@" -b 4096 -pf pseudo -nopad -noappend \
    -all-time 1000000000 -mkfs-time 1000000000 -quiet -no-progress
  xxd -p -c 38 "$name.squashfs" > "$name.hex"
}
for name in gzip lzma lzo lz4 xz zstd; do
  make $name -comp $name
done
make plain -noI -noD -noF -noX -no-fragments
