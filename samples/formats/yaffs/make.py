#!/usr/bin/env python3
"""Writes the YAFFS samples, and for tests/oracle/yaffs.sh an image of a tree.

make.py FOLDER                          all samples, as commented hex
make.py --tree DIR IMAGE [OPTION=VALUE ...]   what mkyaffs2image makes of DIR

Options: version page spare tags ecc (0 or 1) order headers (little or big)
inband seq.

From the layout in yaffs2's yaffs_guts.h (struct yaffs_obj_hdr, yaffs_tags,
yaffs_spare) and yaffs_packedtags2.c; builders: utils/mkyaffsimage.c and
utils/mkyaffs2image.c.
"""
import os
import stat
import struct
import sys

FILE, SYMLINK, DIRECTORY, HARDLINK, SPECIAL = 1, 2, 3, 4, 5
NONE = 0xFFFFFFFF


def parity(value):
    return bin(value).count("1") & 1


class Writer:
    def __init__(self, version=2, page=2048, spare=64, tags=0, ecc=1,
                 order="little", headers=None, inband=0, seq=0x1000):
        self.version, self.tags, self.ecc = version, int(tags), int(ecc)
        self.inband, self.seq = int(inband), int(seq)
        self.page, self.spare = int(page), int(spare)
        if self.version == 1:
            self.page, self.spare = 512, 16
        if self.inband:
            self.page, self.spare, self.ecc = self.page - 16, 16, 0
        self.order = "<" if order == "little" else ">"
        self.headers = "<" if (headers or order) == "little" else ">"
        self.out = bytearray()

    def hamming(self, raw):
        """Column parities of all bytes; the xor of the odd bytes' places."""
        both = 0
        line = prime = 0
        for place, byte in enumerate(raw):
            both ^= byte
            if parity(byte):
                line ^= place
                prime ^= ~place & NONE
        column = 0
        for bit, mask in enumerate([0x55, 0xAA, 0x33, 0xCC, 0x0F, 0xF0]):
            column |= parity(both & mask) << bit
        return struct.pack(self.order + "B3xII", column, line, prime)

    def packed(self, obj, chunk, count, seq, extra):
        if extra and chunk == 0:
            parent, kind, detail = extra
            chunk = 0x80000000 | parent
            obj |= kind << 28
            count = detail
        raw = struct.pack(self.order + "IIII", seq, obj, chunk, count)
        area = bytearray(b"\xff" * self.spare)
        raw += self.hamming(raw) if self.ecc else b""
        area[self.tags:self.tags + len(raw)] = raw
        return area

    def old(self, obj, chunk, count, serial, deleted):
        first = (chunk, 20), (serial, 2), (count & 0x3FF, 10)
        second = [(obj, 18), (0, 12), (3, 2)]

        def word(fields):
            value = at = 0
            for field, bits in fields:
                if self.order == "<":
                    value |= field << at
                    at += bits
                else:
                    value = value << bits | field
            return value

        def both():
            return struct.pack(self.order + "II", word(first), word(second))
        code = 0
        for place, byte in enumerate(both()):
            for bit in range(8):
                if byte >> bit & 1:
                    code ^= place * 8 + bit + 1
        second[1] = (code, 12)
        raw = both()
        area = bytearray(b"\xff" * 16)
        if self.tags == 8:
            area[8:16] = raw
        else:
            for place, byte in zip((0, 1, 2, 3, 6, 7, 11, 12), raw):
                area[place] = byte
            if deleted:
                area[4] = 0
        return area

    def chunk(self, data, obj, number, count, seq=None, extra=None, serial=0,
              deleted=False):
        self.out += data.ljust(self.page, b"\xff")
        if self.version == 1:
            self.out += self.old(obj, number, count, serial, deleted)
        else:
            self.out += self.packed(obj, number, count,
                                    self.seq if seq is None else seq, extra)

    def header(self, obj, kind, parent, name, mode=0, uid=0, gid=0, mtime=1000000000,
               size=0, equivalent=NONE, alias=b"", device=0, shadows=NONE,
               shrink=NONE, xattrs=(), extra=False, **tags):
        def field(value, width):
            return value.ljust(width, b"\0")
        link = kind == HARDLINK
        plain = struct.pack(self.headers + "7I", *([NONE] * 7 if link else
                            [mode, uid, gid, mtime - 1, mtime, mtime + 1,
                             size & NONE if kind == FILE else NONE]))
        high = size >> 32 if kind == FILE else NONE
        inband = self.inband
        data = struct.pack(self.headers + "IIH", kind, parent, 0xFFFF)
        data += field(name, 256) + b"\xff\xff" + plain
        data += struct.pack(self.headers + "I", equivalent)
        data += field(alias, 160) if kind == SYMLINK else b"\xff" * 160
        data += struct.pack(self.headers + "I", NONE if link else device)
        data += b"\xff" * 24
        data += struct.pack(self.headers + "IIIIII",
                            shadows if inband else NONE,
                            shrink if inband else NONE, high, NONE,
                            NONE if inband else shadows,
                            NONE if inband else shrink)
        for key, value in xattrs:
            record = key + b"\0" + value
            data += struct.pack(self.headers + "I", 4 + len(record)) + record
        tail = (size if kind == FILE else
                equivalent if kind == HARDLINK else 0)
        self.chunk(data[:self.page], obj, 0, 0xFFFF,
                   extra=(parent, kind, tail) if extra else None, **tags)

    def data(self, obj, content, first=1, **tags):
        for at in range(0, len(content), self.page):
            piece = content[at:at + self.page]
            self.chunk(piece, obj, first + at // self.page, len(piece), **tags)

    def file(self, obj, parent, name, content, mode=0o100644, extra=False,
             **more):
        self.header(obj, FILE, parent, name, mode, size=len(content),
                    extra=extra, **more)
        self.data(obj, content)

    def erase(self, pages):
        self.out += b"\xff" * (pages * (self.page + self.spare))


def tree(writer, folder):
    """As the builders walk a tree: a header, then data or what is below."""
    seen, count = {}, [256]

    def below(parent, path):
        for name in sorted(os.listdir(path)):
            full = os.path.join(path, name)
            info = os.lstat(full)
            count[0] += 1
            obj = count[0]
            common = dict(mode=info.st_mode, uid=info.st_uid, gid=info.st_gid,
                          mtime=int(info.st_mtime), device=info.st_rdev)
            stored = name.encode()
            if info.st_ino in seen:
                writer.header(obj, HARDLINK, parent, stored,
                              equivalent=seen[info.st_ino])
                continue
            seen[info.st_ino] = obj
            if stat.S_ISDIR(info.st_mode):
                writer.header(obj, DIRECTORY, parent, stored, **common)
                below(obj, full)
            elif stat.S_ISLNK(info.st_mode):
                writer.header(obj, SYMLINK, parent, stored,
                              alias=os.readlink(full).encode(), **common)
            elif stat.S_ISREG(info.st_mode):
                with open(full, "rb") as stream:
                    content = stream.read()
                writer.header(obj, FILE, parent, stored, size=len(content),
                              **common)
                writer.data(obj, content)
            else:
                writer.header(obj, SPECIAL, parent, stored, **common)

    info = os.lstat(folder)
    writer.header(1, DIRECTORY, 1, b"", info.st_mode, info.st_uid, info.st_gid,
                  int(info.st_mtime))
    below(1, folder)


NUMBERS = b"".join(b"%d\n" % i for i in range(1, 301))


def plain(writer, root=True):
    """The same small tree in every layout."""
    if root:
        writer.header(1, DIRECTORY, 1, b"", 0o40755)
    writer.header(257, DIRECTORY, 1, b"bin", 0o40755)
    writer.file(258, 257, b"su", b"inert: not a program\n", 0o104755)
    writer.header(259, HARDLINK, 257, b"su2", equivalent=258)
    writer.header(260, DIRECTORY, 1, b"etc", 0o41777)
    writer.header(261, SYMLINK, 260, b"link", 0o120777, 5, 6,
                  alias=b"../bin/su")
    writer.file(262, 260, b"numbers", NUMBERS, 0o100644, uid=1000, gid=100,
                xattrs=[(b"user.note", b"hello")] if writer.page > 512 else [])
    writer.file(263, 260, b"empty", b"", 0o100600)
    writer.header(264, SPECIAL, 1, b"console", 0o20600, device=5 << 8 | 1)
    writer.header(265, SPECIAL, 1, b"disk", 0o60660,
                  device=259 << 8 | 44 | 1 << 20)
    writer.header(266, SPECIAL, 1, b"pipe", 0o10644)


def log2(writer):
    """A chip that was written to, block by block, not in their order."""
    # The newest block lies first: "config" again, then a checkpoint.
    writer.header(300, FILE, 1, b"config", 0o100644, size=10, seq=0x1003,
                  extra=True)
    writer.chunk(b"password=2", 300, 1, 10, seq=0x1003)
    # "new" takes the place of object 302, which had the same name.
    writer.header(303, FILE, 1, b"new", 0o104755, size=4, shadows=302,
                  seq=0x1003)
    writer.chunk(b"keep", 303, 1, 4, seq=0x1003)
    writer.chunk(b"checkpoint", 0x20, 1, 512, seq=0x21)
    writer.erase(2)
    # The oldest block.
    writer.header(1, DIRECTORY, 1, b"", 0o40755, seq=0x1001)
    writer.header(300, FILE, 1, b"config", 0o100600, size=0, seq=0x1001)
    writer.chunk(b"password=1", 300, 1, 10, seq=0x1001)
    writer.header(300, FILE, 1, b"config", 0o100600, size=10, seq=0x1001)
    writer.header(302, FILE, 1, b"new", 0o100644, size=3, seq=0x1001)
    writer.chunk(b"old", 302, 1, 3, seq=0x1001)
    # Made, written, and deleted.
    writer.header(301, FILE, 1, b"secret", 0o100600, size=6, seq=0x1001)
    writer.chunk(b"hidden", 301, 1, 6, seq=0x1001)
    # Between them: 301 is gone, "cut" was cut and grew again past a hole, and
    # "ahead" was written to after its header.
    writer.header(301, FILE, 4, b"deleted", 0o100600, size=0, seq=0x1002)
    size = writer.page
    writer.header(304, FILE, 1, b"cut", 0o100644, size=0, seq=0x1002)
    writer.data(304, b"A" * size + b"B" * size, seq=0x1002)
    writer.header(304, FILE, 1, b"cut", 0o100644, size=4, shrink=1, seq=0x1002)
    writer.chunk(b"AAAA", 304, 1, 4, seq=0x1002)
    writer.chunk(b"C" * 8, 304, 4, 8, seq=0x1002)
    writer.header(304, FILE, 1, b"cut", 0o100644, size=3 * size + 8,
                  seq=0x1002)
    writer.header(305, FILE, 1, b"ahead", 0o100644, size=0, seq=0x1002)
    writer.chunk(b"after", 305, 1, 5, seq=0x1002)
    writer.chunk(b"summary", 0x10, 1, 512, seq=0x1002)


def log1(writer):
    writer.header(1, DIRECTORY, 1, b"", 0o40755)
    writer.header(300, FILE, 1, b"config", 0o100600, size=10, deleted=True)
    writer.chunk(b"password=1", 300, 1, 10)
    writer.chunk(b"password=2", 300, 1, 10, serial=1)
    writer.header(300, FILE, 1, b"config", 0o100644, size=10, serial=1)
    writer.file(301, 1, b"secret", b"hidden", deleted=True)
    writer.erase(3)
    writer.file(302, 1, b"keep", b"kept")


def save(folder, name, writer):
    with open(os.path.join(folder, name + ".hex"), "w") as out:
        out.write("# make.py %s\n" % name)
        raw, zeros = bytes(writer.out), 0
        for at in range(0, len(raw), 32):
            row = raw[at:at + 32]
            if any(row):
                if zeros:
                    out.write("@%x\n" % at)
                out.write(row.hex() + "\n")
            zeros = not any(row)
        if zeros:
            out.write("@%x\n" % len(raw))


def main():
    if sys.argv[1] == "--tree":
        options = dict(pair.split("=") for pair in sys.argv[4:])
        options["version"] = int(options.get("version", 2))
        writer = Writer(**options)
        tree(writer, sys.argv[2])
        with open(sys.argv[3], "wb") as out:
            out.write(writer.out)
        return
    folder = sys.argv[1]
    for name, fill, options in (
            ("yaffs1", plain, dict(version=1)),
            ("yaffs1-big", plain, dict(version=1, order="big")),
            ("yaffs1-together", plain, dict(version=1, tags=8)),
            ("yaffs2", plain, dict(page=1024, spare=32)),
            ("yaffs2-big", plain, dict(page=512, spare=32, order="big")),
            ("yaffs2-plain", plain, dict(page=512, spare=64, tags=2, ecc=0)),
            ("yaffs2-inband", plain, dict(page=1024, inband=1)),
            ("log1", log1, dict(version=1)),
            ("log2", log2, dict(page=512, spare=32))):
        writer = Writer(**options)
        fill(writer)
        save(folder, name, writer)


main()
