#!/bin/bash
# Virtual disks against the raw disk that qemu-img and img2simg were given.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

{ seq 1 300000; head -c 3000000 /dev/zero
  openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
    -iv 00000000000000000000000000000000 -in <(head -c 3M /dev/zero)
  head -c 1000000 /dev/zero | tr '\0' Z; } >guest
truncate -s 12M guest
sha256sum guest | cut -d' ' -f1 >truth

check() {  # NAME IMAGE [MEMBER]
  "$assay" ls --json "$2" | jq -r --arg path "$2!/${3:-disk}" \
    '.artifacts[] | select(.path == $path) | .digests.sha256' >found
  agree "$1" truth found
  accounted "$2"
  rm "$2"
}

convert() {  # NAME FORMAT OPTION...
  local name=$1 format=$2
  shift 2
  qemu-img convert -f raw -O "$format" "$@" guest "$name.img"
  check "$name" "$name.img"
}

convert qcow2 qcow2
convert qcow2-v2 qcow2 -o compat=0.10
convert qcow2-zlib qcow2 -c
convert qcow2-zstd qcow2 -c -o compression_type=zstd
convert qcow2-small qcow2 -o cluster_size=512
convert qcow2-extended qcow2 -o extended_l2=on,cluster_size=128k
convert qcow2-refcounts qcow2 -o refcount_bits=1
convert qcow2-full qcow2 -o preallocation=full
convert vmdk vmdk
convert vmdk-stream vmdk -o subformat=streamOptimized
convert vhd vpc -o force_size=on
convert vhdx vhdx
convert vhdx-large vhdx -o block_size=8M
convert vdi vdi
convert vdi-static vdi -o static=on

img2simg guest sparse.img
check android-sparse sparse.img image
img2simg guest sparse.img 1024
check android-sparse-1024 sparse.img image

# An encrypted disk is said to be one.
qemu-img convert -f raw -O qcow2 --object secret,id=key,data=secret \
  -o encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10 guest luks.img
printf '%s\n' "encrypted with LUKS" >truth
"$assay" ls --json luks.img | grep -o -m 1 'encrypted with LUKS' >found
agree qcow2-luks truth found
finish
