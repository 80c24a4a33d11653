#!/usr/bin/env python3
"""Makes the samples with the functions of samples/formats/avb/make.py, signed
by `openssl dgst`. `make.py FOLDER` wants throw-away keys in FOLDER:
2048.pem, 4096.pem, 8192.pem (`openssl genrsa BITS`), device.pem and other.pem
of 2048 bits."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "formats" / "avb"))
from make import *  # noqa: E402, F403

KEYS = pathlib.Path(sys.argv[1])


def key(name):
    return str(KEYS / f"{name}.pem")


def sample(name, data):
    write(HERE / name, data, "samples/signatures/avb/make.py")


for name in ("2048", "4096", "8192", "device", "other"):
    subprocess.run(["openssl", "rsa", "-in", key(name), "-pubout", "-out",
                    HERE / f"{name}.pub.pem"], check=True,
                   capture_output=True)
sample("vbmeta.hex", vbmeta(
    prop(b"com.android.build.boot.os_version", b"14") + boot_hash +
    chain(b"vendor", public_key(key("other"))), key("4096"),
    algorithm="SHA256_RSA4096"))
sample("sha512.hex", vbmeta(cmdline(b"inert"), key("8192"),
                            algorithm="SHA512_RSA8192"))
sample("none.hex", vbmeta(boot_hash))
sample("boot.hex", partition(boot, b"", vbmeta(boot_hash, key("2048")), 3072))
sample("system.hex", partition(
    system, tree + fec, vbmeta(
        tree_descriptor(b"system", system, tree, root, 512, fec),
        key("2048")), 13312))
sample("device.hex", vbmeta(
    boot_hash + tree_descriptor(b"system", system, tree, root, 512, fec),
    key("device")))
