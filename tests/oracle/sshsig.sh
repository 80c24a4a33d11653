#!/bin/bash
# SSH signatures against ssh-keygen -Y verify.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs ssh-keygen

at=2026-09-21
mkdir good
seq 1 2000 >good/firmware.bin
for kind in ed25519 ecdsa rsa; do
  ssh-keygen -q -t $kind -N '' -C "$kind" -f "$kind.key"
done
ssh-keygen -q -t ed25519 -N '' -f other.key
sign() {  # KEY NAMESPACE FOLDER
  [[ -d $3 ]] || cp -r good "$3"
  rm -f "$3/firmware.bin.sig"
  ssh-keygen -q -Y sign -f "$1" -n "$2" "$3/firmware.bin" 2>/dev/null
}
for kind in ed25519 ecdsa rsa; do
  sign "$kind.key" file "$kind"
done
sign other.key file other
sign ed25519.key git namespace
tampered() {
  cp -r ed25519 "$1"
  (cd "$1" && "${@:2}")
}
tampered content poke firmware.bin 5
tampered longer bash -c 'echo >>firmware.bin'
tampered value poke firmware.bin.sig 250
tampered head poke firmware.bin.sig 40
tampered cut sed -i '3d' firmware.bin.sig

allow() {  # OPTION...: allowed_signers with the three keys
  for kind in ed25519 ecdsa rsa; do
    echo "me@example.org ${1:+$1 }$(cut -d' ' -f1,2 "$kind.key.pub")"
  done >allowed
}
verify() {
  ssh-keygen -Y verify -f allowed -I me@example.org -n file \
    -Overify-time=20260921000000Z -s "$1/firmware.bin.sig" <"$1/firmware.bin"
}
trust ssh-signers allowed
compare() {
  both "sshsig-$2-$1" "$(says verify "$1")" "$(verdict sshsig "$1")"
}
allow ''
for case in ed25519 ecdsa rsa other namespace content longer value head cut; do
  compare $case plain
done
allow 'namespaces="file"'
compare ed25519 file
allow 'namespaces="git"'
compare ed25519 git
allow 'valid-before="20260101Z"'
compare ed25519 ended
allow 'valid-after="20270101Z"'
compare ed25519 not-yet
allow 'valid-after="20260101Z",valid-before="20270101Z"'
compare ed25519 within
# A list without namespaces lets any count for ssh-keygen; a file is signed in
# "file" alone.
allow ''
git() {
  ssh-keygen -Y verify -f allowed -I me@example.org -n git \
    -s namespace/firmware.bin.sig <namespace/firmware.bin
}
apart sshsig-namespace "$(says git)" "$(verdict sshsig namespace)"
finish
