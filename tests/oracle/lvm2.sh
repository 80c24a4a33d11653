#!/bin/bash
# A physical volume that LVM made, read by pvck, whose text says where the
# bytes of each logical volume lie.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
sample=$(dirname "$known")/../../samples/formats/lvm2/one.hex

python3 - "$sample" image <<'END'
import sys
data = bytearray()
for line in open(sys.argv[1]):
    line = line.split("#")[0].strip()
    if line.startswith("@"):
        data.extend(bytes(int(line[1:], 16) - len(data)))
    else:
        data.extend(bytes.fromhex(line))
open(sys.argv[2], "wb").write(data)
END
pvck --dump headers image >headers 2>/dev/null
pvck --dump metadata image >metadata 2>/dev/null
grep -q 'LABELONE' headers

python3 - image metadata >truth <<'END'
import hashlib, re, sys
image, text = open(sys.argv[1], "rb").read(), open(sys.argv[2]).read()
number = lambda key, part: int(re.search(rf"\b{key} = (\d+)", part).group(1))
extent, start = number("extent_size", text) * 512, number("pe_start", text) * 512
volumes = text.split("logical_volumes {")[1]
for name, body in re.findall(r"^(\w+) \{\n((?:(?!^\w+ \{\n(?:id|)).|\n)*?segment_count(?:.|\n)*?)(?=^\w+ \{\nid|\Z)", volumes, re.M):
    content = b""
    for segment in body.split("start_extent")[1:]:
        count = number("extent_count", segment)
        stripes = re.findall(r'"(pv\d)", (\d+)', segment)
        if any(pv != "pv0" for pv, _ in stripes):
            content = None
            break
        step = number("stripe_size", segment) * 512 if len(stripes) > 1 else count * extent
        for at in range(0, count // len(stripes) * extent, step):
            for _, first in stripes:
                begin = start + int(first) * extent + at
                content += image[begin:begin + step]
    if content is not None:
        print(name, hashlib.sha256(content).hexdigest())
END
"$assay" ls --json image | jq -r '.artifacts[1:][] | select(.digests.sha256 and .size > 0) | "\(.name) \(.digests.sha256)"' >ours
sort -o truth truth
sort -o ours ours
agree lvm2-volumes truth ours
sed -n 's/.*pv_header.device_size //p' headers | awk '{print $1}' >truth
stat -c %s image >ours
agree lvm2-size truth ours
accounted image
finish
