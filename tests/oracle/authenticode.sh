#!/bin/bash
# PE images signed by osslsigncode and sbsign: the verdicts of osslsigncode
# against those of assay.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
grep -v '^#' "$known/../../../samples/formats/pe/plain.hex" | xxd -r -p >plain.efi

cat >ca.conf <<'C'
[ca]
default_ca = one
[one]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[code]
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
[time]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
C
: >index
echo 01 >serial
issue() {  # NAME EXTENSIONS UNTIL ISSUER
  openssl req -new -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" \
    -subj "/CN=$1" 2>/dev/null
  local by=(-cert "$4.pem" -keyfile "$4.key")
  if [[ $1 == "$4" ]]; then by=(-selfsign -keyfile "$1.key"); fi
  openssl ca -batch -config ca.conf -in "$1.csr" -out "$1.pem" -notext \
    -extensions "$2" -startdate 20240101000000Z -enddate "$3" "${by[@]}" \
    2>/dev/null
}
issue root root 20400101000000Z root
issue signer code 20390101000000Z root
issue expired code 20250101000000Z root
issue stamper time 20390101000000Z root
issue other root 20400101000000Z other
issue middle root 20400101000000Z other
issue forger code 20390101000000Z middle

sign() {  # KEY OUT OPTION...
  osslsigncode sign -certs "$1.pem" -key "$1.key" -time 1720000000 \
    -in plain.efi -out "$2" "${@:3}" >/dev/null 2>&1
}
stamp=(-TSA-certs stamper.pem -TSA-key stamper.key -TSA-time 1720000000)
sign signer good.efi -h sha256
sign signer sha384.efi -h sha384
sign expired late.efi -h sha256
sign expired stamped.efi -h sha256 "${stamp[@]}"
sign forger forged.efi -h sha256 -ac middle.pem
sbsign --key signer.key --cert signer.pem --output sbsign.efi plain.efi 2>/dev/null
for at in 100 600 820 900; do  # headers, code, the last section, signature
  cp good.efi "changed-$at.efi"
  printf '\x5a' | dd of="changed-$at.efi" bs=1 seek="$at" conv=notrunc 2>/dev/null
done
{ cat good.efi; printf 'tail 123'; } >longer.efi

cat >policy.yaml <<'P'
schema: assay-policy/1
name: oracle
anchors: [{name: root, type: x509-ca, file: root.pem}]
signatures: [{match: "*.efi", anchors: [root]}]
P

for image in [!p]*.efi; do
  { osslsigncode verify -CAfile root.pem -TSA-CAfile root.pem \
      -time 1790000000 -in "$image" 2>/dev/null || true; } |
    tail -n 1 | sed 's/Succeeded/passes/;t;s/.*/fails/' >truth
  { "$assay" verify --policy policy.yaml --at 2026-09-21 -o json "$image" ||
      true; } |
    jq -r '[.signatures[] | select(.scheme == "authenticode")
            | .indication == "TOTAL-PASSED"]
      | if length > 0 and all then "passes" else "fails" end' >ours
  agree "authenticode-$image" truth ours
done
finish
