#!/bin/bash
# Makes the samples of this folder anew, with throw-away keys, by veritysetup
# and openssl, as systemd-repart writes a verity signature partition.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for name in signer other; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj "/CN=inert $name" -addext keyUsage=critical,digitalSignature \
    -keyout $name.key -out "$here/$name.pem" 2>/dev/null
done
{ yes inert || true; } | head -c 16384 >data; : >tree
root=$(veritysetup format data tree | sed -n 's/^Root hash:[[:space:]]*//p')
printf '%s' "$root" >root-hash
openssl cms -sign -binary -noattr -in root-hash -signer "$here/signer.pem" \
  -inkey signer.key -outform DER -out root-hash.p7s
finger=$(openssl x509 -in "$here/signer.pem" -outform DER | sha256sum | cut -d' ' -f1)
{ printf '{"rootHash":"%s","certificateFingerprint":"%s","signature":"%s"}' \
    "$root" "$finger" "$(base64 -w0 root-hash.p7s)"
  head -c 64 /dev/zero; } >"$here/verity-signature.bin"
