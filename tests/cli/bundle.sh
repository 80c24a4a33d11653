#!/bin/bash
# tests/cli/bundle.sh ASSAY: result bundles of the sample products, opened with
# unzip, sha256sum and openssl; what recheck says of good ones, of tampered
# ones and of the wrong product.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"
good=$root/samples/products/router-1.0
bad=$root/samples/products/router-1.1
[[ -e $good && -e $bad ]] || {
  echo "the sample products are not made: samples/products/generate.sh"
  exit 77
}
options=(--policy "$root/samples/policies/vendor-router.yaml" --at 2026-11-22T10:00:00Z)

openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem 2>/dev/null
for key in key ec p384; do
  openssl pkey -in $key.pem -pubout -out $key.pub
done

expect 0 "" "$assay" verify "$good" "${options[@]}" --attest-key key.pem \
  -o bundle=good.zip -o json=good.json -o html=good.html -o sarif=good.sarif
expect 1 "" "$assay" verify "$bad" "${options[@]}" --attest-key ec.pem -o bundle=bad.zip
expect 0 "" "$assay" verify "$good" "${options[@]}" -o bundle=unsigned.zip

# Stock programs: what is in it, whose digests they are, who signed them.
check "unzip finds nothing wrong" unzip -tqq good.zip
mkdir opened
check "it opens with unzip" unzip -qq good.zip -d opened
for name in json html sarif; do
  check "the $name is what verify writes" cmp good.$name opened/report.$name
done
check "an SBOM that conforms" "$assay" sbom check -q opened/sbom.cdx.json
check "components in it" test "$(jq '.components | length' opened/sbom.cdx.json)" -gt 5
jq -r '.predicate.entries[] | "\(.sha256)  \(.name)"' opened/assay-bundle.json >list
check "digests" bash -c "cd opened && sha256sum -c --quiet --strict ../list"
check "everything is listed" test "$(wc -l <list)" = $(($(find opened -type f | wc -l) - 2))
check "subjects are the same" diff <(sed 's/  .*//' list) \
  <(jq -r '.subject[].digest.sha256' opened/assay-bundle.json | head -n "$(wc -l <list)")
while read -r digest name; do
  check "$name is a subject" test \
    "$(jq -r --arg d "$digest" '.subject[] | select(.digest.sha256 == $d).name' opened/assay-bundle.json | wc -l)" = 1
done < <(cd "$good" && sha256sum router-1.0.bin)
check "the label" test "$(jq -r .predicate.tlp opened/assay-bundle.json)" = TLP:AMBER+STRICT
check "the policy" test "$(jq -r .predicate.policy.sha256 opened/assay-bundle.json)" = \
  "$(sha256sum <"${options[1]}" | cut -d ' ' -f 1)"
# verified FILE KEY: by openssl over what DSSE signs.
verified() {
  jq -r .payload "$1" | base64 -d >payload
  jq -r '.signatures[0].sig' "$1" | base64 -d >signature
  { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c <payload)" && cat payload; } >message
  openssl pkeyutl -verify -pubin -inkey "$2" -rawin -sigfile signature -in message >/dev/null
}
check "the statement is signed" verified opened/assay-bundle.dsse.json key.pub
check "that statement" cmp payload opened/assay-bundle.json
check "the attestations are signed" verified opened/svr.dsse.json key.pub
check "that of SLSA as well" verified opened/vsa.dsse.json key.pub
mkdir unsigned
unzip -qq unsigned.zip -d unsigned
check "nothing pretends to be signed" test -z "$(find unsigned -name '*dsse*')"

# The same input, the same bytes; from the saved report and from the bundle too.
expect 0 "" "$assay" verify "$good" "${options[@]}" --attest-key key.pem -o bundle=again.zip --jobs 1
check "the same again" cmp good.zip again.zip
expect 0 "" "$assay" report good.json --attest-key key.pem -o bundle=again.zip
check "the same from a saved report" cmp good.zip again.zip
expect 0 "" "$assay" report good.zip -o bundle=again.zip
check "the same from a bundle" cmp unsigned.zip again.zip
expect 0 "" "$assay" report good.zip -o json=again.json
check "the report out of a bundle" cmp good.json again.json
expect 1 "FAIL" "$assay" report bad.zip

# Does it hold?
expect 0 "checks hold" "$assay" recheck good.zip "$good" --bundle-key key.pub
check "the signer is named" grep -qF "signed by key sha256:$(openssl pkey -pubin -in key.pub -outform DER | sha256sum | cut -d ' ' -f 1)" out
expect 0 "checks hold" "$assay" recheck bad.zip "$bad" --bundle-key ec.pub
expect 0 "byte for byte" "$assay" recheck good.zip "$good" --bundle-key key.pub --full --policy "${options[1]}"
expect 2 "not checked against anything" "$assay" recheck good.zip "$good"
expect 2 "the bundle is not signed" "$assay" recheck unsigned.zip "$good"
expect 1 "not by the key that was given" "$assay" recheck good.zip "$good" --bundle-key ec.pub
expect 1 "the bundle is not signed" "$assay" recheck unsigned.zip "$good" --bundle-key key.pub
expect 1 "DOES NOT HOLD  product" "$assay" recheck good.zip "$bad" --bundle-key key.pub
expect 1 "DOES NOT HOLD  product" "$assay" recheck bad.zip "$good" --bundle-key ec.pub
expect 1 "" "$assay" recheck --quiet good.zip "$bad"
expect 1 "another report" "$assay" recheck good.zip "$good" --bundle-key key.pub --full

# Wrong keys and wrong use.
expect 66 "nowhere" "$assay" recheck good.zip "$good" --bundle-key nowhere
expect 65 "not one public key" "$assay" recheck good.zip "$good" --bundle-key key.pem
expect 65 "not one public key" "$assay" recheck good.zip "$good" --bundle-key good.json
expect 65 "not a key for ECDSA on P-256" "$assay" recheck good.zip "$good" --bundle-key p384.pub
: >empty
expect 65 "empty" "$assay" recheck good.zip "$good" --bundle-key empty
expect 64 "good.json is no bundle" "$assay" recheck good.json "$good" --bundle-key key.pub
expect 64 "-o bundle=FILE" "$assay" report good.json -o bundle
expect 64 "would change the input" "$assay" report good.zip -o bundle=good.zip
expect 74 "No space left" "$assay" report good.zip -o bundle=/dev/full

# Labels are only narrowed.
expect 64 "may only be narrowed" "$assay" report good.zip --tlp clear -o bundle=wide.zip
check "nothing wider was written" test ! -e wide.zip
expect 0 "" "$assay" report good.zip --tlp red --attest-key key.pem -o bundle=red.zip
check "the narrower label" test "$(unzip -p red.zip assay-bundle.json | jq -r .predicate.tlp)" = TLP:RED
expect 64 "red.zip is TLP:RED" "$assay" report red.zip --tlp amber+strict
expect 0 "" "$assay" recheck red.zip "$good" --bundle-key key.pub

# Who tampers with a bundle can spell it as we do, and has no key.
cat >spell.py <<'PY'
import hashlib, json, struct, sys, zipfile, zlib
source, target, change = sys.argv[1:4]
with zipfile.ZipFile(source) as zip:
    entries = {name: zip.read(name) for name in zip.namelist()}
exec(change)
out, central = b"", b""
for name in sorted(entries):
    data = entries[name]
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = pack.compress(data) + pack.flush()
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, zlib.crc32(data),
                         len(packed), len(data), len(name), 0)
    central += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack(
        "<HHHII", 0, 0, 0, 0, len(out)) + name.encode()
    out += b"PK\3\4" + common + name.encode() + packed
out += central + b"PK\5\6" + struct.pack(
    "<HHHHIIH", 0, 0, len(entries), len(entries), len(central), len(out), 0)
open(target, "wb").write(out)
PY
# Lists anew what was changed, as a forger would.
relist='
s = json.loads(entries["assay-bundle.json"])
listed = sorted(n for n in entries if not n.startswith("assay-bundle"))
p = s["predicate"]
products = s["subject"][len(p["entries"]):]
p["entries"] = [{"name": n, "sha256": hashlib.sha256(entries[n]).hexdigest(), "size": len(entries[n])} for n in listed]
s["subject"] = [{"name": e["name"], "digest": {"sha256": e["sha256"]}} for e in p["entries"]] + products
entries["assay-bundle.json"] = (json.dumps(s, indent=2) + "\n").encode()
'
# tampered CODE WORDS CHANGE [OPTION...]
tampered() {
  local code=$1 words=$2 change=$3
  shift 3
  python3 spell.py good.zip changed.zip "$change" || failed=$((failed + 1))
  expect "$code" "$words" "$assay" recheck changed.zip "$good" "$@"
}
key=(--bundle-key key.pub)
tampered 0 "checks hold" "" "${key[@]}"
for name in report.csv report.html report.json report.sarif report.txt sbom.cdx.json svr.dsse.json vsa.dsse.json; do
  tampered 1 "bundle entry $name" "entries['$name'] += b' '" "${key[@]}"
  tampered 1 "bundle entry $name: is missing" "del entries['$name']" "${key[@]}"
  tampered 1 "bundle entry x-$name: is not in" "entries['x-$name'] = entries.pop('$name')" "${key[@]}"
  expect 65 "is not whole" "$assay" report changed.zip
  # The forger's own statement: not the one that was signed.
  tampered 1 "signs another statement" "entries['$name'] += b' '$relist" "${key[@]}"
  expect 65 "is not whole" "$assay" report changed.zip
done
tampered 65 "assay-bundle.json: not there" "del entries['assay-bundle.json']" "${key[@]}"
tampered 1 "the bundle is not signed" "del entries['assay-bundle.dsse.json']" "${key[@]}"
tampered 1 "is not JSON" "entries['assay-bundle.dsse.json'] = b'no'" "${key[@]}"
tampered 1 "signs another statement" "entries['assay-bundle.json'] += b' '" "${key[@]}"
tampered 1 "signs another statement" \
  "entries['assay-bundle.dsse.json'] = entries['svr.dsse.json']" "${key[@]}"
# Without a signature the forger's statement stands; the result gives it away.
strip="[entries.pop(n) for n in list(entries) if 'dsse' in n]"
tampered 2 "the bundle is not signed" "$strip$relist"
for name in report.csv report.html report.sarif report.txt sbom.cdx.json; do
  tampered 1 "content $name: is not what is written of the result" "$strip
entries['$name'] += b' '$relist"
done
tampered 1 "content report.html: is missing" "$strip
del entries['report.html']$relist"
tampered 1 "content notes.txt: is nothing that this version writes" "$strip
entries['notes.txt'] = b'trust me'$relist"
tampered 1 "its verdict is another" "$strip$relist
entries['assay-bundle.json'] = entries['assay-bundle.json'].replace(b'\"verdict\": \"pass\"', b'\"verdict\": \"fail\"')"
tampered 1 "its label is another" "$strip$relist
entries['assay-bundle.json'] = entries['assay-bundle.json'].replace(b'TLP:AMBER+STRICT', b'TLP:CLEAR')"

# Of other versions.
tampered 65 "it is assay-bundle/2, of another version" \
  "entries['assay-bundle.json'] = entries['assay-bundle.json'].replace(b'assay-bundle/1', b'assay-bundle/2')"
expect 65 "it is assay-bundle/2" "$assay" report changed.zip
tampered 65 "another version of assay wrote assay-report/2" "$strip
entries['report.json'] = entries['report.json'].replace(b'assay-report/1', b'assay-report/2')$relist"
expect 65 "another version of assay wrote assay-report/2" "$assay" report changed.zip
tampered 2 "was not compared: it is of assay 9.9" "$strip
old = b'\"' + json.loads(entries['report.json'])['tool']['version'].encode() + b'\"'
for n in ('report.json', 'assay-bundle.json'):
    entries[n] = entries[n].replace(b'\"version\": ' + old, b'\"version\": \"9.9\"').replace(b'\"assay\": ' + old, b'\"assay\": \"9.9\"')$relist"

# No zip as bundles are one.
for change in 'x = open("good.zip", "rb").read() + b"x"' \
  'x = open("good.zip", "rb").read()[:-1]' \
  'x = open("good.zip", "rb").read()[:1000]'; do
  python3 -c "$change; open('broken.zip', 'wb').write(x)"
  expect 65 "broken.zip: " "$assay" recheck broken.zip "$good" "${key[@]}"
  expect 65 "broken.zip: " "$assay" report broken.zip
done
(cd opened && zip -qr ../stock.zip assay-bundle.json assay-bundle.dsse.json report.json)
expect 65 "not in the form that bundles have" "$assay" recheck stock.zip "$good" "${key[@]}"
cp good.zip twice.zip
python3 - <<'PY'
import warnings, zipfile
warnings.simplefilter("ignore")
with zipfile.ZipFile("twice.zip", "a") as zip:
    zip.writestr("report.json", "{}")
    zip.writestr("../evil", "x")
PY
expect 65 "twice.zip: " "$assay" recheck twice.zip "$good" "${key[@]}"
expect 65 "not JSON" "$assay" report key.pub

# Other commands take one for a report.
expect 0 "" "$assay" diff good.zip good.json
expect 65 "broken.zip: " "$assay" diff broken.zip good.json
expect 0 "" "$assay" verify "$good" "${options[@]}" --baseline good.zip

finish
