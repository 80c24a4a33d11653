#!/bin/bash
# PE images of Debian's boot packages against pefile (sections, resources,
# certificates) and the check sum that it verifies.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

cat >truth.py <<'P'
import hashlib, sys, pefile
NAMES = {v: k[3:] for k, v in pefile.RESOURCE_TYPE.items() if isinstance(k, str)}
OWN = set('.text .data .rdata .bss .rodata .idata .edata .pdata .xdata .reloc '
          '.rsrc .tls .CRT .dynamic .dynsym .rela .rel .areloc DATA BSS CODE '
          '.buildid .hash .eh_frame .setup .compat'.split())
pe = pefile.PE(sys.argv[1])
data = open(sys.argv[1], 'rb').read()
def show(name, content):
    print(f'{name}\tfile\t{hashlib.sha256(content).hexdigest()}')
def name(entry, level):
    if entry.name is not None:
        return str(entry.name)
    return NAMES.get(entry.id, str(entry.id)) if level == 0 else str(entry.id)
def walk(directory, path):
    for entry in directory.entries:
        below = path + '/' + name(entry, path.count('/'))
        if hasattr(entry, 'directory'):
            walk(entry.directory, below)
        else:
            at = pe.get_offset_from_rva(entry.data.struct.OffsetToData)
            show(below, data[at:at + entry.data.struct.Size])
for s in pe.sections:
    label = s.Name.rstrip(b'\0').decode()
    if label[:1] == '/':  # in the string table, after the symbols
        f = pe.FILE_HEADER
        at = f.PointerToSymbolTable + 18 * f.NumberOfSymbols + int(label[1:])
        label = data[at:data.index(b'\0', at)].decode()
    if not (label in OWN or s.Characteristics & 0x20000020
            or label[:6] in ('.debug', '.rela.', '.data.')) and s.SizeOfRawData:
        size = min(s.Misc_VirtualSize or s.SizeOfRawData, s.SizeOfRawData)
        show('sections/' + label, data[s.PointerToRawData:][:size])
if hasattr(pe, 'DIRECTORY_ENTRY_RESOURCE'):
    walk(pe.DIRECTORY_ENTRY_RESOURCE, 'resources')
d = pe.OPTIONAL_HEADER.DATA_DIRECTORY[4]
at, end, i = d.VirtualAddress, d.VirtualAddress + d.Size, 0
while at and at < end:
    n = int.from_bytes(data[at:at + 4], 'little')
    show(f'certificates/{i}', data[at + 8:at + n])
    at, i = at + (n + 7) // 8 * 8, i + 1
if pe.OPTIONAL_HEADER.CheckSum and not pe.verify_checksum():
    print('checksum')
P

for image in /usr/lib/shim/*.efi* /usr/lib/systemd/boot/efi/*.{efi,stub} \
  /usr/lib/grub/x86_64-efi-signed/*.signed /usr/libexec/fwupd/efi/*.signed; do
  if [[ ! -e $image || $image == *.elf.stub ]]; then continue; fi
  name=$(basename "$image")
  cp "$image" "$name"
  { echo '# members'; /usr/bin/python3 truth.py "$name"; } |
    LC_ALL=C sort >truth
  { echo '# members'
    ours "$name" "type sha256"
    "$assay" ls --json "$name" | jq -r '.artifacts[0].anomalies[]?.id
      | select(. == "pe.checksum-mismatch") | "checksum"'; } |
    LC_ALL=C sort >ours
  agree "pe-$name" truth ours
  accounted "$name"
done
finish
