#!/bin/bash
# Writes the sample next to this script; needs img2simg
# (android-sdk-libsparse-utils) and xxd.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

{ seq 1 400 | head -c 1024; head -c 2048 /dev/zero; head -c 1024 /dev/zero |
  tr '\0' Z; seq 401 600; } >raw
truncate -s 5120 raw
img2simg raw sparse 1024
{
  echo "# make.sh: numbers, zeros, 1024 times Z, numbers; blocks of 1024"
  xxd -p -c 38 sparse
} >"$here/chunks.hex"
