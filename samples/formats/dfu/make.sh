#!/bin/sh
# Makes plain.hex in the current folder (dfu-suffix of dfu-util 0.11);
# dfuse.hex comes from ../make_wrappers.py.
set -e
work=$(mktemp)
trap 'rm -f "$work"' EXIT
seq 1 50 >"$work"
dfu-suffix --vid 1d50 --pid 6089 --did ffff --add "$work" >/dev/null
{ echo "# make.sh: dfu-suffix"; xxd -p -c 38 "$work"; } >plain.hex
