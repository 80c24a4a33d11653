#!/bin/sh
# Makes mszip.hex and stored.hex in the current folder (gcab 1.5).
set -e
mkdir -p tree/sub
{ seq 1 500; head -c 33000 /dev/zero | tr '\0' x; seq 1 500; } >tree/numbers
printf 'inert: not a program\n' >tree/sub/tool
: >tree/empty
find tree -exec touch -d '2001-09-09 01:46:40 UTC' {} +
make() {
  name=$1
  shift
  (cd tree && TZ=UTC gcab -c "$@" "../$name.cab" numbers sub/tool empty)
  { echo "# make.sh: gcab -c $*"; xxd -p -c 38 "$name.cab"; } >"$name.hex"
}
make mszip -z
seq 1 900 >tree/numbers
touch -d '2001-09-09 01:46:40 UTC' tree/numbers
make stored
