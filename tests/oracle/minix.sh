#!/bin/bash
# Minix in every version, name length and byte order against the tree that
# samples/formats/minix/populate.py put into what mkfs.minix made; fsck.minix
# finds the little-endian ones clean and lists the same names.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
populate=$(dirname "$known")/../../samples/formats/minix/populate.py

tree root
seq 1 300000 >root/big/more  # needs doubly indirect blocks
touch -h -d '2024-05-06 07:08:10 UTC' root/big/more root/big
find root -print0 | while IFS= read -r -d '' path; do  # 8 bits for groups
  chown -h 10:11 "$path"
done

for longest in 14 30 60; do
  cp -a root "tree$longest"
  find "tree$longest" -regextype posix-extended -depth \
    -regex ".*/[^/]{$((longest + 1)),}" -delete
  find "tree$longest" -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
  truth "tree$longest" "type mode uid gid mtime link device sha256" \
    >"truth$longest"
done

check() {  # NAME LONGEST ORDER mkfs-options
  local name=$1 longest=$2 order=$3
  shift 3
  rm -f image
  truncate -s 8M image
  mkfs.minix "$@" image >/dev/null
  # shellcheck disable=SC2086
  python3 "$populate" image "tree$longest" $order
  ours image "type mode uid gid mtime link device sha256" >ours
  agree "minix-$name" "truth$longest" ours
  accounted image
  if [[ -z $order ]]; then
    fsck.minix -f -l image | sed -n 's/:$//; s/^\///p' | LC_ALL=C sort >listed
    cut -f1 "truth$longest" >names
    agree "minix-$name-fsck" listed names
  fi
}

check v1-14 14 '' -1 -n 14
check v1-30 30 '' -1 -n 30
check v2-14 14 '' -2 -n 14
check v2-30 30 '' -2 -n 30
check v3 60 '' -3
check v1-big 30 big -1 -n 30
check v2-big 14 big -2 -n 14
check v3-big 60 big -3
finish
