#!/bin/bash
# XFS against the tree that mkfs.xfs was given by a prototype file (which has
# no times, hard links and sticky bits), in both versions, block and directory
# sizes; and against xfs_db's attributes.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
chmod 755 root/var/empty
for ((i = 0; i < 300; i++)); do : >"root/etc/deep/$(printf 'indexed-%0100d' "$i")"; done
fields="type mode uid gid link device sha256"
truth root "$fields" >truth

proto() {  # DIR: its entries
  local path mode
  for path in "$1"/*; do
    mode=$(stat -c %a "$path")
    mode=$(printf '%04d' "$mode")
    case ${mode:0:1} in 4) mode=u-${mode:1} ;; 2) mode=-g${mode:1} ;; *) mode=--${mode:1} ;; esac
    printf '%s ' "${path##*/}"
    set -- "$1" "$mode $(stat -c '%u %g' "$path")"
    case $(stat -c %F "$path") in
      directory) printf 'd%s\n' "$2"; proto "$path"; printf '$\n' ;;
      "symbolic link") printf 'l%s %s\n' "$2" "$(readlink "$path")" ;;
      "character special file") printf 'c%s %d %d\n' "$2" "0x$(stat -c %t "$path")" "0x$(stat -c %T "$path")" ;;
      "block special file") printf 'b%s %d %d\n' "$2" "0x$(stat -c %t "$path")" "0x$(stat -c %T "$path")" ;;
      fifo) printf 'p%s\n' "$2" ;;
      *) printf -- '-%s %s\n' "$2" "$PWD/$path" ;;
    esac
  done
}
{ printf 'ignored\n0 0\nd--755 0 0\n'; proto root; printf '$\n'; } >prototype

check() {  # NAME mkfs.xfs-options
  local name=$1 seen
  shift
  rm -f image
  truncate -s 48M image
  mkfs.xfs --unsupported -q -p prototype "$@" image >/dev/null 2>messages ||
    { echo "mkfs.xfs refuses $name"; cat messages; failed=$((failed + 1)); return; }
  ours image "$fields" >ours
  agree "xfs-$name" truth ours
  accounted image
  seen=$("$assay" ls --json image | jq -r '.artifacts[].anomalies[]?.id')
  if [[ -n $seen ]]; then
    echo "FAILED: anomalies in $name: $(head -n 3 <<<"$seen")"
    failed=$((failed + 1))
  fi
}

check v5
check v5-groups -d agcount=3 -b size=1024
check v5-large -b size=4096 -i size=2048 -n size=8192 -s size=4096
check v5-more -m rmapbt=1,reflink=1,bigtime=1,inobtcount=1 -i nrext64=1
check v5-less -m finobt=0,reflink=0,bigtime=0,inobtcount=0 -i sparse=0 -b size=2048
check v4 -m crc=0
check v4-ftype -m crc=0 -n ftype=1 -b size=512 -i size=256
check v4-dir -m crc=0 -n size=16384 -b size=4096

# Attributes: in the inode, in a leaf, in blocks of their own, in a tree.
rm -f image
truncate -s 48M image
mkfs.xfs --unsupported -q -p prototype -b size=1024 image >/dev/null 2>&1
inode=$(xfs_db -c 'ls /bin' image | awk '$6 == "tool" || $7 == "tool" {print $2}')
commands=()
for ((i = 0; i < 60; i++)); do
  commands+=(-c "attr_set -u -v $((i * 37 + 1)) name$i")
done
xfs_db -x -c "inode $inode" "${commands[@]}" image >/dev/null
for ((i = 0; i < 60; i++)); do
  printf 'user.name%d=%s\n' "$i" "$(head -c $((i * 37 + 1)) /dev/zero | tr '\0' v)"
done | LC_ALL=C sort >truth
"$assay" ls --json image | jq -r '.artifacts[] | select(.path == "image!/bin/tool").xattrs[]' |
  LC_ALL=C sort >ours
agree xfs-attributes truth ours
accounted image
finish
