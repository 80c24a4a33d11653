#!/bin/bash
# RAR: Debian has no program that writes it, so the archives of
# samples/formats/rar/make_rar.py against what bsdtar and unar read from them.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
python3 "$(dirname "$known")/../../samples/formats/rar/make_rar.py"
for name in old new; do
  grep -v '^#' "$name.hex" | xxd -r -p >"$name.rar"
  accounted "$name.rar"
  mkdir "tar-$name"
  # What is encrypted or cut off at a volume's end fails, the rest is there.
  bsdtar -xpf "$name.rar" -C "tar-$name" 2>/dev/null || true
  rm -f "tar-$name"/{ancient,secret,next}
  truth "tar-$name" "type mode mtime link sha256" >theirs
  ours "$name.rar" "type mode mtime link sha256" |
    grep -v -P '^(ancient|secret|next|\w+:hidden)\t' >found
  agree "rar-$name-bsdtar" theirs found
  # It makes symbolic links of hard ones.
  unar -q -f -D -o "unar-$name" "$name.rar" </dev/null >/dev/null 2>&1 || true
  truth "unar-$name" "type sha256" | grep -P '\tfile\t[0-9a-f]' |
    grep -v -P '^(ancient|secret|next)\t' >theirs
  ours "$name.rar" "type sha256" | grep -P '\tfile\t[0-9a-f]' |
    grep -v -P '^(next|\w+:hidden|bin/su2)\t' >found
  agree "rar-$name-unar" theirs found
done
finish
