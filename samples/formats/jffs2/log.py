#!/usr/bin/env python3
"""Prints the sample log.hex: a JFFS2 log with a past, written node by node
after Linux' include/uapi/linux/jffs2.h, as mkfs.jffs2 writes only fresh file
systems and Debian's knows no LZMA."""
import binascii
import lzma
import struct


def crc(data):
    return (binascii.crc32(data, 0xffffffff) ^ 0xffffffff) & 0xffffffff


def fields(kind, body, payload):
    """The header and the fields; two CRCs and the payload follow."""
    size = 12 + len(body) + 8 + len(payload)
    head = struct.pack('<HHI', 0x1985, kind, size)
    return head + struct.pack('<I', crc(head)) + body


def dirent(parent, version, inode, name, kind):
    name = name.encode()
    raw = fields(0xe001, struct.pack(
        '<IIIIBBH', parent, version, inode, 1000000000, len(name), kind, 0),
        name)
    return raw + struct.pack('<II', crc(raw), crc(name)) + name


def inode(number, version, mode, size, offset, data, length, compression):
    raw = fields(0xe002, struct.pack(
        '<IIIHHIIIIIIIBBH', number, version, mode, 1, 2, size, 3, 1000000000, 5,
        offset, len(data), length, compression, 0, 0), data)
    # data_crc stands in front of node_crc, which does not cover it.
    return raw + struct.pack('<II', crc(data), crc(raw)) + data


def obsolete(raw):
    return raw[:3] + bytes([raw[3] & ~0x20]) + raw[4:]


def packed(data):
    return lzma.compress(data, format=lzma.FORMAT_RAW, filters=[
        {'id': lzma.FILTER_LZMA1, 'lc': 0, 'lp': 0, 'pb': 0,
         'dict_size': 0x2000}])


text = b''.join(b'line %d\n' % i for i in range(600))[:4096]
nodes = [
    dirent(1, 1, 2, 'secret', 8),
    inode(2, 1, 0o100600, 6, 0, b'hidden', 6, 0),
    dirent(1, 2, 3, 'config', 8),
    inode(3, 1, 0o100644, 10, 0, b'password=1', 10, 0),
    inode(3, 2, 0o100644, 10, 9, b'2', 1, 0),
    obsolete(inode(3, 3, 0o104755, 10, 0, b'password=9', 10, 0)),
    dirent(1, 3, 4, 'lzma', 8),
    inode(4, 1, 0o100644, 4096, 0, packed(text), 4096, 8),
    inode(4, 2, 0o100644, 10000, 4096, b'', 5904, 1),
    dirent(1, 4, 0, 'secret', 0),
    dirent(1, 5, 5, 'cut', 8),
    inode(5, 1, 0o100644, 8, 0, b'keepDROP', 8, 0),
    inode(5, 2, 0o104755, 4, 0, b'', 0, 0),
    dirent(1, 6, 6, 'disk', 6),
    inode(6, 1, 0o060600, 4, 0,
          struct.pack('<I', (300 & 0xff) | 259 << 8 | (300 & ~0xff) << 12), 4,
          0),
]
image = b''
for raw in nodes:
    image += raw + b'\xff' * (-len(raw) % 4)
for at in range(0, len(image), 38):
    print(image[at:at + 38].hex())
