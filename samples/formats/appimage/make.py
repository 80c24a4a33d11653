#!/usr/bin/env python3
"""make.py TYPE FILESYSTEM OUT: an AppImage whose runtime is an ELF header with
one section, by the AppImage specification; TYPE is 1 or 2, FILESYSTEM an
ISO 9660 or a SquashFS image."""
import struct
import sys

kind, filesystem, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
names = b"\0.text\0.shstrtab\0"
text = b"inert runtime\n".ljust(24, b"\0")
sections_at = 64 + len(text) + 24
ident = b"\x7fELF\x02\x01\x01\0" + b"AI" + bytes([kind]) + bytes(5)
header = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, sections_at, 0,
                             64, 0, 0, 64, 3, 2)


def section(name, kind, offset, size):
    return struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, offset, size, 0, 0, 1,
                       0)


elf = header + text + names.ljust(24, b"\0")
elf += bytes(64) + section(1, 1, 64, len(text)) + section(
    7, 3, 64 + len(text), len(names))
with open(filesystem, "rb") as file:
    image = file.read()
with open(out, "wb") as file:
    file.write(elf + (image[len(elf):] if kind == 1 else image))
