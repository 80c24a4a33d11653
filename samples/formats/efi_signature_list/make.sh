#!/bin/bash
# Makes the sample with efitools: a certificate, then the digests of two images.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
openssl req -x509 -newkey rsa:1024 -nodes -keyout key -out cert \
  -subj /CN=Sample -days 36500 2>/dev/null
for name in plain uki; do
  grep -v '^#' "$here/../pe/$name.hex" | xxd -r -p >$name.efi
done
owner=77fa9abd-0359-4d32-bd60-28f4e78f784b
cert-to-efi-sig-list -g $owner cert cert.esl
hash-to-efi-sig-list plain.efi uki.efi hashes.esl >/dev/null
{ echo "# make.sh: cert-to-efi-sig-list -g $owner, hash-to-efi-sig-list"
  cat cert.esl hashes.esl | xxd -p -c 32; } >"$here/lists.hex"
