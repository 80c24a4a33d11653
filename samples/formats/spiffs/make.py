#!/usr/bin/env python3
"""Writes the SPIFFS samples, and for tests/oracle/spiffs.sh images of a tree.

make.py FOLDER                              all samples, as commented hex
make.py --tree DIR IMAGE [OPTION=VALUE ...]  the files of DIR, flat, as mkspiffs
                                            and ESP-IDF's spiffsgen name them

Options: page block blocks name meta align magic (length, plain).

From the layout in spiffs' src/spiffs_nucleus.h (spiffs_page_header,
spiffs_page_object_ix_header, SPIFFS_MAGIC) and docs/TECH_SPEC.
"""
import os
import struct
import sys

DATA, INDEX = 0xFC, 0xF8  # flags of pages that are used and final
DELETED = 0x7F
FLAG = 0x8000


class Volume:
    def __init__(self, page=256, block=4096, blocks=3, name=32, meta=4, align=1,
                 magic="length"):
        self.page, self.block = int(page), int(block)
        self.blocks, self.magic = int(blocks), magic
        self.name, self.meta = int(name), int(meta)
        self.raw = bytearray(b"\xff" * (self.block * self.blocks))
        self.per = self.block // self.page
        self.lookups = max(1, self.per * 2 // self.page)
        self.table = 13 + self.name + self.meta
        self.table += -self.table % int(align)
        self.next = self.objects = 0
        for block in range(self.blocks):
            end = block * self.block + self.lookups * self.page
            value = 0x20140529 ^ self.page
            if magic == "length":
                value ^= self.blocks - block
            struct.pack_into("<H", self.raw, end - 4, value & 0xFFFF)

    def take(self):
        """The next free page, and where its entry lies."""
        if self.next % self.per == 0:
            self.next += self.lookups
        number = self.next
        assert number < self.per * self.blocks, "full"
        self.next += 1
        return number

    def entry(self, number, value):
        place = (number // self.per * self.block
                 + (number % self.per - self.lookups) * 2)
        struct.pack_into("<H", self.raw, place, value)

    def put(self, number, obj, span, flags, body=b"", entry=None):
        raw = struct.pack("<HHB", obj, span, flags) + body
        assert len(raw) <= self.page
        self.raw[number * self.page:number * self.page + len(raw)] = raw
        self.entry(number, obj if entry is None else entry)

    def data(self, obj, content):
        size, numbers = self.page - 5, []
        for span, at in enumerate(range(0, len(content), size)):
            numbers.append(self.take())
            self.put(numbers[-1], obj, span, DATA, content[at:at + size])
        return numbers

    def file(self, name, content, kind=1, meta=b"", size=None, obj=None):
        """Its first index page comes first, as the device writes it."""
        if obj is None:
            self.objects += 1
            obj = self.objects
        first = (self.page - self.table) // 2
        more = (self.page - 8) // 2
        head = self.take()
        numbers = self.data(obj, content)
        body = b"\xff" * 3 + struct.pack(
            "<IB", len(content) if size is None else size, kind)
        body += name.ljust(self.name, b"\0") + meta[:self.meta].ljust(self.meta, b"\0")
        body = body.ljust(self.table - 5, b"\0")
        body += struct.pack("<%dH" % len(numbers[:first]), *numbers[:first])
        self.put(head, obj | FLAG, 0, INDEX, body)
        rest, span = numbers[first:], 0
        while rest:
            span += 1
            part, rest = rest[:more], rest[more:]
            self.put(self.take(), obj | FLAG, span, INDEX, b"\xff" * 3
                     + struct.pack("<%dH" % len(part), *part))
        return head, numbers

    def delete(self, numbers):
        for number in numbers:
            self.raw[number * self.page + 4] &= DELETED
            self.entry(number, 0)


NUMBERS = b"".join(b"%d\n" % i for i in range(1, 1201))


def plain(fs):
    fs.file(b"/su", b"inert: not a program\n", meta=b"\x00\xca\x9a\x3b")
    fs.file(b"/www/numbers.txt", NUMBERS)
    fs.file(b"/empty", b"")
    fs.file(b"/never-written", b"", size=0xFFFFFFFF)


def worn(fs):
    """A device was at work: deleted files, older contents, an erase count."""
    old = fs.file(b"/config", b"password=1")
    gone = fs.file(b"/secret", b"hidden")
    fs.file(b"/same", b"moved")
    head, numbers = fs.file(b"/moved", b"unchanged")
    fs.file(b"/config", b"password=2", obj=1)
    fs.delete([old[0]] + old[1] + [gone[0]] + gone[1])
    # A page that was copied as it is, and its first copy deleted.
    page = fs.take()
    fs.put(page, 4, 0, DATA, b"unchanged")
    struct.pack_into("<H", fs.raw, head * fs.page + fs.table, page)
    fs.delete(numbers)
    struct.pack_into("<H", fs.raw, fs.lookups * fs.page - 2, 7)
    # Block 2 was being erased when the power went.
    fs.raw[2 * fs.block:3 * fs.block] = b"\xff" * fs.block


def save(folder, name, fs):
    with open(os.path.join(folder, name + ".hex"), "w") as out:
        out.write("# make.py %s\n" % name)
        for at in range(0, len(fs.raw), 32):
            out.write(fs.raw[at:at + 32].hex() + "\n")


def main():
    if sys.argv[1] == "--tree":
        fs = Volume(**dict(pair.split("=") for pair in sys.argv[4:]))
        for name in sorted(os.listdir(sys.argv[2])):
            with open(os.path.join(sys.argv[2], name), "rb") as stream:
                fs.file(b"/" + name.encode(), stream.read())
        with open(sys.argv[3], "wb") as out:
            out.write(fs.raw)
        return
    for name, fill, options in (
            ("esp32", plain, dict(page=256, block=4096, blocks=2)),
            ("esp8266", plain, dict(page=256, block=4096, blocks=2, meta=0,
                                    align=4)),
            ("plain", plain, dict(page=64, block=1024, blocks=8, meta=0,
                                  magic="plain")),
            ("empty", lambda fs: None, dict(page=128, block=1024, blocks=6)),
            ("worn", worn, dict(page=128, block=2048, blocks=4))):
        fs = Volume(**options)
        fill(fs)
        save(sys.argv[1], name, fs)


main()
