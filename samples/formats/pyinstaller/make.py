#!/usr/bin/env python3
"""Makes sample.hex in the current folder: a stand-in for the boot loader, and
an archive as PyInstaller/archive/writers.py (CArchiveWriter) lays it out.

Debian has no PyInstaller.
"""
import struct
import zlib

PROGRAM = b"\x7fELF inert: not a program\n".ljust(64, b"\0")
NUMBERS = "".join(f"{i}\n" for i in range(1, 201)).encode()
ENTRIES = [("struct", b"m", True, b"not byte code"),
           ("main", b"s", True, NUMBERS),
           ("libsample.so", b"b", False, b"inert: not a library\n"),
           ("PYZ-00.pyz", b"z", False, b"PYZ\0" + bytes(12)),
           ("pyi-runtime-tmpdir x", b"o", False, b"")]

body, toc = b"", b""
for name, kind, packed, content in ENTRIES:
    data = zlib.compress(content, 9) if packed else content
    raw = name.encode() + b"\0"
    raw += bytes(-(18 + len(raw)) % 16)
    toc += struct.pack("!IIIIBc", 18 + len(raw), len(body), len(data),
                       len(content), packed, kind) + raw
    body += data
size = len(body) + len(toc) + 88
cookie = struct.pack("!8sIIII64s", b"MEI\014\013\012\013\016", size, len(body),
                     len(toc), 311, b"libpython3.11.so.1.0")
out = PROGRAM + body + toc + cookie
with open("sample.hex", "w", encoding="ascii") as sample:
    sample.write("# make.py\n")
    for at in range(0, len(out), 38):
        sample.write(out[at:at + 38].hex() + "\n")
