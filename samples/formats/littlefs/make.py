#!/usr/bin/env python3
"""Writes the littlefs samples, and for tests/oracle/littlefs.sh images of a
tree.

make.py FOLDER                              all samples, as commented hex
make.py --tree DIR IMAGE [OPTION=VALUE ...]  DIR as a littlefs

Options: block blocks prog version (20 or 21) per (files in a metadata pair).

From littlefs' SPEC.md and DESIGN.md; the padding of commits from
lfs_dir_commitcrc() in lfs.c.
"""
import os
import struct
import sys
import zlib

NULL = 0xFFFFFFFF
NAME_FILE, NAME_DIR, NAME_SUPER = 0x001, 0x002, 0x0FF
DIR, INLINE, CTZ = 0x200, 0x201, 0x202
ATTRIBUTE, CREATE, DELETE = 0x300, 0x401, 0x4FF
SOFT, HARD, MOVE, FORWARD = 0x600, 0x601, 0x7FF, 0x5FF
NOBODY, REMOVED = 0x3FF, 0x3FF


def crc(state, data):
    return zlib.crc32(data, state ^ NULL) ^ NULL


class Block:
    """One metadata block: a revision, and commits."""

    def __init__(self, fs, revision):
        self.fs, self.previous = fs, NULL
        self.raw = bytearray(b"\xff" * fs.block)
        self.raw[:4] = struct.pack("<I", revision)
        self.at, self.crc = 4, crc(NULL, self.raw[:4])

    def put(self, data):
        self.raw[self.at:self.at + len(data)] = data
        self.at += len(data)
        self.crc = crc(self.crc, data)

    def tag(self, kind, owner, data=b"", size=None):
        tag = kind << 20 | owner << 10 | (len(data) if size is None else size)
        self.put(struct.pack(">I", tag ^ self.previous))
        self.put(data)
        self.previous = tag

    def commit(self, *tags):
        for tag in tags:
            self.tag(*tag)
        fs, least = self.fs, 20 if self.fs.version >= 21 else 8
        end = min(self.at + least, fs.block) if least == 20 else self.at + 8
        end = (end + fs.prog - 1) // fs.prog * fs.prog
        while self.at < end:
            stop = min(end - (self.at + 4), 0x3FE) + self.at + 4
            if stop < end:
                stop = min(stop, end - least)
            if least == 20 and end <= stop <= fs.block - fs.prog:
                self.tag(FORWARD, NOBODY, struct.pack(
                    "<II", fs.prog, crc(NULL, self.raw[stop:stop + fs.prog])))
            size = stop - self.at - 4
            tag = 0x500 << 20 | NOBODY << 10 | size
            self.put(struct.pack(">I", tag ^ self.previous))
            self.raw[self.at:self.at + 4] = struct.pack("<I", self.crc)
            self.at, self.previous, self.crc = stop, tag, NULL
        assert self.at <= fs.block
        return self


class Volume:
    def __init__(self, block=512, blocks=16, prog=16, version=21, per=8):
        self.block, self.blocks, self.prog = int(block), int(blocks), int(prog)
        self.version, self.per = int(version), int(per)
        self.raw = bytearray(b"\xff" * (self.block * self.blocks))
        self.next = 2

    def take(self, count=1):
        first = self.next
        self.next += count
        assert self.next <= self.blocks
        return first

    def put(self, number, raw):
        assert len(raw) <= self.block
        self.raw[number * self.block:number * self.block + len(raw)] = raw

    def super(self, blocks=None):
        return [(NAME_SUPER, 0, b"littlefs"),
                (INLINE, 0, struct.pack("<6I", 0x20000 | self.version - 20,
                                        self.block, blocks or self.blocks, 255,
                                        0x7FFFFFFF, 1022))]

    def skip_list(self, content):
        """Puts content in blocks; returns the structure that leads to it."""
        at, numbers = 0, []
        while at < len(content):
            index, number = len(numbers), self.take()
            raw = b""
            if index:
                step = 1
                while True:
                    raw += struct.pack("<I", numbers[index - step])
                    if index & step:
                        break
                    step *= 2
            room = self.block - len(raw)
            self.put(number, raw + content[at:at + room])
            at += room
            numbers.append(number)
        return (CTZ, struct.pack("<II", numbers[-1], len(content)))

    def store(self, content):
        if len(content) <= min(self.block // 8, 1022):
            return (INLINE, content)
        return self.skip_list(content)

    def pair(self, pair, revision, *commits, stale=()):
        block = Block(self, revision)
        for tags in commits:
            block.commit(*tags)
        self.put(pair[0], block.raw)
        if stale:
            self.put(pair[1], Block(self, revision - 1).commit(*stale).raw)


def point(pair):
    return struct.pack("<II", *pair)


def tree(fs, folder):
    """Directories in one list; each with as many pairs as it needs."""
    chains = []  # of (pair, tags)

    def walk(path, first):
        names = sorted(os.listdir(path))
        parts = [names[i:i + fs.per] for i in range(0, len(names), fs.per)]
        pairs = [first] + [(fs.take(), fs.take()) for _ in parts[1:]]
        below, chain = [], []
        for place, part in enumerate(parts or [[]]):
            root = first == (0, 1) and place == 0
            tags = [(CREATE, 0)] + fs.super() if root else []
            for owner, name in enumerate(part, 1 if root else 0):
                full = os.path.join(path, name)
                tags.append((CREATE, owner))
                if os.path.isdir(full):
                    pair = (fs.take(), fs.take())
                    below.append((full, pair))
                    tags.append((NAME_DIR, owner, name.encode()))
                    tags.append((DIR, owner, point(pair)))
                else:
                    with open(full, "rb") as stream:
                        kind, data = fs.store(stream.read())
                    tags.append((NAME_FILE, owner, name.encode()))
                    tags.append((kind, owner, data))
            chain.append((pairs[place], tags))
        chains.append(chain)
        for full, pair in below:
            walk(full, pair)

    walk(folder, (0, 1))
    for i, chain in enumerate(chains):
        for j, (pair, tags) in enumerate(chain):
            if j + 1 < len(chain):
                tags = tags + [(HARD, NOBODY, point(chain[j + 1][0]))]
            elif i + 1 < len(chains):
                tags = tags + [(SOFT, NOBODY, point(chains[i + 1][0][0]))]
            # The super block leads its block; create tags follow it.
            if pair == (0, 1):
                tags = tags[1:3] + tags[3:]
            fs.pair(pair, 1 + j, tags)


NUMBERS = b"".join(b"%d\n" % i for i in range(1, 701))


def files(fs):
    """Every structure that there is; returns the root's tags."""
    etc, deep = (fs.take(), fs.take()), (fs.take(), fs.take())
    more = (fs.take(), fs.take())
    numbers = fs.skip_list(NUMBERS)
    fs.pair(etc, 5, [(CREATE, 0), (NAME_FILE, 0, b"empty"), (INLINE, 0, b""),
                     (CREATE, 1), (NAME_FILE, 1, b"numbers"),
                     (numbers[0], 1, numbers[1]),
                     (HARD, NOBODY, point(more))])
    fs.pair(more, 1, [(CREATE, 0), (NAME_FILE, 0, b"zeta"),
                      (INLINE, 0, b"last\n"), (SOFT, NOBODY, point(deep))])
    fs.pair(deep, 9, [(CREATE, 0), (NAME_FILE, 0, b"deeper"),
                      (INLINE, 0, b"x")])
    return fs.super() + [
        (CREATE, 1), (NAME_DIR, 1, b"deep"), (DIR, 1, point(deep)),
        (CREATE, 2), (NAME_DIR, 2, b"etc"), (DIR, 2, point(etc)),
        (CREATE, 3), (NAME_FILE, 3, b"su"),
        (INLINE, 3, b"inert: not a program\n"),
        (ATTRIBUTE | 0x74, 3, struct.pack("<Q", 1000000000)),
        (SOFT, NOBODY, point(etc))]


def plain(fs):
    fs.pair((0, 1), 2, files(fs), stale=fs.super())


def log(fs):
    """Commits upon commits: what counts is the last."""
    gone = (fs.take(), fs.take())
    there = (fs.take(), fs.take())
    fs.pair((0, 1), 0xFFFFFFFF, fs.super())  # newest: 0 follows it
    block = Block(fs, 0)
    block.commit(*fs.super())
    block.commit((CREATE, 1), (NAME_FILE, 1, b"config"),
                 (INLINE, 1, b"password=1"), (ATTRIBUTE | 0x70, 1, b"old"))
    block.commit((CREATE, 1), (NAME_FILE, 1, b"aaa"), (INLINE, 1, b"first"))
    block.commit((INLINE, 2, b"password=2"), (ATTRIBUTE | 0x70, 2, b"new"))
    block.commit((CREATE, 3), (NAME_FILE, 3, b"secret"),
                 (INLINE, 3, b"hidden"))
    block.commit((DELETE, 3))
    block.commit((CREATE, 3), (NAME_FILE, 3, b"grow"), (INLINE, 3, b"1\n2\n"))
    grown = fs.skip_list(NUMBERS)
    block.commit((grown[0], 3, grown[1]),
                 (ATTRIBUTE | 0x71, 3, b"x"))
    block.commit((ATTRIBUTE | 0x71, 3, b"", REMOVED), (CREATE, 4),
                 (NAME_DIR, 4, b"there"), (DIR, 4, point(there)),
                 (SOFT, NOBODY, point(gone)))
    fs.put(1, block.raw)
    # A directory that was removed when the power went.
    fs.pair(gone, 1, [(CREATE, 0), (NAME_FILE, 0, b"lost"),
                      (INLINE, 0, b"orphan"), (SOFT, NOBODY, point(there))])
    # "moved" was on its way out of here.
    fs.pair(there, 1, [(CREATE, 0), (NAME_FILE, 0, b"moved"),
                       (INLINE, 0, b"twice"), (CREATE, 1),
                       (NAME_FILE, 1, b"stays"), (INLINE, 1, b"once"),
                       (MOVE, NOBODY, struct.pack("<I", 0x4FF << 20) +
                        point(there))])


def grown(fs):
    """The root left the first pair when that had worn; and there is more."""
    root = (fs.take(), fs.take())
    fs.pair((0, 1), 7, fs.super(blocks=4) + [(HARD, NOBODY, point(root))])
    fs.pair(root, 1, fs.super(blocks=4), [(INLINE, 0, fs.super()[1][2])],
            [(CREATE, 1), (NAME_FILE, 1, b"file"), (INLINE, 1, b"content")])


def second(fs):
    """The first block was being erased."""
    plain(fs)
    fs.put(1, fs.raw[:fs.block])
    fs.put(0, b"\xff" * fs.block)


def save(folder, name, fs):
    with open(os.path.join(folder, name + ".hex"), "w") as out:
        out.write("# make.py %s\n" % name)
        for at in range(0, len(fs.raw), 32):
            out.write(fs.raw[at:at + 32].hex() + "\n")


def main():
    if sys.argv[1] == "--tree":
        options = dict(pair.split("=") for pair in sys.argv[4:])
        fs = Volume(**options)
        tree(fs, sys.argv[2])
        with open(sys.argv[3], "wb") as out:
            out.write(fs.raw)
        return
    for name, fill, options in (
            ("v20", plain, dict(version=20, prog=4)),
            ("v21", plain, {}),
            ("small", plain, dict(block=256, blocks=22, prog=1)),
            ("log", log, dict(blocks=13)),
            ("grown", grown, dict(block=256, blocks=6, prog=8)),
            ("second", second, {})):
        fs = Volume(**options)
        fill(fs)
        save(sys.argv[1], name, fs)


main()
