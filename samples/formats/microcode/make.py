#!/usr/bin/env python3
"""Makes the samples: real updates are not free. iucode_tool lists intel.hex."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))


def mend(data, at):
    total = sum(struct.unpack('<%dI' % (len(data) // 4), data))
    struct.pack_into('<I', data, at, -total & 0xffffffff)
    return bytes(data)


def intel(processor, revision, body, extended):
    room = 20 + 12 * len(extended) if extended else 0
    body += b'\0' * (-(48 + len(body) + room) % 1024)
    head = struct.pack('<9I12x', 1, revision, 0x05062024, processor, 0, 1, 1,
                       len(body), 48 + len(body) + room)
    update = mend(bytearray(head + body), 16)
    if not extended:
        return update
    # The check sum that the header would have for that processor.
    stated, = struct.unpack_from('<I', update, 16)
    table = b''.join(struct.pack('<III', processor, flags,
                                 (stated + 1 - flags) & 0xffffffff)
                     for flags in extended)
    return update + mend(bytearray(struct.pack(
        '<II12x', len(extended), 0) + table), 4)


def amd(processor, level, body):
    head = struct.pack('<II16xH38x', 0x20240506, level, processor)
    return struct.pack('<II', 1, len(head) + len(body)) + head + body


def write(path, comment, data):
    with open(os.path.join(HERE, path), 'w', encoding='ascii') as out:
        out.write('# %s\n' % comment)
        for i in range(0, len(data), 32):
            out.write(data[i:i + 32].hex() + '\n')


write('intel.hex', 'make.py: two updates, the second with an extended table',
      intel(0x906ea, 0xf4, b'first update', []) +
      intel(0x806c1, 0xb8, b'second update', [2, 4]))
equivalences = struct.pack('<IIIHH', 0xa20f10, 0, 0, 0xa210, 0) + bytes(16)
write('amd.hex', 'make.py: a container with two patches',
      struct.pack('<III', 0x414d44, 0, len(equivalences)) + equivalences +
      amd(0xa210, 0x0a20107a, b'first patch') +
      amd(0xa210, 0x0a20107b, b'second patch'))
