#!/bin/bash
# Makes the samples of this folder anew, with throw-away keys, by rauc and
# openssl (packages rauc, squashfs-tools, openssl).
set -euo pipefail
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export SOURCE_DATE_EPOCH=1700000000
ca() {  # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj "/CN=inert $1" -keyout "$1.key" -out "$here/$1.pem" 2>/dev/null
}
ca ca
ca other
leaf() {  # NAME EXTENSIONS
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/CN=inert $1" -keyout "$1.key" -out csr 2>/dev/null
  openssl x509 -req -in csr -CA "$here/ca.pem" -CAkey ca.key -days 3600 \
    -extfile <(printf 'keyUsage=critical,digitalSignature\n%b' "$2") \
    -out "$1.crt" 2>/dev/null
}
leaf release ''
leaf code 'extendedKeyUsage=critical,codeSigning\n'
leaf server 'extendedKeyUsage=serverAuth\n'
bundle() {  # FILE FORMAT SIGNER
  rm -rf in && mkdir in
  printf 'inert application\n' >in/app.img
  head -c 8000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 -out in/rootfs.img 2>/dev/null
  printf '[update]\ncompatible=inert\nversion=1\n[bundle]\nformat=%s\n' "$2" >in/manifest.raucm
  printf '[image.%s]\nfilename=%s\n' rootfs rootfs.img app app.img >>in/manifest.raucm
  rm -f "$here/$1"
  rauc bundle --cert="$3.crt" --key="$3.key" in "$here/$1" >log 2>&1 || { cat log; exit 1; }
  cp in/manifest.raucm .
}
bundle plain.raucb plain release
bundle verity.raucb verity release
bundle server.raucb plain server
bundle code.raucb plain code
unsquashfs -no-progress -quiet -cat "$here/plain.raucb" manifest.raucm >"$here/manifest.raucm"
# As in format crypt: the signed manifest is encrypted for a recipient.
size=$((16#$(tail -c 8 "$here/verity.raucb" | xxd -p)))
tail -c $((size + 8)) "$here/verity.raucb" | head -c "$size" >signature.cms
openssl cms -encrypt -binary -aes-256-cbc -outform DER -in signature.cms \
  -out enveloped.cms "$here/ca.pem"
head -c $(($(stat -c %s "$here/verity.raucb") - size - 8)) "$here/verity.raucb" >crypt
{ head -c 4096 crypt; cat enveloped.cms
  printf '%016x' "$(stat -c %s enveloped.cms)" | xxd -r -p; } >"$here/crypt.raucb"
