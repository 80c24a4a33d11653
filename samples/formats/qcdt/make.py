#!/usr/bin/env python3
"""Makes the samples by LK's dev_tree.h: one table of each version, with three
entries of which the last two share a tree."""
import struct


def tree(name):
    strings = b"compatible\0"
    nodes = struct.pack(">III", 1, 0, 3) + struct.pack(">II", 6, 0)
    nodes += name.ljust(8, b"\0") + struct.pack(">II", 2, 9)
    total = 56 + len(nodes) + len(strings)
    return struct.pack(">10I", 0xD00DFEED, total, 56, 56 + len(nodes), 40, 17,
                       16, 0, len(strings), len(nodes)) + bytes(
                           16) + nodes + strings


first, second = tree(b"inert"), tree(b"second")
for version, words in ((1, 3), (2, 4), (3, 8)):
    start = 12 + 3 * (words + 2) * 4
    start += -start % 64
    data = struct.pack("<4sII", b"QCDT", version, 3)
    at = start + len(first)
    for offset, size in ((start, len(first)), (at, len(second)),
                         (at, len(second))):
        data += struct.pack(f"<{words}I", *range(words))
        data += struct.pack("<II", offset, size)
    data = data.ljust(start, b"\0") + first + second
    with open(f"v{version}.hex", "w") as file:
        print("# make.py", file=file)
        for at in range(0, len(data), 38):
            print(data[at:at + 38].hex(), file=file)
