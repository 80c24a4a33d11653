#!/usr/bin/env python3
"""Makes the samples of avb and avb_footer as AOSP's avbtool lays them out
(external/avb, libavb/avb_*.h): no tool in Debian does. `make.py KEY` signs
with the RSA key KEY (`openssl genrsa 2048`). samples/signatures/avb/make.py
uses its functions."""
import hashlib
import struct
import subprocess
import sys

SALT = bytes(range(16))
# Number, digest and bits of the algorithms (avb_crypto.h).
ALGORITHMS = {"SHA256_RSA2048": (1, "sha256", 2048),
              "SHA256_RSA4096": (2, "sha256", 4096),
              "SHA512_RSA8192": (6, "sha512", 8192)}


def padded(data, unit):
    return data + bytes(-len(data) % unit)


def descriptor(tag, body):
    body = padded(body, 8)
    return struct.pack(">QQ", tag, len(body)) + body


def prop(key, value):
    return descriptor(0, struct.pack(">QQ", len(key), len(value)) + key +
                      b"\0" + value + b"\0")


def hash_descriptor(name, image):
    digest = hashlib.sha256(SALT + image).digest()
    return descriptor(2, struct.pack(">Q32sIIII60x", len(image), b"sha256",
                                     len(name), len(SALT), len(digest), 0) +
                      name + SALT + digest)


def tree_descriptor(name, image, tree, root, block, fec):
    return descriptor(1, struct.pack(
        ">IQQQIIIQQ32sIIII60x", 1, len(image), len(image), len(tree), block,
        block, 2, len(image) + len(tree), len(fec), b"sha256", len(name),
        len(SALT), len(root), 0) + name + SALT + root)


def cmdline(text):
    return descriptor(3, struct.pack(">II", 0, len(text)) + text)


def chain(name, key):
    return descriptor(4, struct.pack(">IIII60x", 1, len(name), len(key), 0) +
                      name + key)


def public_key(path):
    """AvbRSAPublicKeyHeader, modulus and R^2 mod n."""
    text = subprocess.run(["openssl", "rsa", "-in", path, "-noout", "-modulus"],
                          capture_output=True, check=True, text=True).stdout
    n = int(text.split("=")[1], 16)
    bits = n.bit_length()
    size = bits // 8
    inverse = -pow(n, -1, 1 << 32) % (1 << 32)
    return (struct.pack(">II", bits, inverse) + n.to_bytes(size, "big") +
            pow(1 << bits, 2, n).to_bytes(size, "big"))


def vbmeta(descriptors, path=None, flags=0, algorithm="SHA256_RSA2048"):
    """Signed with the key at `path`; without one, the algorithm is NONE."""
    number, digest, bits = ALGORITHMS[algorithm] if path else (0, "", 0)
    key = public_key(path) if path else b""
    auxiliary = padded(descriptors + key, 64)
    hashed = hashlib.new(digest).digest_size if path else 0
    signed = bits // 8
    authentication = hashed + signed + -(hashed + signed) % 64
    header = struct.pack(
        ">4sII2Q I2Q2Q 2Q2Q2Q QII48s80x", b"AVB0", 1, 0, authentication,
        len(auxiliary), number, 0, hashed, hashed, signed,
        len(descriptors), len(key), len(descriptors) + len(key), 0, 0,
        len(descriptors), 7, flags, 0, b"sample 1.0")
    if not path:
        return header + auxiliary
    content = header + auxiliary
    signature = subprocess.run(["openssl", "dgst", "-" + digest, "-sign", path],
                               input=content, capture_output=True,
                               check=True).stdout
    return header + padded(hashlib.new(digest, content).digest() + signature,
                           64) + auxiliary


def tree_of(image, block):
    levels = []
    data = image
    while len(data) > block:
        data = padded(b"".join(
            hashlib.sha256(SALT + data[at:at + block]).digest()
            for at in range(0, len(data), block)), block)
        levels.insert(0, data)
    return b"".join(levels), hashlib.sha256(SALT + data).digest()


def partition(image, extra, meta, size):
    data = padded(image + extra, 512)
    at = len(data)
    footer = struct.pack(">4sIIQQQ28x", b"AVBf", 1, 0, len(image), at,
                         len(meta))
    return (data + meta).ljust(size - 64, b"\0") + footer


def write(path, data, script="samples/formats/avb/make.py"):
    with open(path, "w") as file:
        print("#", script, file=file)
        for at in range(0, len(data), 38):
            print(data[at:at + 38].hex(), file=file)


boot = b"inert boot\n" * 30
system = b"".join(b"inert block %d\n" % i * 40 for i in range(18))[:18 * 512]
tree, root = tree_of(system, 512)
fec = b"F" * 64
boot_hash = hash_descriptor(b"boot", boot)


def main(key):
    write("vbmeta.hex", vbmeta(
        prop(b"com.android.build.boot.os_version", b"14") + boot_hash +
        tree_descriptor(b"system", system, tree, root, 512, fec) +
        cmdline(b"root=/dev/dm-0 inert") + chain(b"vendor", b"inert key" * 4),
        key))
    write("unsigned.hex", vbmeta(boot_hash, None, 3))
    write("../avb_footer/hash.hex",
          partition(boot, b"", vbmeta(boot_hash, key), 3072))
    write("../avb_footer/tree.hex",
          partition(system, tree + fec,
                    vbmeta(tree_descriptor(b"system", system, tree, root, 512,
                                           fec)), 13312))


if __name__ == "__main__":
    main(sys.argv[1])
