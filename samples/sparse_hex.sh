#!/bin/sh
# sparse_hex.sh IMAGE: the image as the commented hex of tests/support/hex.h,
# with "@offset" in place of zeros.
set -e
xxd -p -c 32 "$1" | awk -v size="$(stat -c %s "$1")" '
  /[^0]/ { if (skipped) printf "@%x\n", (NR - 1) * 32; skipped = 0; print; next }
  { skipped = 1 }
  END { printf "@%x\n", size }'
