#!/usr/bin/env python3
"""Makes the samples: tiny zImages by Linux arch/arm/boot/compressed/head.S.

The loader is filler; the kernel is the text "inert kernel" as the kernel's
build packs it. "xz" has two device trees appended.
"""
import lzma
import struct
import zlib

KERNEL = b"inert kernel\n" * 40
START = 0x48000000


def gzip():
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(KERNEL) + packer.flush()
    return (b"\x1f\x8b\x08\0\0\0\0\0\x02\x03" + data +
            struct.pack("<II", zlib.crc32(KERNEL), len(KERNEL)))


def xz():
    return (lzma.compress(KERNEL, check=lzma.CHECK_CRC32) +
            struct.pack("<I", len(KERNEL)))


def zimage(order, payload, start=0, table=True):
    # The loader holds the magic of xz as text, as real ones do.
    head = b"\0\0\xa0\xe1" * 5 + b"\xfd7zXZ\0##"
    body_at = 0x3C + len(head)
    size_at = body_at + len(payload) - 4
    tail = b"tail" * 3
    table_at = size_at + 4 + len(tail)
    entries = struct.pack(order + "5I", 4, 0x5A534C4B, size_at, 0x1000, 0)
    end = table_at + len(entries)
    words = [0x016F2818, start, start + end, 0x04030201]
    words += [0x45454545, start + table_at] if table else [0xE1A00000] * 2
    image = b"\0\0\xa0\xe1" * 9 + struct.pack(order + "6I", *words) + head
    return image + payload + tail + entries


def tree():
    """A device tree with one property, by the Devicetree Specification."""
    strings = b"compatible\0"
    nodes = struct.pack(">III", 1, 0, 3) + struct.pack(">II", 6, 0)
    nodes += b"inert\0\0\0" + struct.pack(">II", 2, 9)
    total = 56 + len(nodes) + len(strings)
    return struct.pack(">10I", 0xD00DFEED, total, 56, 56 + len(nodes), 40, 17,
                       16, 0, len(strings), len(nodes)) + bytes(
                           16) + nodes + strings


for name, data in (
        ("gzip", zimage("<", gzip(), START)),
        ("xz", zimage("<", xz()) + tree() + tree()),
        ("big", zimage(">", gzip())),
        ("old", zimage("<", gzip(), table=False)),
):
    with open(name + ".hex", "w") as file:
        print("# make.py", file=file)
        for at in range(0, len(data), 38):
            print(data[at:at + 38].hex(), file=file)
