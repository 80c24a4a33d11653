#!/bin/bash
# Makes usign.pub and usign.txt.sig anew with a throw-away key, by openssl, in
# the layout of OpenWrt's usign (which is not in Debian): signify's, with the
# first eight bytes of a digest for a key number and these comments.
set -euo pipefail
cd "$(dirname "$0")"
key=$(mktemp)
trap 'rm -f "$key"' EXIT
id=0123456789abcdef
openssl genpkey -algorithm ED25519 -out "$key"
{ echo "untrusted comment: public key $id"
  { printf Ed; printf %s "$id" | xxd -r -p
    openssl pkey -in "$key" -pubout -outform DER | tail -c 32; } | base64 -w0; echo; } >usign.pub
{ echo "untrusted comment: signed by key $id"
  { printf Ed; printf %s "$id" | xxd -r -p
    openssl pkeyutl -sign -rawin -inkey "$key" -in firmware.txt; } | base64 -w0; echo; } >usign.txt.sig
