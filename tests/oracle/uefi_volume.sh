#!/bin/bash
# Debian's UEFI firmware against UEFIExtract: the content of every section that
# holds a program, a dependency expression, a version or raw data.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

cat >truth.py <<'P'
import hashlib, os, sys
KINDS = {'PE32 image': 'pe32', 'TE image': 'te', 'DXE dependency': 'dxe-depex',
         'PEI dependency': 'pei-depex', 'MM dependency': 'mm-depex',
         'Version': 'version', 'Raw': 'raw'}
for folder, _, files in os.walk(sys.argv[1]):
    if 'info.txt' in files:
        lines = open(os.path.join(folder, 'info.txt'), errors='replace').read().split('\n')
        kind = KINDS.get(lines[1].removeprefix('Subtype: '))
        if lines[0] == 'Type: Section' and kind:
            body = open(os.path.join(folder, 'body.bin'), 'rb').read()
            print(kind, hashlib.sha256(body).hexdigest())
P

extracted() {  # IMAGE: kind and digest of each section
  UEFIExtract "$1" dump >/dev/null 2>&1 || true
  python3 truth.py "$1.dump" | LC_ALL=C sort
}

# UEFIExtract does not look into raw files, of which the reset vector's
# consists of sections all the same.
seen() {  # IMAGE: the same of what assay sees
  "$assay" ls --json "$1" | jq -r '.artifacts[]
    | select(.path | contains("/data!/") | not)
    | (.path | sub(".*[/!]"; "") | sub("[.#][0-9]+$"; "")) as $kind
    | select($kind | test("^(pe32|te|(dxe|pei|mm)-depex|version|raw)$"))
    | $kind + " " + .digests.sha256' | LC_ALL=C sort
}

for image in /usr/share/OVMF/OVMF{_CODE,_CODE.secboot,_CODE_4M.secboot,32_CODE_4M.secboot}.fd \
  /usr/share/ovmf/OVMF.fd /usr/share/qemu-efi-aarch64/QEMU_EFI.fd; do
  name=$(basename "$image")
  cp "$image" "$name"
  extracted "$name" >truth
  seen "$name" >ours
  agree "uefi_volume-$name" truth ours
  accounted "$name"
done
# 64 MiB of flash, nearly all of it erased.
head -c 4M /usr/share/AAVMF/AAVMF32_CODE.fd >AAVMF32.fd
extracted AAVMF32.fd >truth
seen AAVMF32.fd >ours
agree uefi_volume-AAVMF32 truth ours
accounted AAVMF32.fd
# The sample of every encoding.
python3 -c 'import sys
for line in open(sys.argv[1]):
    if line[0] != "#":
        sys.stdout.buffer.write(bytes.fromhex(line))' \
  "$known/../../../samples/formats/uefi_volume/files.hex" >files
extracted files >truth
seen files >ours
agree uefi_volume-files truth ours
finish
