#!/bin/bash
# The option ROMs of iPXE and SeaBIOS against a second reading of their headers.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

cat >truth.py <<'P'
import hashlib, struct, sys
rom = open(sys.argv[1], 'rb').read()
at = index = 0
while True:
    data = at + int.from_bytes(rom[at + 24:at + 26], 'little')
    assert rom[data:data + 4] == b'PCIR'
    blocks, _, kind, last = struct.unpack_from('<HHBB', rom, data + 16)
    end = at + 512 * blocks
    skip, name = (26, 'x86') if kind == 0 else (
        int.from_bytes(rom[at + 22:at + 24], 'little'), 'efi')
    assert kind or sum(rom[at:end]) % 256 == 0
    sha = hashlib.sha256(rom[at + skip:end]).hexdigest()
    print(f'image{index}.{name}\tfile\t{sha}')
    at, index = end, index + 1
    if last & 0x80:
        break
P
for image in /usr/lib/ipxe/qemu/*.rom /usr/share/seabios/vgabios-*.bin; do
  if ! grep -q PCIR "$image"; then continue; fi  # for no PCI device
  name=$(basename "$image")
  cp "$image" "$name"
  python3 truth.py "$name" >truth
  ours "$name" "type sha256" >ours
  agree "option_rom-$name" truth ours
  accounted "$name"
done
finish
