#!/bin/bash
# Flash images that cbfstool makes, against futility (areas) and cbfstool
# (files, decoded).
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

cat >layout.fmd <<'L'
FLASH@0xff000000 0x100000 {
	WP_RO 0x80000 {
		BOOTBLOCK 0x8000
		FMAP@0x8000 0x800
		RO_VPD(PRESERVE) 0x800
		COREBOOT(CBFS)@0x10000 0x70000
	}
	RW_SECTION_A 0x40000 {
		FW_MAIN_A(CBFS) 0x3f000
		RW_FWID_A 0x100
	}
	RW_LEGACY(CBFS)@0xc0000 0x40000
}
L
fmaptool layout.fmd map >/dev/null 2>&1
cbfstool flash create -M map -r COREBOOT,FW_MAIN_A,RW_LEGACY >/dev/null 2>&1
tree root
add() {  # REGIONS NAME COMPRESSION
  cbfstool flash add -r "$1" -f "root/$2" -n "$2" -t raw -c "$3" >/dev/null
}
add COREBOOT,FW_MAIN_A bin/tool none
add COREBOOT,RW_LEGACY big/numbers lzma
add COREBOOT big/zeros lz4
add COREBOOT etc/deep/file7 none
add FW_MAIN_A big/mixed lzma
for ((i = 0; i < 40; i++)); do add RW_LEGACY "etc/deep/file$i" none; done
cbfstool flash remove -r COREBOOT -n etc/deep/file7
cbfstool flash remove -r RW_LEGACY -n etc/deep/file20

seen() {  # JQ: of the artifacts of the image
  "$assay" ls --json flash | jq -r ".artifacts[] | $1" | LC_ALL=C sort
}

futility dump_fmap -p flash | awk '{ print $1, $2, $3 }' | LC_ALL=C sort >truth
seen 'select(.origin and (.path | contains("!/") and (split("!/") | length == 2)))
  | (.path | sub(".*/"; "")) + " \(.origin.offset) \(.origin.length)"' >ours
# Areas with others inside have no bytes of their own.
grep -v -e '^WP_RO ' -e '^RW_SECTION_A ' truth >leaves
agree fmap-areas leaves ours

: >truth
for region in COREBOOT FW_MAIN_A RW_LEGACY; do
  cbfstool flash print -r $region -k | tail -n +2 | while IFS=$'\t' read -r name _ type _; do
    if [[ $type == raw ]]; then
      cbfstool flash extract -r $region -n "$name" -f out >/dev/null 2>&1
      printf '%s %s %s\n' $region "$name" "$(sha256sum <out | cut -d' ' -f1)"
    fi
  done >>truth
done
LC_ALL=C sort -o truth truth
# An LZ4 frame is a member that holds the content.
seen '(.path | split("!/")) as $p | select($p | length >= 3)
  | select(.format != "lz4")
  | ($p[1] | sub(".*/"; "")) + " " + $p[2] + " " + .digests.sha256' >ours
agree fmap-files truth ours
accounted flash
finish
