#!/usr/bin/env python3
"""Makes the samples: Debian has no tool that writes variables of either kind
(stores of Debian's own firmware are compared in tests/oracle/uefi_nvram.sh)."""
import os
import struct
import uuid
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c'
SECURITY = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f'


def guid(text):
    return uuid.UUID(text).bytes_le


def wide(text):
    return (text + '\0').encode('utf-16-le')


def variable(name, vendor, data, state=0x3f, authenticated=True):
    head = struct.pack('<HBBI', 0x55aa, state, 0, 0x27)
    if authenticated:
        head += struct.pack('<QHBBBBBBIII', 0, 2024, 5, 6, 7, 8, 10, 0, 0, 0, 0)
    head += struct.pack('<II', len(wide(name)), len(data)) + guid(vendor)
    body = head + wide(name) + data
    return body + b'\xff' * (-len(body) % 4)


def store(signature, variables, size):
    data = guid(signature) + struct.pack('<IBBHI', size, 0x5a, 0xfe, 0, 0)
    data += b''.join(variables)
    return data + b'\xff' * (size - len(data))


def working_block(queue, size):
    name = guid('9e58292b-7c68-497d-a0ce-6500fd9f1b95')
    crc = zlib.crc32(name + b'\xff' * 8 + struct.pack('<Q', size))
    return name + struct.pack('<IIQ', crc, 0xfffffffe, size) + queue + (
        b'\xff' * (size - len(queue)))


def entry(attributes, body, step=0xffffff):
    return b'NVAR' + struct.pack('<HI', len(body) + 10,
                                 attributes << 24 | step) + body


def write(path, comment, data):
    with open(os.path.join(HERE, path), 'w', encoding='ascii') as out:
        out.write('# %s\n' % comment)
        for i in range(0, len(data), 32):
            out.write(data[i:i + 32].hex() + '\n')


variables = [
    variable('PK', GLOBAL, b'the old platform key', 0x3c),
    variable('PK', GLOBAL, b'the platform key'),
    variable('db', SECURITY, b'allowed signatures'),
    variable('BootOrder', GLOBAL, b'\0\0\1\0', 0x3e),
    variable('Unfinished', GLOBAL, b'half', 0x7f),
]
write('variables.hex', 'make.py: authenticated store, fault tolerant write',
      store('aaf32c78-947b-439a-a180-2e144ec37792', variables, 768)
      + b'\xff' * 32 + working_block(b'', 64) + b'\xff' * 128)
plain = [variable('Lang', GLOBAL, b'eng', authenticated=False)]
write('plain.hex', 'make.py: store without authentication; old writes',
      store('ddcf3616-3275-4164-98b6-fe85707ffe7d', plain, 160)
      + working_block(b'a write that is done', 64))
first = entry(0x83, b'\0Setup\0' + b'old value', 0)
middle = entry(0x88, b'second value')
last = entry(0x88, b'newest value')
stale = entry(0x03, b'\0Gone\0' + b'deleted')
own = entry(0x84, guid(SECURITY) + wide('Own') + b'own GUID')
long = entry(0x93, b'\1Ext\0' + b'data' + b'\0abcde\x08\0')
first = entry(0x83, b'\0Setup\0' + b'old value', len(first) + len(own))
middle = entry(0x88, b'second value', len(middle) + len(stale))
entries = first + own + middle + stale + last + long
write('nvar.hex', "make.py: AMI's NVAR list",
      entries + b'\xff' * 100 + guid(SECURITY) + guid(GLOBAL))
