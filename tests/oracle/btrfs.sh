#!/bin/bash
# Btrfs against the tree that mkfs.btrfs was given (which keeps no device
# numbers), in profiles, checksums and sizes it can set; and with copies of data
# that differ.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
fields="type mode uid gid mtime link sha256"
truth root "$fields" >truth

check() {  # NAME mkfs.btrfs-options
  local name=$1 seen
  shift
  rm -f image
  truncate -s 256M image
  mkfs.btrfs -q --rootdir root "$@" image >/dev/null 2>messages ||
    { echo "mkfs.btrfs refuses $name"; cat messages; failed=$((failed + 1)); return; }
  ours image "$fields" >ours
  agree "btrfs-$name" truth ours
  accounted image
  seen=$("$assay" ls --json image | jq -r '.artifacts[].anomalies[]?.id')
  if [[ -n $seen ]]; then
    echo "FAILED: anomalies in $name: $(head -n 3 <<<"$seen")"
    failed=$((failed + 1))
  fi
}

check mixed --shrink -M --csum crc32c -n 4096
check single --shrink -m single -d single --csum sha256
check xxhash --shrink -m single --csum xxhash -n 65536
check holes --shrink -m single -O ^no-holes -R ^free-space-tree
check dup --shrink -m dup -d dup

# The second copy of a file's data says something else.
noise=$(head -c 32 root/big/noise | xxd -p -c 64)
place=$(LC_ALL=C grep -obUaP "$(sed 's/../\\x&/g' <<<"$noise")" image | tail -n 1 | cut -d: -f1)
printf 'other' | dd of=image bs=1 seek="$place" conv=notrunc 2>/dev/null
"$assay" ls --json image | jq -r '.artifacts[].anomalies[]?.id' | LC_ALL=C sort -u >ours
printf '%s\n' btrfs.ambiguous-copies btrfs.checksum-mismatch >expected
agree btrfs-copies expected ours
finish
