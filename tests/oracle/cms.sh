#!/bin/bash
# CMS signatures of files and of kernel modules against openssl cms, which is
# what the kernel's sign-file writes as well.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs openssl

root() {  # NAME
  openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$1" \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
issue() {  # NAME ISSUER USAGE
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -days 60 -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" \
    -extfile <(echo "keyUsage=critical,$3") -out "$1.pem" 2>/dev/null
}
root root
root stranger
issue signer root digitalSignature
issue cipher root keyEncipherment
issue other stranger digitalSignature
mkdir good
seq 1 2000 >good/firmware.bin
sign() {  # FOLDER SIGNER OPTION...
  [[ -d $1 ]] || cp -r good "$1"
  openssl cms -sign -binary -in "$1/firmware.bin" -signer "$2.pem" \
    -inkey "$2.key" -outform DER -out "$1/firmware.bin.p7s" "${@:3}"
}
sign good signer
sign noattr signer -noattr
sign sha512 signer -md sha512
sign two signer -signer root.pem -inkey root.key
sign cipher cipher
sign other other
sign sha1 signer -md sha1
tampered() {
  cp -r good "$1"
  (cd "$1" && "${@:2}")
}
size=$(stat -c %s good/firmware.bin.p7s)
tampered content poke firmware.bin 5
tampered longer bash -c 'echo >>firmware.bin'
tampered value poke firmware.bin.p7s $((size - 5))
tampered attribute poke firmware.bin.p7s $((size - 130))
tampered cut truncate -s $((size - 1)) firmware.bin.p7s
verify() {
  openssl cms -verify -binary -inform DER -in "$1/firmware.bin.p7s" \
    -content "$1/firmware.bin" -CAfile root.pem -purpose any -out /dev/null
}
trust x509-ca root.pem
for case in good noattr sha512 two other content longer value attribute cut; do
  both "cms-$case" "$(says verify $case)" "$(verdict cms_detached $case)"
done
# Stricter: a key that is not for signatures, SHA-1, bytes behind the message.
tampered behind bash -c 'echo x >>firmware.bin.p7s'
for case in cipher sha1 behind; do
  apart "cms-$case" "$(says verify $case)" "$(verdict cms_detached $case)"
done

# scripts/sign-file.c: body, CMS without attributes or certificates, sizes.
cp /bin/true body
append() {  # IN CMS OUT
  local length
  length=$(stat -c %s "$2")
  { cat "$1" "$2"
    printf '\0\0\2\0\0\0\0\0'
    printf '%08x' "$length" | xxd -r -p
    printf '~Module signature appended~\n'; } >"$3"
}
module() {  # NAME SIGNER
  openssl cms -sign -binary -noattr -nocerts -nosmimecap -in body \
    -signer "$2.pem" -inkey "$2.key" -md sha256 -outform DER -out "$1.cms"
  append body "$1.cms" "$1.ko"
}
module good signer
module other other
cp good.cms changed.cms
poke changed.cms $(($(stat -c %s good.cms) - 4))
append body changed.cms changed.ko
cp good.ko body.ko
poke body.ko 700
cp body other-body
poke other-body 700
check() {  # BODY CMS
  openssl cms -verify -binary -inform DER -in "$2" -content "$1" -nointern \
    -certfile signer.pem -CAfile root.pem -purpose any -out /dev/null
}
trust x509-pin signer.pem
both module-good "$(says check body good.cms)" "$(verdict linux_module good.ko)"
both module-other "$(says check body other.cms)" "$(verdict linux_module other.ko)"
both module-value "$(says check body changed.cms)" "$(verdict linux_module changed.ko)"
both module-body "$(says check other-body good.cms)" "$(verdict linux_module body.ko)"
finish
