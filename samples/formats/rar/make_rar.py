#!/usr/bin/env python3
"""make_rar.py: writes old.hex and new.hex into the current folder: RAR 4 and
RAR 5 archives from their public descriptions (technote.txt of RAR 4,
rarlab.com/technote.htm). Debian has no program that writes RAR. Compressed
members hold literals alone, behind the tables that every block begins with.
"""
import hashlib
import struct
import zlib

TEXT = b'inert: not a program\n'
LONG = b''.join(b'%d\n' % i for i in range(1, 300))
TIME = 1000000000  # 2001-09-09 01:46:40


def bits(pairs):
    text = ''.join(f'{value:0{count}b}' for value, count in pairs if count)
    text += '0' * (-len(text) % 8)
    return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def tables(lengths, codes, runs):
    """The code of the code lengths, then these."""
    out = [(lengths.get(i, 0), 4) for i in range(20)]
    for symbol, extra, count in runs:
        out += [(codes[symbol], 2), (extra, count)]
    return out


# --- RAR 4 -----------------------------------------------------------------
def old_block(kind, flags, fields, data=b''):
    body = struct.pack('<BHH', kind, flags, 7 + len(fields)) + fields
    return struct.pack('<H', zlib.crc32(body) & 0xFFFF) + body + data


DOS = (2001 - 1980) << 25 | 9 << 21 | 9 << 16 | 1 << 11 | 46 << 5 | 40 // 2


def old_lz(content):
    # Literals of 9 bits, and the end of the block of 1; the codes for offsets
    # and lengths have two symbols each, which are not used.
    out = [(0, 1), (0, 1)]
    out += tables({1: 2, 9: 2, 17: 2, 19: 2}, {1: 0, 9: 1, 17: 2, 19: 3},
                  [(9, 0, 0), (17, 127, 7), (17, 106, 7), (1, 0, 0),
                   (19, 31, 7), (1, 0, 0), (1, 0, 0), (19, 47, 7), (1, 0, 0),
                   (1, 0, 0), (19, 4, 7), (1, 0, 0), (1, 0, 0), (19, 15, 7)])
    out += [(1 << 8 | byte, 9) for byte in content]
    # libarchive looks ahead further than this ends.
    return bits(out + [(0, 1), (0, 1), (0, 1)]) + bytes(4)


def old_file(name, content, mode=0o100644, flags=0, method=0x30, packed=None,
             kind=0x74, more=b'', crc=None, version=29):
    packed = content if packed is None else packed
    crc = zlib.crc32(content) if crc is None else crc
    fields = struct.pack('<IIBIIBBHI', len(packed), len(content), 3, crc, DOS,
                         version, method, len(name), mode) + name + more
    return old_block(kind, 0x8000 | flags, fields, packed)


# A name whose encoding says: characters as they are, and one of 16 bits.
WIDE = b'_' + b'\0' + bytes([0x03, 0b10000000]) + struct.pack('<H', 0x3A9)
OLD = (b'Rar!\x1a\x07\0' + old_block(0x73, 0, bytes(6)) +
       old_file(b'CMT', b'a comment\n', kind=0x7A) +
       old_file(b'bin', b'', 0o40755, 0xE0) +
       old_file(b'bin\\su', TEXT, 0o104755) +
       old_file(b'link', b'bin/su', 0o120777) +
       old_file(WIDE, b'wide\n', flags=0x200) +
       old_file(b'packed', LONG, method=0x33, packed=old_lz(LONG)) +
       old_file(b'STM', b'in a stream\n', kind=0x7A,
                more=':hidden'.encode('utf-16-le')) +
       old_file(b'ancient', LONG, method=0x33, packed=b'?' * 30, version=20) +
       old_file(b'secret', b'\x55' * 32, flags=0x404, more=b'saltsalt') +
       old_file(b'next', b'goes on', flags=2) +
       old_block(0x7B, 0x4000, b''))


# --- RAR 5 -----------------------------------------------------------------
def number(value):
    out = b''
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


def record(kind, body):
    body = number(kind) + body
    return number(len(body)) + body


def new_block(kind, fields, data=None, extra=b'', flags=0):
    flags |= (1 if extra else 0) | (2 if data is not None else 0)
    body = number(kind) + number(flags)
    body += number(len(extra)) if extra else b''
    body += number(len(data)) if data is not None else b''
    body += fields + extra
    body = number(len(body)) + body
    return struct.pack('<I', zlib.crc32(body)) + body + (data or b'')


def new_lz(content):
    # Every literal with 8 bits.
    out = tables({8: 2, 17: 2, 18: 2, 19: 2}, {8: 0, 17: 1, 18: 2, 19: 3},
                 [(8, 0, 0), (17, 127, 7), (17, 106, 7), (19, 127, 7),
                  (19, 25, 7)])
    out += [(byte, 8) for byte in content]
    last = (sum(count for _, count in out) - 1) % 8
    packed = bits(out)
    flags = 0x80 | 0x40 | 1 << 3 | last
    size = struct.pack('<H', len(packed))
    return bytes([flags, 0x5A ^ flags ^ size[0] ^ size[1]]) + size + packed


def new_file(name, content, mode=0o100644, kind=2, flags=0, file_flags=0,
             extra=b'', method=0, solid=0, packed=None, crc=None):
    data = content if packed is None else packed
    fields = number(file_flags | 6) + number(len(content)) + number(mode)
    crc = zlib.crc32(content) if crc is None else crc
    fields += struct.pack('<II', TIME, crc)
    fields += number(method << 7 | solid << 6) + number(1)
    fields += number(len(name)) + name
    return new_block(kind, fields, data, extra, flags)


def blake2sp(data):
    pieces = [data[i:i + 64] for i in range(0, len(data), 64)]
    tree = dict(digest_size=32, fanout=8, depth=2, inner_size=32)
    leaves = b''.join(hashlib.blake2s(
        b''.join(pieces[i::8]), node_offset=i, node_depth=0, last_node=i == 7,
        **tree).digest() for i in range(8))
    return hashlib.blake2s(leaves, node_offset=0, node_depth=1, last_node=True,
                           **tree).digest()


NEW = (b'Rar!\x1a\x07\x01\0' + new_block(1, number(0)) +
       new_file(b'CMT', b'a comment\n', kind=3) +
       new_file(b'bin', b'', 0o40755, file_flags=1) +
       new_file(b'bin/su', TEXT, 0o104755, extra=record(
           6, number(0xF) + number(4) + b'user' + number(5) + b'group' +
           number(1000) + number(1001))) +
       new_file(b'bin/su2', b'', 0o104755, extra=record(
           5, number(4) + number(0) + number(6) + b'bin/su')) +
       new_file(b'link', b'', 0o120777, extra=record(
           5, number(1) + number(0) + number(6) + b'bin/su')) +
       new_file('Ω'.encode(), b'wide\n', extra=record(
           3, number(2) + struct.pack('<Q', (TIME + 11644473600) * 10**7))) +
       new_file(b'packed', LONG, method=1, packed=new_lz(LONG)) +
       new_file(b'hashed', LONG, extra=record(2, number(0) + blake2sp(LONG))) +
       new_file(b'STM', b'in a stream\n', kind=3, flags=0x20, extra=record(
           7, b':hidden')) +
       new_file(b'secret', b'\x55' * 32, extra=record(
           1, number(0) + number(0) + b'\x0f' + bytes(32))) +
       new_file(b'next', b'goes on', flags=0x10) +
       new_block(5, number(0)))


def write(name, data):
    with open(name, 'w') as out:
        out.write(f'# make_rar.py: {name}\n')
        for i in range(0, len(data), 32):
            out.write(data[i:i + 32].hex() + '\n')


write('old.hex', OLD)
write('new.hex', NEW)
