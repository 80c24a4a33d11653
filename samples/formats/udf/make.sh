#!/bin/sh
# Makes the samples in the current folder (as root, for owners and devices;
# mkudffs of udftools 2.3, genisoimage 1.1.11). mkudffs makes empty volumes,
# populate.py fills them.
set -e
here=$(dirname "$(realpath "$0")")
mkdir -p tree/bin tree/etc/deep tree/dev
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
ln -s /bin/su tree/etc/absolute
: > tree/etc/empty
for i in 1 2 3 4 5; do
  printf 'block %s\n' $i >> tree/etc/blocks
  truncate -s ${i}K tree/etc/blocks
done
chown 100:101 tree/etc/blocks
printf 'wide\n' > "tree/etc/Ω"
printf 'x\n' > tree/etc/deep/with.streams
{ printf head; head -c 9000 /dev/zero; printf tail; } > tree/etc/deep/holes
mknod tree/dev/console c 5 1
mknod tree/dev/disk b 8 17
mkfifo tree/dev/pipe
chmod 1777 tree/etc
find tree -exec touch -h -d '2001-09-09 01:46:40 UTC' {} +
make() {  # NAME BLOCKS POPULATE-OPTIONS mkudffs-options...
  name=$1 blocks=$2 options=$3
  shift 3
  rm -f "$name.img"
  mkudffs -u 0123456789abcdef --new-file "$@" "$name.img" "$blocks" > /dev/null
  # shellcheck disable=SC2086
  python3 "$here/populate.py" "$name.img" "$from" $options
  { echo "# mkudffs $* $blocks; populate.py $from $options"
    "$here/../../sparse_hex.sh" "$name.img"; } > "$name.hex"
}
from=tree
make hd-102 400 short -m hd -r 1.02 -b 512
make hd-201 1200 'inicb streams' -m hd -r 2.01 -b 512
make long-200 600 'long streams' -m hd -r 2.00 -b 2048
from=tree/etc/deep  # in two copies
make metadata-250 1200 'short metadata streams' -m hd -r 2.01 -b 512
from=tree
make sparable-150 2000 short -m cdrw -r 1.50
make virtual-150 600 inicb -m cdr -r 1.50
make virtual-260 600 inicb -m bdr -r 2.60
