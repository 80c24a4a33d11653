#!/usr/bin/env python3
"""fit_check_sign.py FIT PUBLIC_KEY: what U-Boot's fit_check_sign does, which
no package of Debian 12 holds: one signature of the default configuration holds
over the nodes that its hashed-nodes names, and the images that the
configuration names have their hashes. Layout: U-Boot
doc/usage/fit/signature.rst; the Devicetree Specification, chapter 5."""
import hashlib
import struct
import sys
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

BEGIN, END, PROP, NOP, STOP = 1, 2, 3, 4, 9
DATA = ("data", "data-size", "data-position", "data-offset")


class Tree:
    """The nodes by path, each {property: bytes}, and the tags in order."""

    def __init__(self, fit):
        header = struct.unpack_from(">10I", fit)
        self.size, self.structure, self.strings = header[1:4]
        self.nodes, self.tags, path, at = {}, [], [], self.structure
        while True:
            begin, tag = at, struct.unpack_from(">I", fit, at)[0]
            at += 4
            name = None
            if tag == BEGIN:
                name = fit[at : fit.index(b"\0", at)].decode()
                at += (len(name) + 4) // 4 * 4
                path.append(name)
                self.nodes["/".join(path) or "/"] = {}
            elif tag == PROP:
                length, offset = struct.unpack_from(">II", fit, at)
                offset += self.strings
                name = fit[offset : fit.index(b"\0", offset)].decode()
                value = fit[at + 8 : at + 8 + length]
                self.nodes["/".join(path) or "/"].setdefault(name, value)
                at += 8 + (length + 3) // 4 * 4
            self.tags.append((tag, "/".join(path) or "/", name, begin, at))
            if tag == END:
                path.pop()
            elif tag == STOP:
                return
            elif tag not in (BEGIN, PROP, NOP):
                raise ValueError("unknown tag")

    def children(self, path):
        return [p for p in self.nodes if p.rpartition("/")[0] == path]


def texts(value):
    return [one.decode() for one in value.split(b"\0")[:-1]]


def signed_bytes(fit, tree, nodes, strings):
    parts = []
    for tag, path, name, begin, end in tree.tags:
        listed = path in nodes
        below = (path.rpartition("/")[0] or "/") in nodes
        if (
            tag == STOP
            or (tag in (BEGIN, END) and (listed or below))
            or (tag == NOP and listed)
            or (tag == PROP and listed and name not in DATA)
        ):
            parts.append(fit[begin:end])
    parts.append(fit[tree.strings : tree.strings + strings])
    return b"".join(parts)


def holds(key, node, message):
    digest, _, kind = texts(node["algo"])[0].partition(",")
    chosen = getattr(hashes, digest.upper())()
    value = node["value"]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            half = len(value) // 2
            r, s = (int.from_bytes(p, "big") for p in (value[:half], value[half:]))
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(chosen))
        elif texts(node.get("padding", b"pkcs-1.5\0"))[0] == "pss":
            pss = padding.PSS(padding.MGF1(chosen), padding.PSS.AUTO)
            key.verify(value, message, pss, chosen)
        else:
            key.verify(value, message, padding.PKCS1v15(), chosen)
        return kind.startswith("ecdsa") == isinstance(key, ec.EllipticCurvePublicKey)
    except InvalidSignature:
        return False


def data_of(fit, tree, image):
    if "data" in image:
        return image["data"]
    offset = struct.unpack(">I", image["data-offset"])[0] + (tree.size + 3) // 4 * 4
    return fit[offset : offset + struct.unpack(">I", image["data-size"])[0]]


def is_intact(fit, tree, path):
    data = data_of(fit, tree, tree.nodes[path])
    found = [c for c in tree.children(path) if "/hash" in c]
    for child in found:
        algo = texts(tree.nodes[child]["algo"])[0]
        if algo == "crc32":
            digest = struct.pack(">I", zlib.crc32(data))
        else:
            digest = hashlib.new(algo, data).digest()
        if digest != tree.nodes[child]["value"]:
            return False
    return bool(found)


def main():
    with open(sys.argv[1], "rb") as file:
        fit = file.read()
    with open(sys.argv[2], "rb") as file:
        key = serialization.load_pem_public_key(file.read())
    tree = Tree(fit)
    chosen = texts(tree.nodes["/configurations"]["default"])[0]
    path = "/configurations/" + chosen
    signed = False
    for child in tree.children(path):
        if child.startswith(path + "/signature"):
            node = tree.nodes[child]
            nodes = texts(node["hashed-nodes"])
            strings = struct.unpack(">II", node["hashed-strings"])[1]
            message = signed_bytes(fit, tree, nodes, strings)
            signed = signed or holds(key, node, message)
    images = [
        "/images/" + name
        for kind in ("kernel", "fdt", "ramdisk")
        for name in texts(tree.nodes[path].get(kind, b""))
    ]
    sys.exit(not signed or not all(is_intact(fit, tree, image) for image in images))


main()
