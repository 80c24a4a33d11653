#!/bin/bash
# Makes the samples with openssl, osslsigncode, sbsigntool and efitools of
# Debian 12 from ../../formats/pe/plain.hex. The keys are thrown away;
# signatures differ from run to run.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

hex() {  # NAME FILE COMMENT
  { printf '# %s\n' "$3"; xxd -p -c 32 "$2"; } >"$here/$1.hex"
}

grep -v '^#' "$here/../../formats/pe/plain.hex" | xxd -r -p >plain.efi

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

issue() {  # NAME EXTENSIONS FROM UNTIL OPTION...
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$1.key" -out "$1.csr" -subj "/CN=Assay test $1"
  openssl ca -batch -config ca.conf -in "$1.csr" -out "$1.pem" -notext \
    -extensions "$2" -startdate "$3" -enddate "$4" "${@:5}"
}
issue root root 20200101000000Z 20400101000000Z -selfsign -keyfile root.key
by_root=(-cert root.pem -keyfile root.key)
issue signer code 20240101000000Z 20250101000000Z "${by_root[@]}"
issue stamper time 20240101000000Z 20340101000000Z "${by_root[@]}"

sign() {  # IN OUT OPTION...
  osslsigncode sign -certs signer.pem -key signer.key -time 1720000000 \
    -in "$1" -out "$2" "${@:3}"
}
stamp=(-TSA-certs stamper.pem -TSA-key stamper.key -TSA-time 1720000000)
sign plain.efi stamped.efi -h sha256 "${stamp[@]}"
sign plain.efi first.efi -h sha256
sign first.efi nested.efi -h sha384 -nest
sbsign --key signer.key --cert signer.pem --output once.efi plain.efi
sbsign --key signer.key --cert signer.pem --output twice.efi once.efi
cert-to-efi-sig-list -g 77fa9abd-0359-4d32-bd60-28f4e78f784b root.pem db.esl
sign-efi-sig-list -k root.key -c root.pem db db.esl db.auth 2>/dev/null ||
  { openssl req -x509 -newkey rsa:2048 -nodes -keyout kek.key -out kek.pem \
      -subj "/CN=KEK" -days 1
    sign-efi-sig-list -k kek.key -c kek.pem db db.esl db.auth; }

cp root.pem "$here/root.pem"
hex stamped stamped.efi "osslsigncode sign -h sha256 -TSA-time 1720000000"
hex nested nested.efi "osslsigncode sign -h sha256; -nest -h sha384"
hex twice twice.efi "sbsign, two times: two WIN_CERTIFICATE entries"
hex db db.esl "cert-to-efi-sig-list root.pem"
hex db_auth db.auth "sign-efi-sig-list db db.esl"
