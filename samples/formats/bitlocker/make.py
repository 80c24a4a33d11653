#!/usr/bin/env python3
"""Makes the samples in the current folder (dosfstools, mtools,
python3-cryptography); nothing in Debian writes BitLocker volumes. The layout is
that of libbde's "BitLocker Drive Encryption (BDE) format specification";
tests/oracle/bitlocker.sh has libbde and cryptsetup read what this writes.

  make.py                 the samples
  make.py METHOD PLAIN OUT [--to-go|--partly|--clear-key|--startup-key]...

The second seals the volume PLAIN and leaves in it what Windows would show of the
result. --sparse: sectors of zeros stay zeros in the volume, where Windows would write
noise, so that a sample stays small.
"""
import hashlib, os, struct, subprocess, sys, zlib
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

SECTOR, AREA = 512, 65536
PASSWORD = "secret"
RECOVERY = "471207-278498-422125-177177-561902-537405-468006-693451"
GUID = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
KEY_SIZES = {0x8000: 64, 0x8001: 64, 0x8002: 16, 0x8003: 32, 0x8004: 32, 0x8005: 64}
TIME = 133000000000000000  # a FILETIME of 2022


def fixed(name, size):  # keys that are the same on every run
    return (hashlib.sha512(name.encode()).digest() * 2)[:size]


def content():
    return b"".join(b"line %04d of the volume, inert\n" % i for i in range(48))


def plain_volume(size):
    with open("plain.tmp", "wb") as out:
        out.truncate(size)
    subprocess.run(["mkfs.fat", "-F", "12", "-s", "1", "-r", "224", "-i", "12345678", "--invariant",
                    "plain.tmp"], check=True, stdout=subprocess.DEVNULL)
    with open("hello.txt", "wb") as out:
        out.write(content())
    os.utime("hello.txt", (1700000000, 1700000000))
    subprocess.run(["mcopy", "-m", "-i", "plain.tmp", "hello.txt", "::"], check=True,
                   env={**os.environ, "TZ": "UTC"})
    plain = open("plain.tmp", "rb").read()
    os.remove("plain.tmp")
    os.remove("hello.txt")
    return plain


def encrypt(method, key, at, sector):
    if method in (0x8004, 0x8005):
        how = modes.XTS(struct.pack("<QQ", at // SECTOR, 0))
    else:
        ecb = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        how = modes.CBC(ecb.update(struct.pack("<QQ", at, 0)))
    return Cipher(algorithms.AES(key), how).encryptor().update(sector)


def entry(kind, value_kind, value):
    return struct.pack("<HHHH", 8 + len(value), kind, value_kind, 1) + value


def sealed(key, count, method, inner):
    nonce = struct.pack("<QI", TIME, count)
    box = struct.pack("<IHHI", 12 + len(inner), 1, 0, method) + inner
    both = AESCCM(key, tag_length=16).encrypt(nonce, box, None)
    return nonce + both[-16:] + both[:-16]


def stretched(digest, salt):
    last = bytes(32)
    for i in range(1 << 20):
        last = hashlib.sha256(last + digest + salt + struct.pack("<Q", i)).digest()
    return last


def protector(name, kind, properties):
    return entry(2, 8, fixed(name, 16) + struct.pack("<QHH", TIME, 0, kind) + properties)


def by_words(name, kind, digest, master, count):
    salt = fixed(name + " salt", 16)
    key = stretched(digest, salt)
    stretch = struct.pack("<I", 0x1000) + salt + entry(0, 5, sealed(fixed("unused", 32), count, 0x1001, key))
    return protector(name, kind, entry(0, 3, stretch) +
                     entry(0, 5, sealed(key, count + 1, 0x2000, master)))


def recovery_digest():
    return hashlib.sha256(struct.pack("<8H", *(int(g) // 11 for g in RECOVERY.split("-")))).digest()


def password_digest():
    return hashlib.sha256(hashlib.sha256(PASSWORD.encode("utf-16-le")).digest()).digest()


def metadata(method, size, encrypted, header, areas, flags):
    master, volume_key = fixed("master", 32), fixed("volume key", KEY_SIZES[method])
    entries = entry(7, 2, "ROUTER sample 2022".encode("utf-16-le") + b"\0\0")
    if "--clear-key" in flags:
        clear = fixed("clear key", 32)
        entries += protector("clear", 0, entry(0, 1, struct.pack("<I", 0x2002) + clear) +
                             entry(0, 5, sealed(clear, 3, 0x2000, master)))
    elif "--startup-key" in flags:
        entries += protector("startup", 0x200, entry(0, 5, sealed(fixed("startup key", 32), 3, 0x2000, master)))
    else:
        entries += by_words("password", 0x2000, password_digest(), master, 4)
        entries += by_words("recovery", 0x800, recovery_digest(), master, 6)
    entries += entry(3, 5, sealed(master, 8, method, volume_key))
    entries += entry(15, 15, struct.pack("<QQ", *header))
    length = 48 + len(entries)
    whole = (64 + length + 15) // 16
    state = 5 if "--partly" in flags else 4
    block = struct.pack("<8sHHHHQIIQQQQ", b"-FVE-FS-", whole, 2, state, 4 if state == 4 else 1,
                        encrypted, 0, header[1] // SECTOR, *areas, header[0])
    block += struct.pack("<IIII", length, 1, 48, length) + fixed("volume id", 16)
    block += struct.pack("<IHHQ", 9, method, 0, TIME) + entries
    block = block.ljust(whole * 16, b"\0")
    hash_of = sealed(master, 9, 0x2005, hashlib.sha256(block).digest())
    check = entry(0, 5, hash_of)
    return block + struct.pack("<HHI", 8 + len(check), 2, zlib.crc32(block)) + check


def boot_sector(areas, to_go):
    boot = bytearray(SECTOR)
    boot[0:3] = b"\xeb\x58\x90"
    boot[3:11] = b"MSWIN4.1" if to_go else b"-FVE-FS-"
    struct.pack_into("<HB", boot, 11, SECTOR, 1)
    boot[21] = 0xf8
    struct.pack_into("<HHII", boot, 24, 63, 255, 0, 0)
    boot[82:90] = b"FAT32   "
    at = 424 if to_go else 160
    boot[at:at + 16] = GUID
    struct.pack_into("<QQQ", boot, at + 16, *areas)
    boot[510:512] = b"\x55\xaa"
    return boot


def volume(method, plain, flags):
    """(the volume, the device in it)"""
    size = len(plain)
    areas = [0x6000, 0x6000 + AREA, 0x6000 + 2 * AREA]
    header = (0x4000, 0x2000)
    encrypted = 0x40000 if "--partly" in flags else size
    hidden = [(area, AREA) for area in areas] + [header]
    plain = bytearray(plain)
    for at, length in hidden:
        plain[at:at + length] = bytes(length)
    out = bytearray(size)
    key = fixed("volume key", KEY_SIZES[method])[:64 if method == 0x8005 else 32 if method != 0x8002 else 16]
    for at in range(0, size, SECTOR):
        to = header[0] + at if at < header[1] else at
        sector = bytes(plain[at:at + SECTOR])
        if to == at and any(a <= at < a + n for a, n in hidden):
            continue
        if to >= encrypted or method in (0x8000, 0x8001):
            out[to:to + SECTOR] = sector
        elif any(sector) or "--sparse" not in flags:
            out[to:to + SECTOR] = encrypt(method, key, to, sector)
    block = metadata(method, size, encrypted, header, areas, flags)
    for area in areas:
        out[area:area + len(block)] = block
    out[:SECTOR] = boot_sector(areas, "--to-go" in flags)
    return bytes(out), bytes(plain)


def sample(name, comment, method, *flags):
    open(name, "wb").write(volume(method, plain_volume(0x42000), ("--sparse", *flags))[0])
    here = os.path.dirname(os.path.abspath(__file__))
    text = subprocess.run(["sh", here + "/../../sparse_hex.sh", name], check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    with open(name + ".hex", "w") as out:
        out.write(f"# make.py: {comment}\n{text}")
    os.remove(name)


if len(sys.argv) > 1:
    with open(sys.argv[2], "r+b") as plain, open(sys.argv[3], "wb") as out:
        sealed_volume, device = volume(int(sys.argv[1], 16), plain.read(), sys.argv[4:])
        out.write(sealed_volume)
        plain.seek(0)
        plain.write(device)
else:
    sample("xts128", f"AES-128-XTS, password {PASSWORD}, recovery password {RECOVERY}", 0x8004)
    sample("to_go", "BitLocker To Go, AES-256-CBC, a startup key: " + fixed("startup key", 32).hex(),
           0x8003, "--to-go", "--startup-key")
    sample("clear_key", "AES-256-XTS, protection suspended", 0x8005, "--clear-key")
    sample("elephant", "AES-128-CBC with the Elephant diffuser (its content is not encrypted here)", 0x8000,
           "--clear-key")
