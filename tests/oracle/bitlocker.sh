#!/bin/bash
# Volumes that make.py seals, against what libbde reads of them with the same
# password; cryptsetup has to find the same key, where libbde has no cipher.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
make=$(dirname "$known")/../../samples/formats/bitlocker/make.py

recovery=471207-278498-422125-177177-561902-537405-468006-693451
printf 'wrong\nsecret\n' >passwords
printf '%s\n' "$recovery" >recovery
printf 'wrong\n' >wrong
printf 'secret' >key
truncate -s 2M volume
mkntfs -q -F -Q -s 512 -c 4096 volume 2>/dev/null

payload() {  # IMAGE PASSWORDS...: digest of the payload that assay sees
  local image=$1
  shift
  "$assay" ls --json "$@" "$image" |
    jq -r '[.artifacts[] | select(.name == "payload") | .digests.sha256][0] // "none"'
}

libbde() {  # IMAGE: digest of what libbde decrypts
  /usr/bin/python3 - "$1" <<'PY'
import hashlib, pybde, sys
volume = pybde.volume()
volume.set_password("secret")
volume.open(sys.argv[1])
print(hashlib.sha256(volume.read_buffer_at_offset(volume.get_size(), 0)).hexdigest())
PY
}

seal() {  # METHOD FLAGS: makes image, and leaves the device in plain
  cp volume plain
  /usr/bin/python3 "$make" "$1" plain image "${@:2}"
}

check() {  # NAME: image against plain
  sha256sum <plain | cut -d' ' -f1 >truth
  payload image --password-file passwords >ours
  agree "bitlocker-$1" truth ours
  payload image --password-file recovery >ours
  agree "bitlocker-$1-recovery" truth ours
  echo none >truth
  payload image --password-file wrong >ours
  agree "bitlocker-$1-wrong" truth ours
  payload image >ours
  agree "bitlocker-$1-closed" truth ours
  accounted image
}

for method in 8002 8003 8004; do
  seal "$method"
  check "$method"
  libbde image >truth
  payload image --password-file passwords >ours
  agree "bitlocker-$method-libbde" truth ours
done
seal 8003 --to-go
check to-go
libbde image >truth
payload image --password-file passwords >ours
agree bitlocker-to-go-libbde truth ours

# libbde 20190102 refuses the keys of AES-256-XTS.
seal 8005
check 8005
cryptsetup bitlkDump --dump-volume-key --batch-mode --key-file key image |
  sed -n '/MK dump:/,$p' | sed 's/MK dump://' | tr -d ' \t\n' >theirs
printf '%s' "$(printf 'volume key' | sha512sum | cut -d' ' -f1)" >ours
agree bitlocker-8005-key theirs ours

seal 8004 --partly
check partly
seal 8004 --clear-key
sha256sum <plain | cut -d' ' -f1 >truth
payload image >ours
agree bitlocker-clear-key truth ours
finish
