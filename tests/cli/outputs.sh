#!/bin/bash
# tests/cli/outputs.sh ASSAY: saved reports written again, labels that only
# narrow, and attestations that stock programs verify.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"

mkdir product
printf 'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n' >product/passwd
printf '#!/bin/sh\nnc -l -p 4444 -e /bin/sh\n' >product/start.sh
echo 'no json' >text.json

# What is written again is what was written first.
at=(--at 2026-11-22T10:00:00Z)
expect 2 "" "$assay" verify product "${at[@]}" -o json=saved.json -o text=first.txt -o sarif=first.sarif
expect 2 "" "$assay" report saved.json -o json=again.json -o text=again.txt -o sarif=again.sarif
check "JSON is the same" cmp saved.json again.json
check "text is the same" cmp first.txt again.txt
check "SARIF is the same" cmp first.sarif again.sarif
expect 2 "INCONCLUSIVE" "$assay" report saved.json
for format in json html sarif sarif-hosts junit gitlab csv cyclonedx stix misp openvex cyclonedx-vex text; do
  expect 2 "" "$assay" report saved.json -o "$format=$format.out"
  check "$format says the label" grep -qiF "tlp:amber+strict" "$format.out"
done
# The exit code is the verdict's.
sed 's/"verdict": "inconclusive"/"verdict": "pass"/' saved.json >pass.json
expect 0 "PASS" "$assay" report pass.json
sed 's/"verdict": "inconclusive"/"verdict": "fail"/' saved.json >fail.json
expect 1 "FAIL" "$assay" report fail.json

# Our own reading of CycloneDX has nothing against what we write.
mv cyclonedx.out report.cdx.json
expect 0 "" "$assay" sbom check report.cdx.json
check "every finding is there" test "$(jq '.vulnerabilities | length' report.cdx.json)" = \
  "$(jq '.findings | length' saved.json)"
check "and about something in it" jq -e '
  ([.. | objects | .["bom-ref"]? // empty] | unique) as $refs
  | all(.vulnerabilities[].affects[].ref; IN($refs[]))' report.cdx.json

# Two products side by side.
mkdir older && echo 'root:x:0:0::/root:/bin/sh' >older/passwd
expect 2 "" "$assay" verify older "${at[@]}" -o json=older.json
expect 0 "product is riskier than older: it has" "$assay" diff older.json saved.json
expect 0 "" "$assay" diff older.json saved.json -o html=diff.html -o sarif=diff.sarif -o json=diff.json -o text=diff.txt
for output in diff.html diff.sarif diff.json diff.txt; do
  check "$output says the label" grep -qF "TLP:AMBER+STRICT" $output
  check "$output says which is riskier" grep -qF "product is riskier than older" $output
done
expect 0 "" "$assay" diff older.json saved.json -o html=again.html -o sarif=again.sarif
check "the page is the same again" cmp diff.html again.html
check "SARIF is the same again" cmp diff.sarif again.sarif
check "what came is new" jq -e '.runs[0].results | any(.ruleId == "change/account" and
  .baselineState == "new" and .level == "warning" and (.message.text | contains("toor")))' diff.sarif
check "a changed file is updated" jq -e '.runs[0].results | any(.ruleId == "change/file" and
  .baselineState == "updated")' diff.sarif
check "digests are those of the files" jq -e --arg now "$(sha256sum <product/passwd | cut -d ' ' -f 1)" \
  --arg before "$(sha256sum <older/passwd | cut -d ' ' -f 1)" \
  '.places | any(.new_sha256 == $now and .old_sha256 == $before)' diff.json
expect 0 "product is riskier than older: it has" "$assay" diff saved.json older.json
expect 0 "Nothing changed that leads to control" "$assay" diff saved.json saved.json
# Printed again by another program it is the same report, and said to be one.
jq -c . saved.json >printed.json
expect 0 "printed.json: a saved report" "$assay" diff saved.json printed.json
expect 0 "Nothing changed that leads to control" "$assay" diff saved.json printed.json
expect 64 "text, json, html or sarif" "$assay" diff older.json saved.json -o junit
expect 64 "would change the input" "$assay" diff older.json saved.json -o html=older.json
sed 's/"reasons"/"reason"/' saved.json >odd.json
expect 65 "odd.json: /reasons: missing" "$assay" diff older.json odd.json
expect 0 "TLP:RED" "$assay" diff older.json saved.json --tlp red
expect 64 "may only be narrowed" "$assay" diff older.json saved.json --tlp clear
expect 0 "TLP:GREEN" "$assay" diff older product "${at[@]}" --tlp green
expect 64 "no label of TLP 2.0" "$assay" diff older.json saved.json --tlp white

# Bad input.
expect 64 "SAVED is required" "$assay" report
expect 66 "nowhere" "$assay" report nowhere
expect 65 "text.json: not JSON" "$assay" report text.json
sed 's,assay-report/1,assay-report/2,' saved.json >newer.json
expect 65 "newer.json: /schema: not assay-report/1" "$assay" report newer.json
sed 's/"reasons"/"reason"/' saved.json >typo.json
expect 65 "typo.json: /reasons: missing" "$assay" report typo.json
sed 's/"evaluated": /"evaluated": -/' saved.json >type.json
expect 65 "type.json: /rules/evaluated: not a whole number" "$assay" report type.json
head -c 1000 saved.json >short.json
expect 65 "short.json: not JSON" "$assay" report short.json
expect 64 "unknown format" "$assay" report saved.json -o foo
expect 64 "would change the input" "$assay" report saved.json -o text=saved.json
expect 74 "No space left" "$assay" report saved.json -o text=/dev/full

# Labels.
expect 64 "no label of TLP 2.0" "$assay" verify product --tlp white
expect 2 "TLP:GREEN" "$assay" verify product "${at[@]}" --tlp green -o json=green.json -o text
expect 2 "TLP:RED" "$assay" report green.json --tlp red -o json=red.json -o text
expect 2 "TLP:AMBER" "$assay" report green.json --tlp amber
expect 64 "may only be narrowed" "$assay" report green.json --tlp clear -o json=wide.json
expect 64 "red.json is TLP:RED" "$assay" report red.json --tlp amber+strict
check "nothing wider was written" test ! -e wide.json
expect 0 "checks hold" "$assay" recheck green.json product --full

# Attestations, verified by openssl over the bytes that DSSE signs.
openssl genpkey -algorithm ed25519 -out ed25519.pem 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem 2>/dev/null
openssl pkey -in ed25519.pem -aes256 -passout pass:x -out locked.pem
for key in ed25519 ec; do
  openssl pkey -in $key.pem -pubout -out $key.pub
  for format in svr vsa; do
    expect 2 "" "$assay" report saved.json -o $format=$format.json --attest-key $key.pem
    jq -r .payload $format.json | base64 -d >payload
    jq -r '.signatures[0].sig' $format.json | base64 -d >signature
    { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c <payload)" && cat payload; } >signed
    if [[ $key == ec ]]; then
      verify=(openssl dgst -sha256 -verify ec.pub -signature signature)
      check "$format by $key" "${verify[@]}" signed
      check "other bytes are not signed" bash -c '! "$@" 2>/dev/null' _ "${verify[@]}" payload
    else
      verify=(openssl pkeyutl -verify -pubin -inkey ed25519.pub -rawin -sigfile signature -in)
      check "$format by $key" "${verify[@]}" signed
      check "other bytes are not signed" bash -c '! "$@" 2>/dev/null' _ "${verify[@]}" payload
    fi
    check "the key is named" test "$(jq -r '.signatures[0].keyid' $format.json)" = \
      "$(openssl pkey -pubin -in $key.pub -outform DER | sha256sum | cut -d ' ' -f 1)"
    check "it is about the product's files" test \
      "$(jq -r '.subject[] | select(.name == "product!/passwd" or .name == "passwd").digest.sha256' payload)" = \
      "$(sha256sum <product/passwd | cut -d ' ' -f 1)"
  done
done
expect 64 "give --attest-key FILE" "$assay" verify product -o svr
expect 64 "give --attest-key FILE" "$assay" report saved.json -o vsa=vsa.json
expect 66 "nowhere" "$assay" report saved.json -o svr --attest-key nowhere
expect 65 "text.json: no private key" "$assay" report saved.json -o svr --attest-key text.json
expect 65 "not a key for ECDSA on P-256" "$assay" report saved.json -o svr --attest-key p384.pem
expect 65 "without a passphrase" "$assay" report saved.json -o svr --attest-key locked.pem
expect 64 "would change the input" "$assay" report saved.json -o svr=ec.pem --attest-key ec.pem

finish
