#!/usr/bin/env python3
"""Makes the samples in the current folder with cryptsetup 2.6.1, and checks
that cryptsetup still opens them (python3-cryptography, libargon2.so.1).

A keyslot holds 4,000 stripes of noise, far too much for a sample. All but the
last stripe may be any bytes, so that here they are what an area full of zeros
decrypts to: then only one sector of the area is not zero.
"""
import base64, ctypes, hashlib, json, os, re, struct, subprocess
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PASSWORD = b"secret"
SECTOR = 512


def run(*args):
    return subprocess.run(args, check=True, stdout=subprocess.PIPE).stdout.decode()


def argon2(kind, salt, kdf, size):
    out = ctypes.create_string_buffer(size)
    long = ctypes.c_size_t
    code = ctypes.CDLL("libargon2.so.1").argon2_hash(
        kdf["time"], kdf["memory"], kdf["cpus"], PASSWORD, long(len(PASSWORD)),
        salt, long(len(salt)), out, long(size), None, long(0),
        {"argon2i": 1, "argon2id": 2}[kind], 0x13)
    assert code == 0, code
    return out.raw


def sectors(mode, key, data, encrypt, size=SECTOR):
    out = b""
    for at in range(0, len(data), size):
        number = struct.pack("<QQ", at // SECTOR, 0)
        if mode == "xts-plain64":
            how = modes.XTS(number)
        else:  # cbc-essiv:sha256
            essiv = Cipher(algorithms.AES(hashlib.sha256(key).digest()), modes.ECB())
            how = modes.CBC(essiv.encryptor().update(number))
        cipher = Cipher(algorithms.AES(key), how)
        coder = cipher.encryptor() if encrypt else cipher.decryptor()
        out += coder.update(data[at:at + size])
    return out


def diffuse(block, name):
    width = hashlib.new(name).digest_size
    return b"".join(
        hashlib.new(name, struct.pack(">I", i) + block[at:at + width]).digest()[:len(block[at:at + width])]
        for i, at in enumerate(range(0, len(block), width)))


def thin(image, at, end, mode, slot_key, key, stripes, name):
    """The key material at `at` as zeros but for its last sector; zeros up to
    `end`, where cryptsetup leaves noise."""
    size = len(key)
    whole = (size * stripes + SECTOR - 1) // SECTOR * SECTOR
    plain = bytearray(sectors(mode, slot_key, bytes(whole), False))
    block = bytes(size)
    for i in range(stripes - 1):
        block = bytes(a ^ b for a, b in zip(block, plain[i * size:(i + 1) * size]))
        block = diffuse(block, name)
    last = bytes(a ^ b for a, b in zip(block, key))
    plain[(stripes - 1) * size:stripes * size] = last
    sealed = sectors(mode, slot_key, bytes(plain), True)
    # A stripe across two sectors leaves the first of them as it was.
    keep = (stripes - 1) * size // SECTOR * SECTOR
    image[at:end] = bytes(keep) + sealed[keep:] + bytes(end - at - whole)


def volume_key(name):
    dump = run("cryptsetup", "luksDump", "--dump-volume-key", "--batch-mode",
               "--key-file", "password", name)
    return bytes.fromhex(re.sub(r"\s", "", dump.split("MK dump:")[1]))


def content():
    return b"".join(b"line %04d of the payload, inert\n" % i for i in range(128))


def make(name, comment, *options):
    with open(name, "wb") as out:
        out.truncate(4 << 20)
    run("cryptsetup", "luksFormat", "--batch-mode", "--key-file", "password", *options, name)
    key = volume_key(name)
    image = bytearray(open(name, "rb").read())
    if struct.unpack_from(">H", image, 6)[0] == 1:
        mode = image[40:72].rstrip(b"\0").decode()
        hash_name = image[72:104].rstrip(b"\0").decode()
        start, size = (n for n in struct.unpack_from(">II", image, 104))
        start, sector = start * SECTOR, SECTOR
        iterations, salt, at, stripes = struct.unpack_from(">I32sII", image, 212)
        slot_key = hashlib.pbkdf2_hmac(hash_name, PASSWORD, salt, iterations, size)
        thin(image, at * SECTOR, start, mode, slot_key, key, stripes, hash_name)
    else:
        meta = json.loads(image[4096:16384].rstrip(b"\0"))
        (slot,), (segment,) = meta["keyslots"].values(), meta["segments"].values()
        kdf, area = slot["kdf"], slot["area"]
        salt = base64.b64decode(kdf["salt"])
        mode = segment["encryption"].split("-", 1)[1]
        start, sector = int(segment["offset"]), segment["sector_size"]
        if kdf["type"] == "pbkdf2":
            slot_key = hashlib.pbkdf2_hmac(kdf["hash"], PASSWORD, salt, kdf["iterations"], area["key_size"])
        else:
            slot_key = argon2(kdf["type"], salt, kdf, area["key_size"])
        thin(image, int(area["offset"]), start, mode, slot_key, key,
             slot["af"]["stripes"], slot["af"]["hash"])
    image[start:] = sectors(mode, key, content(), True, sector)
    open(name, "wb").write(image)
    assert volume_key(name) == key
    text = run("sh", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sparse_hex.sh"), name)
    with open(name + ".hex", "w") as out:
        out.write(f"# make.py: {comment}; volume key {key.hex()}\n{text}")
    os.remove(name)


open("password", "wb").write(PASSWORD)
small = ["--luks2-metadata-size", "16k", "--luks2-keyslots-size", "256k", "--offset", "576"]
light = ["--pbkdf-memory", "32", "--pbkdf-force-iterations", "4", "--pbkdf-parallel"]
make("luks1", "LUKS1", "--type", "luks1", "--pbkdf-force-iterations", "1000", "--offset", "4040")
make("luks1_cbc", "LUKS1, aes-cbc-essiv:sha256, sha1", "--type", "luks1", "--cipher",
     "aes-cbc-essiv:sha256", "--key-size", "128", "--hash", "sha1", "--pbkdf-force-iterations", "1000",
     "--offset", "1032")
make("luks2", "LUKS2, argon2id", "--type", "luks2", "--label", "router", *small, *light, "2")
make("luks2_4k", "LUKS2, argon2i, sectors of 4096", "--type", "luks2", "--pbkdf", "argon2i",
     "--sector-size", "4096", *small, *light, "1")
make("luks2_pbkdf2", "LUKS2, pbkdf2", "--type", "luks2", "--pbkdf", "pbkdf2",
     "--pbkdf-force-iterations", "1000", "--hash", "sha512", *small)
os.remove("password")
