#!/bin/bash
# Partition tables against what sfdisk says is in them: both sector sizes, GPT,
# MBR with logical partitions; and what parted writes for a Mac.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

parts() {  # IMAGE SECTOR: start, size and digest of every partition sfdisk sees
  sfdisk --json "$1" | jq -r '.partitiontable.partitions[]
    | select(.type != "5" and .type != "f") | "\(.start) \(.size)"' |
    while read -r start size; do
      printf '%s %s %s\n' "$start" "$size" "$(tail -c +$((start * $2 + 1)) "$1" |
        head -c $((size * $2)) | sha256sum | cut -d' ' -f1)"
    done | sort
}

seen() {  # IMAGE SECTOR: the same of what assay sees
  "$assay" ls --json "$1" | jq -r --argjson sector "$2" --arg image "$(basename "$1")" '
    .artifacts[] | select(.path | test("^[^!]*!/[^!]*$"))
    | select(.path | ltrimstr($image + "!/") | test("^p[0-9]"))
    | .origin as {$offset, $length} | [$offset, $length] as [$start, $size]
    | "\($start / $sector) \($size / $sector) \(.digests.sha256)"' | sort
}

check() {  # NAME IMAGE SECTOR
  parts "$2" "$3" >expected
  seen "$2" "$3" >found
  agree "$1" expected found
  accounted "$2"
}

openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
  -iv 00000000000000000000000000000000 -in <(head -c 8M /dev/zero) -out noise

cp noise gpt.img
printf 'label: gpt\nstart=2048, size=3000, name="a"\nsize=4096, name="b c/d"\n' |
  sfdisk --quiet gpt.img
check gpt-512 gpt.img 512

cp noise dos.img
printf 'label: dos\nstart=63, size=100, type=c\nstart=2048, type=5\nsize=1000\nsize=2000\nsize=64\n' |
  sfdisk --quiet dos.img
check mbr-logical dos.img 512

cp noise mac.img
parted --script --align none mac.img mklabel mac mkpart one hfs 2000s 2999s \
  mkpart two hfs 4000s 4999s
parted --machine --script mac.img unit s print |
  awk -F: '/^[0-9]/ && $6 != "Apple" && $5 != "free" { print $2, $4 }' | tr -d s |
  while read -r start size; do
    printf '%s %s %s\n' "$start" "$size" "$(tail -c +$((start * 512 + 1)) mac.img |
      head -c $((size * 512)) | sha256sum | cut -d' ' -f1)"
  done | sort >expected
seen mac.img 512 >found
agree apm expected found
accounted mac.img
finish
