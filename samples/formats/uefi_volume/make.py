#!/usr/bin/env python3
"""Makes the samples of uefi_volume and uefi_section.

Debian has no tool that builds firmware volumes, so these are built from the
UEFI and PI specifications; UEFIExtract and 7-Zip read them
(tests/oracle/uefi_volume.sh). Needs the program "brotli".
"""
import heapq
import lzma
import os
import struct
import subprocess
import uuid
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))


def guid(text):
    return uuid.UUID(text).bytes_le


FFS2 = guid('8c8ce578-8a3d-4f1c-9935-896185c32dd3')
FFS3 = guid('5473c07a-3dcb-4dca-bd6f-1e9689e7349a')
TIANO = 'a31280ad-481e-41b6-95e8-127f4c984779'
LZMA = 'ee4e5898-3914-4259-9d6e-dc7bd79403cf'
LZMA_F86 = 'd42ae6bd-1352-4bfb-909a-ca72a6eae889'
BROTLI = '3d532050-5cda-4fd0-879e-0f7f630d5afb'
CRC32 = 'fc1bcdb0-7d31-49aa-936a-a4600d9dd083'


# Compression: UEFI Specification 2.10, section 19.

class Bits:
    def __init__(self):
        self.text = []

    def put(self, count, value):
        if count:
            self.text.append(format(value, '0%db' % count))

    def bytes(self):
        text = ''.join(self.text) + '0' * 7
        text = text[:len(text) // 8 * 8]
        return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def lengths_of(frequencies, size):
    heap = [(f, s, [s]) for s, f in enumerate(frequencies) if f]
    lengths = [0] * size
    heapq.heapify(heap)
    while len(heap) > 1:
        a, b = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in a[2] + b[2]:
            lengths[symbol] += 1
        heapq.heappush(heap, (a[0] + b[0], min(a[1], b[1]), a[2] + b[2]))
    assert max(lengths) <= 16
    return lengths


def codes_of(lengths):
    code, codes = 0, {}
    for length in range(1, 17):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = (length, code)
                code += 1
        code <<= 1
    return codes


def count(symbols, size):
    frequencies = [0] * size
    for symbol in symbols:
        frequencies[symbol] += 1
    return frequencies


def put_lengths(bits, lengths, width, special):
    """Lengths of the code lengths or distances, or the only symbol."""
    used = max((i + 1 for i, n in enumerate(lengths) if n), default=0)
    bits.put(width, used)
    i = 0
    while i < used:
        n = lengths[i]
        i += 1
        bits.put(3, min(n, 7))
        for _ in range(max(n - 7, 0)):
            bits.put(1, 1)
        if n >= 7:
            bits.put(1, 0)
        if i == special:
            zeros = 0
            while i < min(used, 6) and lengths[i] == 0:
                zeros, i = zeros + 1, i + 1
            bits.put(2, zeros)


def tiano(data, position_width):
    tokens, i, seen = [], 0, {}
    while i < len(data):
        key, best = data[i:i + 3], (0, 0)
        for j in seen.get(key, [])[-32:]:
            n = 3
            while n < 256 and i + n < len(data) and data[j + n] == data[i + n]:
                n += 1
            best = max(best, (n, j))
        n = best[0] if len(key) == 3 and best[0] else 1
        if n == 1:
            tokens.append((data[i], None))
        else:
            tokens.append((256 + n - 3, i - best[1] - 1))
        for k in range(i, i + n):
            seen.setdefault(data[k:k + 3], []).append(k)
        i += n
    positions = [p.bit_length() for _, p in tokens if p is not None]
    chars = lengths_of(count([c for c, _ in tokens], 510), 510)
    places = lengths_of(count(positions, 31), 31)
    used = max(i + 1 for i, n in enumerate(chars) if n)
    # Code lengths: 0 a zero, 1 and 2 runs of zeros, else the length plus 2.
    runs, i = [], 0
    while i < used:
        zeros = 0
        while i + zeros < used and chars[i + zeros] == 0:
            zeros += 1
        if zeros == 0:
            runs.append((chars[i] + 2, None))
            i += 1
        elif zeros < 3:
            runs.append((0, None))
            i += 1
        elif zeros < 20:
            take = min(zeros, 18)
            runs.append((1, take - 3))
            i += take
        else:
            take = min(zeros, 531)
            runs.append((2, take - 20))
            i += take
    steps = lengths_of(count([r for r, _ in runs], 19), 19)
    bits = Bits()
    bits.put(16, len(tokens))
    put_lengths(bits, steps, 5, 3)
    bits.put(9, used)
    step_codes, char_codes, place_codes = map(codes_of, (steps, chars, places))
    for run, extra in runs:
        bits.put(*step_codes[run])
        bits.put({1: 4, 2: 9}.get(run, 0), extra or 0)
    if sum(1 for n in places if n) == 0 and positions:
        bits.put(position_width, 0)
        bits.put(position_width, positions[0])
    elif not positions:
        bits.put(position_width, 0)
        bits.put(position_width, 0)
    else:
        put_lengths(bits, places, position_width, -1)
    for char, position in tokens:
        bits.put(*char_codes[char])
        if position is not None:
            width = position.bit_length()
            if width in place_codes:
                bits.put(*place_codes[width])
            if width > 1:
                bits.put(width - 1, position - (1 << (width - 1)))
    packed = bits.bytes() + b'\0'
    return struct.pack('<II', len(packed), len(data)) + packed


def lzma_of(data, x86=False):
    filters = [{'id': lzma.FILTER_X86}] if x86 else []
    filters.append({'id': lzma.FILTER_LZMA1, 'dict_size': 1 << 16})
    packed = lzma.compress(data, format=lzma.FORMAT_RAW, filters=filters)
    return struct.pack('<BIQ', 0x5d, 1 << 16, len(data)) + packed


def brotli_of(data):
    packed = subprocess.run(['brotli', '-c'], input=data, check=True,
                            stdout=subprocess.PIPE).stdout
    return struct.pack('<QQ', len(data), 1 << 16) + packed


# Sections, files, volumes: PI Specification 1.8, volume 3, section 3.2.

def section(kind, body, large=False):
    if large:
        return struct.pack('<I', kind << 24 | 0xffffff) + struct.pack(
            '<I', len(body) + 8) + body
    return struct.pack('<I', kind << 24 | (len(body) + 4)) + body


def guided(name, body, extra=b'', attributes=1):
    return section(2, guid(name) + struct.pack(
        '<HH', 24 + len(extra), attributes) + extra + body)


def compressed(kind, body, original):
    return section(1, struct.pack('<IB', original, kind) + body)


def chain(*sections):
    data = b''
    for one in sections:
        data += b'\0' * (-len(data) % 4) + one
    return data


def ui(text):
    return section(0x15, (text + '\0').encode('utf-16-le'))


def version(text):
    return section(0x14, b'\x07\0' + (text + '\0').encode('utf-16-le'))


def file(name, kind, body, checksum=True, state=0xf8, large=False):
    attributes = (0x40 if checksum else 0) | (1 if large else 0)
    size = len(body) + (32 if large else 24)
    stored = 0 if large else size
    head = bytearray(guid(name) + bytes([0, 0, kind, attributes]) +
                     struct.pack('<I', stored)[:3] + b'\0')
    if large:
        head += struct.pack('<Q', size)
    head[16] = -sum(head) & 255
    head[17] = -sum(body) & 255 if checksum else 0xaa
    head[23] = state
    return bytes(head) + body


def volume(files, size, system=FFS2, extended=b''):
    at = 72
    head = bytearray(b'\0' * 16 + system + struct.pack(
        '<Q4sIHHHBB', size, b'_FVH', 0x4feff, 72, 0, at if extended else 0, 0,
        2) + struct.pack('<IIII', size // 512, 512, 0, 0))
    struct.pack_into('<H', head, 50, -sum(
        struct.unpack('<36H', bytes(head))) & 0xffff)
    data = bytes(head) + extended
    for one in files:
        data += b'\xff' * (-len(data) % 8) + one
    assert len(data) <= size, len(data)
    return data + b'\xff' * (size - len(data))


def name(number):
    return '%08x-0000-4000-8000-000000000000' % number


def hex_of(path, comment, data):
    with open(os.path.join(HERE, '..', path), 'w', encoding='ascii') as out:
        out.write('# %s\n' % comment)
        for i in range(0, len(data), 32):
            out.write(data[i:i + 32].hex() + '\n')


def program():
    with open(os.path.join(HERE, '../pe/plain.hex'), encoding='ascii') as text:
        return bytes.fromhex(''.join(
            line for line in text if not line.startswith('#')))


def sections(title):
    """What a packed part decodes to: its title, a version, some text."""
    text = ' '.join('%s%d' % (title, i * i) for i in range(100)).encode()
    return chain(ui(title), version('1.0'), section(0x19, text))


def main():
    plain = chain(section(0x13, b'\x06\x08'), section(0x10, program()),
                  ui('Driver'), version('2.1'))
    inner = volume([file(name(9), 2, chain(section(0x19, b'nested')))], 512)
    packed = [
        compressed(1, tiano(sections('Efi'), 4), len(sections('Efi'))),
        guided(TIANO, tiano(sections('Tiano'), 5)),
        guided(LZMA, lzma_of(sections('Lzma'))),
        guided(LZMA_F86, lzma_of(
            chain(sections('F86'), section(0x10, program())), True)),
        guided(BROTLI, brotli_of(sections('Brotli'))),
        guided(CRC32, sections('Crc'),
               struct.pack('<I', zlib.crc32(sections('Crc'))), 2),
        compressed(0, sections('Plain'), len(sections('Plain'))),
    ]
    files = [file(name(1), 7, plain)]
    files += [file(name(0x10 + i), 2, one) for i, one in enumerate(packed)]
    files += [
        file(name(2), 1, b'raw content', checksum=False),
        file('ffffffff-ffff-ffff-ffff-ffffffffffff', 0xf0, b'\xff' * 32,
             checksum=False),
        file(name(3), 2, section(0x19, b'an old version'), state=0xe8),
        file(name(4), 0xb, section(0x17, inner)),
        file(name(5), 2, section(
            0x18, guid(name(0x55)) + b'freeform with a GUID')),
    ]
    extended = guid(name(0xee)) + struct.pack('<I', 20)
    hex_of('uefi_volume/files.hex', 'make.py: FFS2, every encoding',
           volume(files, 9216, extended=extended))
    hex_of('uefi_volume/large.hex', 'make.py: FFS3, large file and section',
           volume([file(name(6), 2, section(0x19, b'large', True),
                        large=True)], 512, FFS3))
    hex_of('uefi_section/chain.hex', 'make.py: a chain of sections',
           chain(sections('Chain'), packed[0], packed[5]))


if __name__ == '__main__':
    main()
