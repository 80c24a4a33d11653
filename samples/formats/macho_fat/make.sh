#!/bin/bash
# Makes the sample with llvm-mc and llvm-lipo (llvm-14).
set -euo pipefail
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
hex() {  # NAME FILE COMMENT: lines of zeros stand for themselves
  { echo "# $3"
    xxd -p -c 32 "$2" | awk -v size="$(stat -c %s "$2")" '
      { at = NR * 32 - 32 }
      /^0*$/ { skipped = 1; next }
      { if (skipped) printf "@%x\n", at; skipped = 0; print }
      END { if (skipped) printf "@%x\n", size }'
  } >"$here/$1.hex"
}
printf '.globl _f\n_f: ret\n' >x86.s
printf '.globl _f\n_f: ret\n' >arm.s
llvm-mc-14 -triple x86_64-apple-macos11 -filetype=obj x86.s -o x86.o
llvm-mc-14 -triple arm64-apple-macos11 -filetype=obj arm.s -o arm.o
llvm-lipo-14 -create x86.o arm.o -output universal
hex universal universal "Two objects: llvm-mc, llvm-lipo"
