#!/usr/bin/env python3
"""Makes sample.hex in the current folder, from electron/asar's README.md.

Debian has no tool that writes these archives.
"""
import hashlib
import json
import struct

files = {"main.js": b"console.log('inert')\n",
         "numbers": "".join(f"{i}\n" for i in range(1, 201)).encode()}
base, tree = 0, {}
for name, content in files.items():
    digest = hashlib.sha256(content).hexdigest()
    tree[name] = {"size": len(content), "offset": str(base),
                  "integrity": {"algorithm": "SHA256", "hash": digest,
                                "blockSize": 4194304, "blocks": [digest]}}
    base += len(content)
header = {"files": {
    "lib": {"files": {"numbers": tree["numbers"], "empty": {"size": 0, "offset": "0"}}},
    "main.js": tree["main.js"],
    "link": {"link": "lib/numbers"},
    "native.node": {"size": 5, "unpacked": True},
}}
text = json.dumps(header, separators=(",", ":")).encode()
payload = struct.pack("<I", len(text)) + text + bytes(-len(text) % 4)
out = struct.pack("<III", 4, len(payload) + 4, len(payload)) + payload
out += b"".join(files.values())
with open("sample.hex", "w", encoding="ascii") as sample:
    sample.write("# make.py\n")
    for at in range(0, len(out), 38):
        sample.write(out[at:at + 38].hex() + "\n")
