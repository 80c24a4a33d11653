#!/usr/bin/env python3
"""Prints the sample journal.hex: a UBIFS with a committed index and, in the
journal, changes since the commit: a file rewritten, one deleted, one cut, one
new. Written after Linux' fs/ubifs/ubifs-media.h, as mkfs.ubifs leaves no
journal behind; erase blocks are smaller than Linux allows."""
import binascii
import struct

LEB = 4096
MAIN = 4  # LPT and orphans have no block
INO, DATA, DENT, XENT, TRUN, PAD, SB, MST, REF, IDX, CS = range(11)
sequence = 0


def node(kind, body):
    global sequence
    sequence += 1
    rest = struct.pack('<QIBBH', sequence, 24 + len(body), kind, 0, 0) + body
    crc = (binascii.crc32(rest) ^ 0xffffffff) & 0xffffffff
    return struct.pack('<II', 0x06101831, crc) + rest


def key(inode, kind, rest):
    return struct.pack('<II8x', inode, kind << 29 | rest)


def inode(number, mode, size, nlink=1, data=b'', flags=0):
    return node(INO, key(number, INO, 0) + struct.pack(
        '<QQQQQIIIIIIIIIIIIIH26x', 1, size, 5, 6, 1000000000, 0, 0, 0, nlink, 7,
        8, mode, flags, len(data), 0, 0, 0, 0, 0) + data)


def entry(parent, name, number, kind, what=DENT):
    name = name.encode()
    return node(what, key(parent, what, sum(name)) + struct.pack(
        '<QBBHI', number, 0, kind, len(name), 0) + name + b'\0')


def data(number, block, content):
    return node(DATA, key(number, DATA, block) + struct.pack(
        '<IHH', len(content), 0, 0) + content)


def lay(nodes):
    out, places = b'', []
    for raw in nodes:
        places.append((len(out), raw))
        out += raw + b'\xce' * (-len(raw) % 8)
    return out, places


committed, places = lay([
    inode(1, 0o041755, 300),
    entry(1, 'kept', 10, 0), inode(10, 0o100644, 4),
    data(10, 0, b'old!'),
    entry(1, 'gone', 11, 0), inode(11, 0o100644, 6), data(11, 0, b'secret'),
    entry(1, 'cut', 12, 0), inode(12, 0o100644, 4100),
    data(12, 0, b'c' * 300), data(12, 1, b'tail'),
    inode(13, 0o100644, 5, data=b'value', flags=0x20),
    entry(10, 'user.note', 13, 0, XENT),
])
leaves = sorted(
    (struct.unpack_from('<II', raw, 24), at, len(raw)) for at, raw in places)
branches = [struct.pack('<IIIII', MAIN, at, size, *k)
            for k, at, size in leaves]
half = len(branches) // 2
low = [node(IDX, struct.pack('<HH', len(part), 0) + b''.join(part))
       for part in (branches[:half], branches[half:])]
index, places = lay(low)
top = node(IDX, struct.pack('<HH', 2, 1) + b''.join(
    struct.pack('<III', MAIN, len(committed) + at, len(raw)) + raw[40:48]
    for at, raw in places))
committed += index
root = len(committed)
committed += top

start = node(CS, struct.pack('<Q', 4))
reference = node(REF, struct.pack('<III28x', MAIN + 1, 0, 1))
journal, _ = lay([
    data(10, 0, b'new, longer'), inode(10, 0o104755, 11),
    entry(1, 'gone', 0, 0), inode(11, 0o100644, 0, nlink=0),
    node(TRUN, struct.pack('<I12xQQ', 12, 4100, 2)),
    data(12, 0, b'cc'), inode(12, 0o100644, 2),
    entry(1, 'disk', 14, 3),
    inode(14, 0o060600, 0, data=struct.pack('<I', 44 | 259 << 8 | 256 << 12)),
    entry(1, 'link', 15, 2), inode(15, 0o120777, 4, data=b'kept'),
])
super_node = node(SB, struct.pack(
    '<HBBIIIIIQIIIIIIIHHIIQI16sI', 0, 0, 0, 0, 8, LEB, 6, 6, 65536, 1, 0, 0, 1,
    8, 0, 5, 0, 0, 0, 0, 0, 1, b'0123456789abcdef', 0).ljust(4072, b'\0'))
master_body = struct.pack('<QQIIIII', 20, 4, 0, 3, MAIN, root, len(top))
masters = [node(MST, master_body.ljust(488, b'\0')) for _ in range(2)]

image = b''
for block in (super_node, masters[0], masters[1], start + reference,
              committed, journal):
    image += block.ljust(LEB, b'\xff')
for at in range(0, len(image), 64):
    print(image[at:at + 64].hex())
