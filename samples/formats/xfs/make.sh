#!/bin/sh
# Makes the samples in the current folder (xfsprogs 6.1.0).
set -e
here=$(dirname "$(realpath "$0")")
printf 'inert: not a program\n' > su
seq 1 700 > numbers
: > empty
{
  printf 'ignored\n0 0\nd--755 0 0\n'
  printf 'bin d--755 0 0\nsu -u-755 0 0 su\n$\n'
  printf 'dev d--755 0 0\nconsole c--600 0 5 5 1\ndisk b--660 0 6 259 300\n'
  printf 'pipe p--644 7 8\n$\n'
  printf 'etc d--755 0 0\nempty ---644 0 0 empty\n'
  printf 'numbers ---644 70000 80000 numbers\nlink l--777 5 6 ../bin/su\n'
  printf 'long l--777 0 0 %s\n$\n' "$(head -c 300 /dev/zero | tr '\0' l)"
  printf 'many d--755 0 0\n'
  for i in $(seq 12); do printf 'name-%0100d ---644 0 0 empty\n' "$i"; done
  printf '$\n$\n'
} > proto
# NAME MKFS-OPTIONS: the image, with attributes on bin/su as xfs_db sets them.
make() {
  name=$1
  shift
  rm -f "$name.img"
  truncate -s 16M "$name.img"
  mkfs.xfs --unsupported -q -p proto "$@" "$name.img"
  su=$(xfs_db -c 'sb 0' -c 'p rootino' "$name.img" | sed 's/.*= //')
  su=$((su + 4))
  xfs_db -x -c "inode $su" -c 'attr_set -u -v 5 note' \
    -c 'attr_set -s -v 20 capability' "$name.img" >/dev/null
  [ "$name" = v4 ] || xfs_db -x -c "inode $su" \
    -c 'attr_set -u -v 1500 large' "$name.img" >/dev/null
  { echo "# mkfs.xfs -p proto $*"; "$here/../../sparse_hex.sh" "$name.img"; } \
    > "$name.hex"
}
uuid=uuid=01234567-89ab-cdef-0123-456789abcdef
make v5 -b size=1024 -d agcount=1 -m $uuid,bigtime=1,rmapbt=1,reflink=1,inobtcount=1
make v4 -b size=1024 -d agcount=1 -m crc=0,$uuid -n ftype=0
