#!/bin/sh
# Makes the samples in the current folder (as root, for owners and extended
# attributes; e2fsprogs 1.47.0, setfattr from attr).
set -e
here=$(dirname "$(realpath "$0")")
mkdir -p tree/bin tree/etc tree/dev tree/many
printf 'inert: not a program\n' > tree/bin/su
chmod 4755 tree/bin/su
setfattr -n security.capability \
  -v 0x0100000200200000000000000000000000000000 tree/bin/su
ln tree/bin/su tree/bin/su2
ln -s ../bin/su tree/etc/link
chown -h 70000:80000 tree/etc/link
ln -s "$(head -c 100 /dev/zero | tr '\0' l)" tree/etc/long
: > tree/etc/empty
seq 1 700 > tree/etc/numbers
chown 1000:100 tree/etc/numbers
setfattr -n user.note -v hello tree/etc/numbers
truncate -s 19997 tree/etc/holes
printf end >> tree/etc/holes
mknod tree/dev/console c 5 1
mknod tree/dev/disk b 259 300
mkfifo tree/dev/pipe
chmod 1777 tree/etc
for i in 1 2 3 4 5 6 7 8; do : > "tree/many/$(printf 'name-%080d' $i)"; done
find tree -exec touch -h -d '2001-09-09 01:46:40 UTC' {} +
make() {
  name=$1 size=$2
  shift 2
  E2FSPROGS_FAKE_TIME=1000000000 mke2fs -q -F -d tree -N 32 -m 0 \
    -U 01234567-89ab-cdef-0123-456789abcdef \
    -E hash_seed=01234567-89ab-cdef-0123-456789abcdef,root_owner=0:0 \
    "$@" "$name.img" "$size"
  { echo "# mke2fs -d tree $*"; "$here/../../sparse_hex.sh" "$name.img"; } \
    > "$name.hex"
}
make ext2 96k -t ext2 -b 1024
make ext4 160k -t ext4 -b 1024 -I 256 -O '^has_journal,metadata_csum,64bit'
make inline 160k -t ext4 -b 1024 -I 256 \
  -O '^has_journal,metadata_csum,inline_data,metadata_csum_seed,ea_inode'
