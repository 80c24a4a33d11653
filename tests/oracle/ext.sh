#!/bin/bash
# ext2, ext3 and ext4 against the tree that mke2fs was given, in block sizes
# and features it can set, and against debugfs after it changed an image.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
for ((i = 0; i < 60; i++)); do : >"root/etc/deep/$(printf 'indexed-%0100d' "$i")"; done
find root -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
fields="type mode uid gid mtime link device sha256"
truth root "$fields" >truth

quiet() {  # IMAGE: nothing odd was seen in it
  local seen
  seen=$("$assay" ls --json "$1" | jq -r '.artifacts[].anomalies[]?')
  if [[ -n $seen ]]; then
    echo "FAILED: anomalies in $1: $(head -n 3 <<<"$seen")"
    failed=$((failed + 1))
  fi
}

check() {  # NAME SIZE mke2fs-options
  local name=$1 size=$2
  shift 2
  rm -f image
  mke2fs -q -F -d root -E root_owner=0:0 "$@" image "$size" >/dev/null 2>&1 ||
    { echo "mke2fs refuses $name"; failed=$((failed + 1)); return; }
  ours image "$fields" | grep -v -P '^lost\+found\t' >ours
  agree "ext-$name" truth ours
  accounted image
  quiet image
}

check ext2 16M -t ext2 -b 1024
check ext2-4k 16M -t ext2 -b 4096 -I 128
check old 16M -t ext2 -r 0 -b 1024 -O none
check no-filetype 16M -t ext2 -O ^filetype,^sparse_super,^resize_inode -b 2048
check ext3 24M -t ext3 -b 2048
check ext4 24M -t ext4 -b 4096
check ext4-1k 8M -t ext4 -b 1024
check no-checksums 24M -t ext4 -O ^metadata_csum,uninit_bg -b 1024
check 32bit 24M -t ext4 -O ^64bit,^flex_bg,^metadata_csum
check meta-bg 64M -t ext4 -O meta_bg,^resize_inode -b 1024
check sparse-super2 40M -t ext4 -O sparse_super2 -b 1024
check bigalloc 24M -t ext4 -O bigalloc -C 16384 -b 1024
check inline 24M -t ext4 -O inline_data,ea_inode,metadata_csum_seed -b 4096
check quota 24M -t ext4 -O quota,project,orphan_file,mmp,casefold,encrypt
check no-extents 24M -t ext4 -O ^extents,^64bit -b 1024
check 64k 32M -t ext4 -b 65536

# What a kernel would have done since: an index, attributes, removed files.
mke2fs -q -F -t ext4 -d root -O ea_inode,metadata_csum -b 1024 image 24M >/dev/null 2>&1
e2fsck -fyD image >/dev/null 2>&1 || true
head -c 30000 root/big/noise >value
debugfs -w image >/dev/null 2>&1 <<'END'
rm /etc/deep/file7
ea_set /bin/tool user.note some text
ea_set -f value /bin/tool user.large
ea_set /bin/tool security.capability binary
rm /big/noise
END
rm root/etc/deep/file7 root/big/noise
truth root "type mode uid gid link device sha256" >truth
ours image "type mode uid gid link device sha256" | grep -v -P '^lost\+found\t' >ours
agree ext-changed truth ours
accounted image
quiet image

# debugfs reads the same.
find root -type f | LC_ALL=C sort | sed 's/^root//' | awk 'NR % 8 == 1' | while read -r path; do
  printf '%s %s\n' "$path" "$(debugfs -R "cat $path" image 2>/dev/null | sha256sum | cut -d' ' -f1)"
done | LC_ALL=C sort >theirs
"$assay" ls --json image | jq -r '(.artifacts | map({key: .path, value: .}) | from_entries) as $all
  | .artifacts[] | select(.path | startswith("image!/"))
  | (.path | ltrimstr("image!")) as $name
  | (if .type == "hardlink" then $all["image!/" + .link_target] else . end)
  | select((.type // "file") == "file") | "\($name) \(.digests.sha256)"' |
  LC_ALL=C sort | grep -F -f <(cut -d' ' -f1 theirs | sed 's/$/ /') >ours
agree ext-debugfs theirs ours
finish
