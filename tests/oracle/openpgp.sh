#!/bin/bash
# Detached and clearsigned OpenPGP against gpgv.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs gpg gpg-agent gpgv

export GNUPGHOME=$folder/home
mkdir -m 700 home
key() {  # NAME ALGORITHM
  gpg --batch --quiet --passphrase '' --quick-gen-key "$1" "$2" sign never 2>/dev/null
  gpg --batch --export "=$1" >"$1.gpg"
}
key good ed25519
key rsa rsa2048
key other ed25519
cat good.gpg rsa.gpg >ring.gpg
trust openpgp-cert ring.gpg
mkdir good
seq 1 2000 >good/firmware.bin
sign() {  # FOLDER KEY OPTION...
  [[ -d $1 ]] || cp -r good "$1"
  gpg --batch --quiet --yes -u "=$2" "${@:3}" --output "$1/firmware.bin.sig" \
    --detach-sign "$1/firmware.bin"
}
sign good good
sign rsa rsa
sign armoured good --armor
sign sha512 rsa --digest-algo SHA512
sign other other
sign text good --textmode
tampered() {
  cp -r good "$1"
  (cd "$1" && "${@:2}")
}
size=$(stat -c %s good/firmware.bin.sig)
tampered content poke firmware.bin 5
tampered longer bash -c 'echo >>firmware.bin'
tampered value poke firmware.bin.sig $((size - 3))
tampered hashed poke firmware.bin.sig 12
tampered cut truncate -s $((size - 5)) firmware.bin.sig
for case in good rsa armoured sha512 text other content longer value hashed cut; do
  both "openpgp-$case" \
    "$(says gpgv --keyring ./ring.gpg $case/firmware.bin.sig $case/firmware.bin)" \
    "$(verdict openpgp_detached $case)"
done
sign sha1 rsa --digest-algo SHA1
apart openpgp-sha1 \
  "$(says gpgv --keyring ./ring.gpg sha1/firmware.bin.sig sha1/firmware.bin)" \
  "$(verdict openpgp_detached sha1)"

printf 'a text\n- with a dash  \nand an end\n' >text.in
clear() {  # NAME COMMAND...
  cp clear.asc "clear-$1.asc"
  "${@:2}" "clear-$1.asc"
}
gpg --batch --quiet -u =good --output clear.asc --clear-sign text.in
clear good true
clear line sed -i 's/^a text/a test/'
clear end sed -i 's/an end/an End/'
clear blanks sed -i 's/dash  $/dash/'
clear header sed -i 's/^Hash: .*/&\nComment: x/'
clear added sed -i 's/^a text/&\nmore/'
for case in good line end blanks header added; do
  both "clearsigned-$case" "$(says gpgv --keyring ./ring.gpg clear-$case.asc)" \
    "$(verdict openpgp_clearsigned clear-$case.asc)"
done
# Text around the signed one (N1, N2).
{ echo before; cat clear.asc; } >clear-before.asc
{ cat clear.asc; echo after; } >clear-after.asc
for case in before after; do
  apart "clearsigned-$case" "$(says gpgv --keyring ./ring.gpg clear-$case.asc)" \
    "$(verdict openpgp_clearsigned clear-$case.asc)"
done
finish
