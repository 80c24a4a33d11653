#!/bin/bash
# Makes the samples of this folder anew, with throw-away keys, by openssl, from
# the layouts of usign, ucert, libubox and fwtool (none is in Debian).
set -euo pipefail
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
be() { printf "%0$((2 * $1))x" "$2" | xxd -r -p; }
key() {  # NAME ID: a usign public key file
  openssl genpkey -algorithm ED25519 -out "$1.key"
  { printf 'Ed'; printf '%s' "$2" | xxd -r -p
    openssl pkey -in "$1.key" -pubout -outform DER | tail -c 32; } | base64 -w0 >line
  { echo "untrusted comment: public key $2"; cat line; echo; } >"$1.pub"
  echo "$2" >"$1.id"
}
sign() {  # KEY FILE: a usign signature file
  { printf 'Ed'; xxd -r -p <"$1.id"
    openssl pkeyutl -sign -rawin -inkey "$1.key" -in "$2"; } | base64 -w0 >line
  echo "untrusted comment: signed by key $(cat "$1.id")"; cat line; echo
}
padded() {  # FILE: zeros to a multiple of four
  cat "$1"; head -c $(((4 - $(stat -c %s "$1") % 4) % 4)) /dev/zero
}
blob() {  # ID FILE
  be 4 $((($1 << 24) | ($(stat -c %s "$2") + 4))); padded "$2"
}
field() {  # TYPE NAME FILE: a blobmsg attribute
  { be 2 ${#2}; printf '%s\0' "$2"; } >name
  { padded name; cat "$3"; } >content
  be 4 $((0x80000000 | ($1 << 24) | ($(stat -c %s content) + 4))); padded content
}
certificate() {  # SIGNER KEY TYPE FROM UNTIL
  be 4 "$3" >value; field 5 certtype value >fields
  be 8 "$4" >value; field 4 validfrom value >>fields
  be 8 "$5" >value; field 4 expiresat value >>fields
  { cat "$2.pub"; printf '\0'; } >value; field 3 pubkey value >>fields
  cp fields table; field 2 ucert table >payload
  sign "$1" payload >signature
  { blob 0 signature; blob 1 payload; } >element
  blob 0 element
}
last() {  # KEY IMAGE
  sign "$1" "$2" >signature
  blob 0 signature >element
  blob 0 element
}
trailer() {  # TYPE SIZE; its CRC is nobody's business here
  printf 'FWx0'; be 4 0; be 1 "$1"; be 3 0; be 4 $(($2 + 16))
}
key root 1111111111111111
key build 2222222222222222
key other 3333333333333333
cp root.pub "$here/root.pub"; cp build.pub "$here/build.pub"; cp other.pub "$here/other.pub"
{ printf 'inert sysupgrade image'; be 8 0; printf '{ "version": "inert" }'
  trailer 1 30; } >image
pack() {  # FILE CHAIN
  { cat image "$2"; trailer 0 "$(stat -c %s "$2")"; } >"$here/$1.bin"
}
last root image >chain; pack direct chain
{ certificate root build 1 1700000000 1800000000; last build image; } >chain; pack chain chain
{ certificate root build 2 1700000000 1800000000; last build image; } >chain; pack revoker chain
{ certificate root build 1 1700000000 1800000000; last other image; } >chain; pack stranger chain
{ certificate root build 1 1700000000 1800000000; } >chain; pack unsigned chain
{ last root image; last root image; } >chain; pack twice chain
