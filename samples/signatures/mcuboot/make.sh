#!/bin/bash
# Makes the samples of this folder anew, with throw-away keys, by openssl, from
# the layout in MCUboot's documentation (imgtool is not in Debian).
set -euo pipefail
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
key() {  # NAME OPTIONS
  openssl genpkey "${@:2}" -out "$1.key" 2>/dev/null
  openssl pkey -in "$1.key" -pubout -out "$here/$1.pub.pem"
}
key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa3072 -algorithm RSA -pkeyopt rsa_keygen_bits:3072
key p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key other -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key ed25519 -algorithm ED25519
le() {  # BYTES VALUE
  for ((i = 0; i < $1; i++)); do printf '%02x' $((($2 >> (8 * i)) & 255)); done | xxd -r -p
}
tlv() {  # TYPE FILE
  le 2 "$1"; le 2 "$(stat -c %s "$2")"; cat "$2"
}
area() {  # MAGIC FILE
  le 2 "$1"; le 2 $(($(stat -c %s "$2") + 4)); cat "$2"
}
hash_of() {  # KEY
  if [[ $1 == rsa* ]]; then
    openssl rsa -in "$1.key" -RSAPublicKey_out -outform DER 2>/dev/null
  else
    openssl pkey -in "$1.key" -pubout -outform DER
  fi | openssl dgst -sha256 -binary
}
sign() {  # KEY FILE: of the digest, as imgtool does
  case $1 in
    rsa*) openssl dgst -sha256 -sign "$1.key" -sigopt rsa_padding_mode:pss \
      -sigopt rsa_pss_saltlen:32 "$2" ;;
    ed25519) openssl dgst -sha256 -binary "$2" >digest
      openssl pkeyutl -sign -rawin -inkey "$1.key" -in digest ;;
    *) openssl dgst -sha256 -sign "$1.key" "$2" ;;
  esac
}
type_of() {
  case $1 in rsa) echo 0x20 ;; rsa3072) echo 0x23 ;; ed25519) echo 0x24 ;; *) echo 0x22 ;; esac
}
printf 'inert firmware for a microcontroller' >payload
le 4 7 >counter
image() {  # FLAGS: header, payload and protected fields
  tlv 0x50 counter >fields
  area 0x6908 fields >protected
  le 4 0x96f3b83d; le 4 0; le 2 32; le 2 "$(stat -c %s protected)"
  le 4 "$(stat -c %s payload)"; le 4 "${1-0}"; le 1 1; le 1 2; le 2 3; le 4 4; le 4 0
  cat payload protected
}
finish() {  # FILE FIELDS...: the unprotected area
  cat "${@:2}" >fields
  { cat image; area 0x6907 fields; } >"$here/$1.bin"
}
for name in rsa rsa3072 p256 ed25519; do
  image >image
  openssl dgst -sha256 -binary image >value; tlv 0x10 value >digest.tlv
  hash_of $name >value; tlv 0x01 value >key.tlv
  sign $name image >value; tlv "$(type_of $name)" value >signature.tlv
  finish $name digest.tlv key.tlv signature.tlv
  cp signature.tlv $name.tlv; cp key.tlv $name.key.tlv
done
image >image
openssl dgst -sha256 -binary image >value; tlv 0x10 value >digest.tlv
finish both digest.tlv p256.key.tlv p256.tlv ed25519.key.tlv ed25519.tlv
finish nokey digest.tlv p256.tlv
tlv 0x50 counter >counter.tlv
finish counter digest.tlv p256.key.tlv p256.tlv counter.tlv
finish nodigest p256.key.tlv p256.tlv
finish unsigned digest.tlv
# Pure: over the image itself; 0x25 says so.
openssl pkeyutl -sign -rawin -inkey ed25519.key -in image >value
tlv 0x24 value >signature.tlv
: >empty; tlv 0x25 empty >pure.tlv
finish pure pure.tlv ed25519.key.tlv signature.tlv
image 4 >image
openssl dgst -sha256 -binary image >value; tlv 0x10 value >digest.tlv
finish encrypted digest.tlv p256.key.tlv p256.tlv
