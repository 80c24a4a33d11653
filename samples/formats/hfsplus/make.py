#!/usr/bin/env python3
"""make.py OUT [hfsx] [journal]: an HFS Plus volume by Apple's Technical Note
TN1150 and XNU's bsd/sys/decmpfs.h, with what file systems disagree on. Debian
12 has no mkfs for it; 7-Zip reads the result (tests/oracle/hfsplus.sh)."""
import struct
import sys
import zlib

BLOCK = 512
TIME = 2082844800 + 1000000000
ROOT, FIRST = 2, 16
image = bytearray(3 * BLOCK)  # boot blocks and header


def alloc(data):
    """Extents of the data, in one piece."""
    if not data:
        return []
    start = len(image) // BLOCK
    image.extend(data)
    image.extend(bytes(-len(image) % BLOCK))
    return [(start, len(image) // BLOCK - start)]


def extent_record(extents):
    return b"".join(struct.pack(">II", *e) for e in extents[:8]).ljust(
        64, b"\0")


def fork(size, extents):
    return struct.pack(">QII", size, 0, sum(n for _, n in extents)
                       ) + extent_record(extents)


def node(kind, height, records, size, following=0, previous=0):
    out = struct.pack(">IIBBHH", following, previous, kind & 0xFF, height,
                      len(records), 0)
    offsets = []
    for record in records:
        offsets.append(len(out))
        out += record
    offsets.append(len(out))
    table = b"".join(struct.pack(">H", o) for o in reversed(offsets))
    assert len(out) + len(table) <= size
    return out.ljust(size - len(table), b"\0") + table


def key_of(record):
    return record[:struct.unpack(">H", record[:2])[0] + 2]


def btree(records, size, longest, attributes, compare=0):
    """Nodes: header, then level by level from the leaves up."""
    nodes, levels, height = [], [records], 0
    first, total = 1, len(records)
    root = 0
    while records:
        height += 1
        groups, room = [[]], size - 14 - 2
        for record in records:
            if room < len(record) + 2:
                groups.append([])
                room = size - 14 - 2
            groups[-1].append(record)
            room -= len(record) + 2
        base = len(nodes) + 1
        for i, group in enumerate(groups):
            nodes.append(node(-1 if height == 1 else 0, height, group, size,
                              base + i + 1 if i + 1 < len(groups) else 0,
                              base + i - 1 if i else 0))
        last = last if height > 1 else len(nodes)
        root = base
        records = [] if len(groups) == 1 else [
            key_of(group[0]).ljust(len(key_of(group[0])) + len(key_of(
                group[0])) % 2, b"\0") + struct.pack(">I", base + i)
            for i, group in enumerate(groups)]
    count = len(nodes) + 2  # and a free one
    header = struct.pack(">HIIIIHHIIHIBBI64x", height, root, total,
                         first if total else 0, last if total else 0, size,
                         longest, count, 1, 0, 0, 0, compare, attributes)
    used = (0xFFFFFFFF << 32 - (count - 1) & 0xFFFFFFFF) if count < 33 else 0
    bitmap = struct.pack(">I", used)
    room = size - 14 - 106 - 128 - 8
    head = node(1, 0, [header, bytes(128), bitmap.ljust(room, b"\0")], size)
    return head + b"".join(nodes) + bytes(size)


class Volume:
    def __init__(self):
        self.records, self.attributes, self.overflow = {}, {}, []
        self.next, self.files, self.folders = FIRST, 0, -1

    def key(self, parent, name):
        text = name.encode("utf-16-be")
        return struct.pack(">HIH", 6 + len(text), parent,
                           len(text) // 2) + text

    def put(self, parent, name, data):
        self.records[parent, name.lower(), name] = self.key(parent,
                                                            name) + data

    def common(self, kind, cnid, mode, valence, special, finder, flags):
        return struct.pack(">HHIIIIIII", kind, 2, valence, cnid, TIME, TIME,
                           TIME, TIME, 0) + struct.pack(
            ">IIBBHI", 10, 20, 0, flags, mode, special) + finder.ljust(
            32, b"\0") + bytes(8)

    def thread(self, kind, cnid, parent, name):
        text = name.encode("utf-16-be")
        self.put(cnid, "", struct.pack(">HHIH", kind, 0, parent,
                                       len(text) // 2) + text)

    def folder(self, parent, name, cnid=None, mode=0o40755, valence=0):
        if cnid is None:
            cnid, self.next = self.next, self.next + 1
        self.put(parent, name, self.common(1, cnid, mode, valence, 0, b"", 0))
        self.thread(3, cnid, parent, name)
        self.folders += 1
        return cnid

    def file(self, parent, name, data=b"", mode=0o100644, special=1,
             finder=b"", flags=0, resource=b"", pieces=False):
        cnid, self.next = self.next, self.next + 1
        extents = []
        if pieces:  # every block by itself
            for at in range(0, len(data), BLOCK):
                extents += alloc(data[at:at + BLOCK])
                alloc(b"\xAA" if at % 1024 else bytes(BLOCK))
            for at in range(8, len(extents), 8):
                self.overflow.append(struct.pack(
                    ">HBBII", 10, 0, 0, cnid, at) + extent_record(
                    extents[at:]))
        else:
            extents = alloc(data)
        self.put(parent, name, self.common(
            2, cnid, mode, 0, special, finder, flags) + fork(
            len(data), extents) + fork(len(resource), alloc(resource)))
        self.thread(4, cnid, parent, name)
        self.files += 1
        return cnid

    def attribute(self, cnid, name, value, long=False):
        text = name.encode("utf-16-be")
        key = struct.pack(">HHIIH", 12 + len(text), 0, cnid, 0,
                          len(text) // 2) + text
        if long:
            data = struct.pack(">II", 0x20, 0) + fork(len(value), alloc(value))
        else:
            data = struct.pack(">IIII", 0x10, 0, 0, len(value)) + value
        self.attributes[cnid, name] = key + data + bytes(len(data) % 2)


def decmpfs(kind, size, data=b""):
    return struct.pack("<4sIQ", b"fpmc", kind, size) + data


def resource_blocks(content):
    blocks = [zlib.compress(content[i:i + 65536])
              for i in range(0, len(content), 65536)]
    table, at = struct.pack("<I", len(blocks)), 4 + 8 * len(blocks)
    for block in blocks:
        table += struct.pack("<II", at, len(block))
        at += len(block)
    data = table + b"".join(blocks)
    resources = struct.pack(">24xHHH4sHHHHII", 28, 50, 0, b"cmpf", 0, 10, 1,
                            0xFFFF, 0, 0)
    return struct.pack(">IIII", 256, 260 + len(data), len(data) + 4, 50).ljust(
        256, b"\0") + struct.pack(">I", len(data)) + data + resources


def lzvn(content):
    """Literals in every form, and the matches of `content` = line * n."""
    line = content[:content.index(b"\n") + 1]
    n = len(line)
    assert 16 < n < 100 and len(content) == n * (len(content) // n)
    out = bytes([0xE0, n - 1 - 16]) + line[:-1]  # large literals
    out += bytes([0xE1]) + line[-1:]  # a small one
    at = n

    def match(code, length):
        nonlocal out, at
        if at + length <= len(content):
            out += code
            at += length

    # A literal and a match of three, with a small distance.
    out += bytes([1 << 6 | n >> 8, n & 0xFF]) + content[at:at + 1]
    at += 1 + 3
    match(bytes([0xA0 | 2, 1 | n << 2 & 0xFF, n >> 6]), 12)  # medium
    match(bytes([2 << 3 | 7]) + struct.pack("<H", n), 5)     # large distance
    out += bytes([1 << 6 | 1 << 3 | 6]) + content[at:at + 1]  # the one before
    at += 1 + 4
    match(b"\x0e\xf7", 7)                                    # and a nop
    while len(content) - at >= 16:
        length = min(271, len(content) - at)
        match(bytes([0xF0, length - 16]), length)
    if at < len(content):
        match(bytes([0xF0 | len(content) - at]), len(content) - at)
    return out + b"\x06" + bytes(7)


def lzvn_blocks(content):
    """Blocks of 64 KiB, which are whole lines here; the last one is stored."""
    pieces = [content[i:i + 65536] for i in range(0, len(content), 65536)]
    blocks = [lzvn(piece) for piece in pieces[:-1]] + [b"\x06" + pieces[-1]]
    at, table = 4 * len(blocks) + 4, b""
    for block in blocks:
        table += struct.pack("<I", at)
        at += len(block)
    return table + struct.pack("<I", at) + b"".join(blocks)


def populate(v):
    v.folder(1, "inert", ROOT, 0o41777, 9)
    etc = v.folder(ROOT, "etc", mode=0o40750)
    v.file(etc, "empty")
    prog = v.file(ROOT, "su", b"inert: not a program\n", 0o104755)
    v.attribute(prog, "user.note", b"inline value")
    v.attribute(prog, "user.long", b"long value\n" * 100, long=True)
    v.file(etc, "link", b"../su", 0o120777, finder=b"slnkrhap")
    v.file(etc, "console", mode=0o020600, special=5 << 24 | 1)
    v.file(etc, "disk", mode=0o060600, special=8 << 24 | 17)
    v.file(etc, "pipe", mode=0o010644)
    v.file(etc, "pieces", b"".join(
        (b"piece %d\n" % i).ljust(BLOCK, b"\0") for i in range(12)) + b"end",
           pieces=True)
    v.file(etc, "a/b \u00fc \U0001f600", b"odd name\n",
           finder=b"TEXTttxt")
    v.file(ROOT, "forked", b"data fork\n", resource=b"resource fork\n")
    private = v.folder(ROOT, "\0\0\0\0HFS+ Private Data", mode=0o40000)
    v.file(private, "iNode77", b"shared\n", special=2)
    for name in ("one", "two"):
        v.file(etc, name, special=77, finder=b"hlnkhfs+", mode=0o100644)
    text = b"compressed line\n" * 100
    packed = v.file(ROOT, "packed", flags=0x20)
    v.attribute(packed, "com.apple.decmpfs", decmpfs(
        3, len(text), zlib.compress(text)))
    stored = v.file(ROOT, "stored", flags=0x20)
    v.attribute(stored, "com.apple.decmpfs", decmpfs(3, 5, b"\xffplain"))
    big = b"long compressed line\n" * 5000
    large = v.file(ROOT, "large", flags=0x20, resource=resource_blocks(big))
    v.attribute(large, "com.apple.decmpfs", decmpfs(4, len(big)))
    text = b"a line for lzvn\n" * 2
    text = text.replace(b"\n", b".", 1) * 40
    small = v.file(ROOT, "lzvn", flags=0x20)
    v.attribute(small, "com.apple.decmpfs", decmpfs(7, len(text), lzvn(text)))
    text = b"a line of lzvn.\n".rjust(32, b"-") * 2049
    forked = v.file(ROOT, "lzvn-fork", flags=0x20, resource=lzvn_blocks(text))
    v.attribute(forked, "com.apple.decmpfs", decmpfs(8, len(text)))


def main(path, options):
    hfsx, journal = "hfsx" in options, "journal" in options
    v = Volume()
    populate(v)
    journal_block = 0
    if journal:
        header = struct.pack("<IIQQQIII", 0x4A4E4C78, 0x12345678, 512, 512,
                             2048, 512, 0, 512)
        start = alloc(header.ljust(2048, b"\0"))[0][0]
        info = struct.pack(">I32xQQ", 1, start * BLOCK, 2048)
        journal_block = alloc(info)[0][0]
    special = []
    for records, size, longest, flags in (
            (v.overflow, 512, 10, 2),
            ([v.records[k] for k in sorted(v.records)], 1024, 516, 6),
            ([v.attributes[k] for k in sorted(v.attributes)], 1024, 266, 6)):
        tree = btree(records, size, longest, flags,
                     0xBC if hfsx and longest == 516 else
                     0xCF if longest == 516 else 0)
        special.append(fork(len(tree), alloc(tree)))
    blocks = len(image) // BLOCK + 4  # bitmap, a free one, two at the end
    start = len(image) // BLOCK
    bitmap = bytearray((blocks + 7) // 8)
    for used in list(range(start + 1)) + [blocks - 2, blocks - 1]:
        bitmap[used // 8] |= 0x80 >> used % 8
    allocation = fork(len(bitmap), alloc(bytes(bitmap)))
    image.extend(bytes((blocks - len(image) // BLOCK) * BLOCK))
    header = struct.pack(
        ">2sHI4sIIIIIIIIIIIIIIIQ32x", b"HX" if hfsx else b"H+",
        5 if hfsx else 4, 0x100 | (0x2000 if journal else 0), b"10.0",
        journal_block, TIME, TIME, 0, TIME, v.files, v.folders, BLOCK, blocks,
        1, 0, BLOCK, BLOCK, v.next, 1, 1)
    header += allocation + special[0] + special[1] + special[2] + fork(0, [])
    assert len(header) == 512
    image[1024:1536] = header
    image[-1024:-512] = header
    with open(path, "wb") as out:
        out.write(image)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
