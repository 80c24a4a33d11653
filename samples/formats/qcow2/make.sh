#!/bin/bash
# Writes the samples next to this script; needs qemu-utils and xxd.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# 5 KiB: numbers, a hole, numbers.
seq 1 400 >guest
truncate -s 4096 guest
seq 401 600 >>guest
truncate -s 5120 guest

keep() {  # NAME TITLE
  {
    echo "# make.sh: $2"
    xxd -p -c 38 "$1.qcow2"
  } >"$here/$1.hex"
}
make() {  # NAME OPTION...
  local name=$1
  shift
  qemu-img convert -f raw -S 512 -O qcow2 "$@" guest "$name.qcow2"
  keep "$name" "qemu-img convert $*"
}
make plain -o cluster_size=512
make deflate -c -o cluster_size=512
make zstd -c -o cluster_size=512,compression_type=zstd

# The disk as it was, and one cluster written since.
cp plain.qcow2 snapshot.qcow2
qemu-img amend -o compat=0.10 snapshot.qcow2
qemu-img snapshot -c before snapshot.qcow2
qemu-io -c 'write -P 0x41 512 512' snapshot.qcow2 >/dev/null
keep snapshot "version 2, a snapshot, then 512 times A at 512"

qemu-img create -q -f raw base.raw 5120
qemu-img create -q -f qcow2 -o cluster_size=512 -b base.raw -F raw backed.qcow2
qemu-io -c 'write -P 0x42 0 512' backed.qcow2 >/dev/null
keep backed "a backing file base.raw, 512 times B at 0"
