#!/bin/bash
# F2FS against the tree that sload.f2fs was given (which keeps no hard links,
# pipes, devices and attributes), with and without further features. Not with
# flexible_inline_xattr: sload.f2fs 1.15 puts addresses where Linux has attributes.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
rm -f root/dev/console root/dev/disk root/dev/fifo
for ((i = 0; i < 300; i++)); do printf '%s\n' "$i" >"root/etc/deep/$(printf 'indexed-%0100d' "$i")"; done
for ((i = 0; i < 3000; i++)); do printf '%4096d' "$i"; done >root/big/indirect
find root -exec touch -h -d '2024-05-06 07:08:10 UTC' {} +
fields="type mode uid gid mtime link sha256"
truth root "$fields" >truth

check() {  # NAME FEATURES
  local name=$1 features=$2 seen
  rm -f image
  truncate -s 96M image
  mkfs.f2fs -q -f ${features:+-O "$features"} image >/dev/null 2>&1
  # Its status is that of the check that follows, which always mends something.
  sload.f2fs -f root -P -T 1714979290 image >/dev/null 2>&1 || true
  ours image "$fields" | grep -v -P '^lost\+found\t' >ours
  agree "f2fs-$name" truth ours
  accounted image
  seen=$("$assay" ls --json image | jq -r '.artifacts[].anomalies[]?.id')
  if [[ -n $seen ]]; then
    echo "FAILED: anomalies in $name: $(head -n 3 <<<"$seen")"
    failed=$((failed + 1))
  fi
}

check plain ""
check checked extra_attr,inode_checksum,sb_checksum,inode_crtime
check found lost_found
finish
