#!/bin/sh
# Makes the samples in the current folder (as root, for owners and devices;
# mkfs.minix and fsck.minix of util-linux 2.38.1). mkfs makes empty file
# systems, populate.py fills them; fsck finds the little-endian ones clean.
set -e
here=$(dirname "$(realpath "$0")")
mkdir -p tree/bin tree/etc/deep tree/dev
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
: > tree/etc/empty
for i in 1 2 3 4 5 6 7 8 9; do  # more than what the inode points to
  printf 'block %s\n' $i >> tree/etc/blocks
  truncate -s ${i}K tree/etc/blocks
done
chown 100:101 tree/etc/blocks
truncate -s 599997 tree/etc/holes
printf end >> tree/etc/holes
printf x > tree/etc/deep/fourteen-chars
mknod tree/dev/console c 5 1
mknod tree/dev/disk b 8 17
mkfifo tree/dev/pipe
chmod 1777 tree/etc
find tree -exec touch -h -d '2001-09-09 01:46:40 UTC' {} +
make() {
  name=$1 order=$2
  shift 2
  rm -f "$name.img"
  truncate -s 48k "$name.img"
  mkfs.minix -i 32 "$@" "$name.img" > /dev/null
  # shellcheck disable=SC2086
  python3 "$here/populate.py" "$name.img" tree $order
  test -n "$order" || fsck.minix -f "$name.img"
  { echo "# mkfs.minix -i 32 $*; populate.py tree $order"
    "$here/../../sparse_hex.sh" "$name.img"; } > "$name.hex"
}
make v1 '' -1 -n 30
make v1-14-big big -1 -n 14
make v2 '' -2 -n 14
make v2-30-big big -2 -n 30
make v3 '' -3
make v3-big big -3
