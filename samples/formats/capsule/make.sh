#!/bin/bash
# Makes the samples with mkeficapsule (u-boot-tools). The signature differs from
# run to run.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

hex() {  # NAME COMMENT
  { echo "# $2"; xxd -p -c 32 "$1"; } >"$here/$1.hex"
}

printf 'the new firmware' >image
openssl req -x509 -newkey rsa:1024 -nodes -keyout key -out cert \
  -subj /CN=Sample -days 36500 2>/dev/null
type=09d7cf52-0720-4710-91d1-08469b7fe9c8
mkeficapsule -g $type -i 3 image plain
mkeficapsule -g $type -i 3 -m 1 -p key -c cert image signed
mkeficapsule -g $type -A accept
hex plain "mkeficapsule -g $type -i 3"
hex signed "the same, with -m 1 -p key -c cert"
hex accept "mkeficapsule -g $type -A"
