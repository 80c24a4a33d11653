#!/bin/bash
# Makes the samples of this folder anew, with throw-away keys, by ssh-keygen.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf 'inert firmware\n' >"$here/firmware.txt"
make() {  # NAME TYPE BITS
  ssh-keygen -q -t "$2" ${3:+-b "$3"} -N '' -C inert -f "$1"
}
sign() {  # KEY NAMESPACE NAME [OPTIONS]
  cp "$here/firmware.txt" message
  rm -f message.sig
  ssh-keygen -q -Y sign -n "$2" -f "$1" "${@:4}" message 2>/dev/null
  mv message.sig "$here/$3.sig"
}
make ed25519 ed25519
make p256 ecdsa 256
make p384 ecdsa 384
make p521 ecdsa 521
make rsa rsa 2048
make small rsa 1024
make other ed25519
for key in ed25519 p256 p384 p521 rsa small; do sign $key file $key; done
sign ed25519 file sha256 -O hashalg=sha256
sign ed25519 git git
# A certificate of an authority.
make ca ed25519
ssh-keygen -q -s ca -I inert -n inert@example.org ed25519.pub
ssh-add -h >/dev/null 2>&1 || true
eval "$(ssh-agent)" >/dev/null
ssh-add -q ed25519
sign ed25519-cert.pub file certificate
kill "$SSH_AGENT_PID"
key() { cut -d' ' -f1,2 "$1.pub"; }
{ echo '# Who may sign.'
  for name in ed25519 p256 p384 p521 rsa small; do
    echo "$name@example.org $(key $name) inert"
  done; } >"$here/allowed"
echo "other@example.org $(key other)" >"$here/other"
echo "ed25519@example.org namespaces=\"git,mail*\" $(key ed25519)" >"$here/namespaces"
echo "\"a b\",c@example.org valid-after=\"20240101\",valid-before=\"20250101120000Z\" $(key ed25519)" >"$here/period"
echo "*@example.org cert-authority $(key ca)" >"$here/authority"
