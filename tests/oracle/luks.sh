#!/bin/bash
# Devices that cryptsetup encrypted in place against what went in. Without a
# passphrase, and with a wrong one, nothing of it may come out.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

printf 'secret' >key
printf 'wrong\nsecret\n' >passwords
printf 'wrong\n' >wrong
truncate -s 256K plain
seq 1 30000 | dd of=plain conv=notrunc status=none

payload() {  # IMAGE PASSWORDS...: digest of the payload that assay sees
  local image=$1
  shift
  "$assay" ls --json "$@" "$image" |
    jq -r '.artifacts[] | select(.name == "payload") | .digests.sha256 // "none"'
}

accounted_open() { # as `accounted`, of an opened volume
  local wrong
  wrong=$("$assay" ls --json --password-file passwords "$1" | jq -r '.artifacts[0]
    | . as $a | (reduce (.structure[] | split(" ")[0] | split("+") | map(tonumber)) as $r
      (0; if . == $r[0] then . + $r[1] else -1 end)) | select(. != $a.size)')
  if [[ -n $wrong ]]; then
    echo "FAILED: bytes without an owner in $1"
    failed=$((failed + 1))
  fi
}

encrypt() {  # cryptsetup-options: makes image
  cp plain image
  truncate -s +32M image
  cryptsetup reencrypt --encrypt --batch-mode --key-file key \
    --reduce-device-size 32M "$@" image
  # What was reserved and is not the header's stays as it was, behind the end.
  truncate -s $(($(cryptsetup luksDump image | awk '/offset:/ {print $2; exit}') +
    $(stat -c %s plain))) image
}

check() {  # NAME cryptsetup-options
  local name=$1
  shift
  encrypt "$@"
  sha256sum <plain | cut -d' ' -f1 >truth
  payload image --password-file passwords >ours
  agree "luks-$name" truth ours
  payload image --key key >ours
  agree "luks-$name-key-file" truth ours
  echo none >truth
  payload image >ours
  agree "luks-$name-closed" truth ours
  payload image --password-file wrong >ours
  agree "luks-$name-wrong" truth ours
  accounted image
  accounted_open image
}

light=(--pbkdf-memory 32 --pbkdf-force-iterations 4 --pbkdf-parallel 1)
check v2-argon2id --type luks2 "${light[@]}"
check v2-argon2i --type luks2 --pbkdf argon2i "${light[@]}"
check v2-pbkdf2 --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --hash sha512
check v2-sector --type luks2 --sector-size 4096 "${light[@]}"
check v2-aes128 --type luks2 --key-size 256 "${light[@]}"
check v2-essiv --type luks2 --cipher aes-cbc-essiv:sha256 --key-size 256 "${light[@]}"
check v2-plain --type luks2 --cipher aes-xts-plain "${light[@]}"
check v2-cbc --type luks2 --cipher aes-cbc-plain64 --key-size 128 "${light[@]}"

# Of LUKS1, cryptsetup 2 encrypts nothing in place: the payload is written by
# openssl, sector by sector as dm-crypt numbers them.
truncate -s 4M image
cryptsetup luksFormat --type luks1 --cipher aes-cbc-plain --key-size 256 \
  --batch-mode --key-file key --pbkdf-force-iterations 1000 image
volume_key=$(cryptsetup luksDump --dump-volume-key --batch-mode --key-file key image |
  sed -n '/MK dump:/,$p' | sed 's/MK dump://' | tr -d ' \t\n')
start=$(cryptsetup luksDump image | awk '/Payload offset/ {print $3 * 512}')
head -c 8192 plain >part
: >sealed
for ((i = 0; i < 16; i++)); do
  dd if=part bs=512 skip=$i count=1 status=none |
    openssl enc -aes-256-cbc -nopad -K "$volume_key" \
      -iv "$(printf '%02x000000000000000000000000000000' $i)" >>sealed
done
truncate -s "$start" image
cat sealed >>image
sha256sum <part | cut -d' ' -f1 >truth
payload image --password-file passwords >ours
agree luks-v1 truth ours
accounted image

# A second passphrase in a slot of its own; a killed first slot.
encrypt --type luks2 "${light[@]}"
payload image --password-file passwords >truth
printf 'other' >other
cryptsetup luksAddKey --batch-mode --key-file key "${light[@]}" image other
cryptsetup luksKillSlot --batch-mode --key-file other image 0
payload image --key other >ours
agree luks-second-slot truth ours
echo none >truth
payload image --password-file passwords >ours
agree luks-killed-slot truth ours
accounted image
finish
