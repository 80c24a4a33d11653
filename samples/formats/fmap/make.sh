#!/bin/bash
# Makes the samples of fmap and cbfs (cbfstool, fmaptool of coreboot-utils).
set -eu
here=$(realpath "$(dirname "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

hex() {  # NAME FILE COMMENT
  { echo "# $3"; xxd -p -c 32 "$2"; } >"$here/../$1.hex"
}

cat >layout.fmd <<'L'
FLASH@0xff000000 0x2000 {
	WP_RO 0x1c00 {
		FMAP@0x200 0x200
		RO_VPD@0x600 0x100
		COREBOOT(CBFS)@0x800 0x1400
	}
	RW_A(CBFS)@0x1c00 0x300
}
L
fmaptool layout.fmd map >/dev/null
seq 1 200 >numbers
{ yes line || true; } | head -n 100 >lines
printf 'config\n' >config
cbfstool flash create -M map -r COREBOOT,RW_A >/dev/null
add() { cbfstool flash add -r "$1" -f "$2" -n "$3" -t raw "${@:4}" >/dev/null; }
add COREBOOT numbers numbers -c lzma
add COREBOOT lines deep/lz4 -c lz4
add COREBOOT config gone
add COREBOOT config config
cbfstool flash remove -r COREBOOT -n gone
cbfstool flash add-flat-binary -r COREBOOT -f numbers -n fallback/payload \
  -l 0x100000 -e 0x100000 -c lzma >/dev/null
cbfstool flash read -r COREBOOT -f region
hex fmap/flash flash "make.sh: fmaptool, cbfstool"
hex cbfs/region region "../fmap/make.sh: the area COREBOOT"
