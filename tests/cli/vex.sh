#!/bin/bash
# tests/cli/vex.sh ASSAY: what others decided comes in as waivers, and what a
# policy accepted goes out as VEX.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"

mkdir product
printf 'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n' >product/passwd
at=(--at 2026-11-22T10:00:00Z)
printf 'schema: assay-policy/1\nname: acme\n' >policy.yaml
"$assay" verify product "${at[@]}" --policy policy.yaml -o json=saved.json -o openvex=open.json -o cyclonedx-vex=open.cdx.json >/dev/null 2>&1
rule=$(jq -r '.findings[0].rule' saved.json)

# Nothing is decided yet, and nothing is accepted by that.
check "all is under investigation" jq -e 'all(.statements[]; .status == "under_investigation")' open.json >/dev/null
expect 2 "it is under investigation" "$assay" policy import-vex open.json
check "no waiver" test "$(cat out)" = "waivers: []"
{ cat policy.yaml out; } >waived.yaml
expect 0 "0 waivers" "$assay" policy lint waived.yaml
expect 2 "it is under investigation" "$assay" policy import-vex open.cdx.json

# Somebody decides; the waivers hold as they stand.
for form in open.json open.cdx.json; do
  jq '(.author // empty) = "Jane Doe"
    | (.metadata.authors // empty) = [{name: "Jane Doe"}]
    | (.statements // empty)[] |= . + {status: "not_affected", impact_statement: "a \"test\" account"}
    | (.vulnerabilities // empty)[].analysis = {state: "not_affected", detail: "a \"test\" account"}' $form >closed.json
  expect 0 "Jane Doe" "$assay" policy import-vex closed.json
  { cat policy.yaml out; } >waived.yaml
  expect 0 "" "$assay" policy lint waived.yaml
  "$assay" verify product "${at[@]}" --policy waived.yaml -o json=waived.json -o openvex=vex.json -o cyclonedx-vex=vex.cdx.json >/dev/null 2>&1
  check "$form: its finding is accepted" jq -e --arg rule "$rule" 'any(.findings[]; .rule == $rule and .waiver)' waived.json >/dev/null
  check "$form: nothing is void" jq -e 'all(.findings[]; .rule != "NI8-LIMIT-006")' waived.json >/dev/null
done
check "OpenVEX says so" jq -e --arg rule "$rule" \
  'any(.statements[]; .vulnerability.name == $rule and .status == "not_affected")' vex.json >/dev/null
check "CycloneDX says so" jq -e --arg rule "$rule" \
  'any(.vulnerabilities[]; .id == $rule and .analysis.state == "not_affected")' vex.cdx.json >/dev/null
# By the official schema and the rules that no schema has.
expect 0 "" "$assay" sbom check vex.cdx.json
# More than a year after the statement it accepts nothing.
"$assay" verify product --at 2027-12-01T00:00:00Z --policy waived.yaml -o json=late.json >/dev/null 2>&1
check "it ends" jq -e 'all(.findings[]; .waiver == null)' late.json >/dev/null

# Whatever stands in a statement stays text of the waiver.
jq '.author = "Jane \ud83d\udc4d \"J\" #: Doe"
  | .statements[0] += {status: "not_affected", impact_statement: "x\"\n  - id: y\\ # {a: !b *c}"}
  | .statements |= .[:1]' open.json >odd.json
expect 0 "" "$assay" policy import-vex odd.json
{ cat policy.yaml out; } >waived.yaml
expect 0 "1 waivers" "$assay" policy lint waived.yaml

# Bad input names file and place.
jq '.author = ""' open.json >bad.json
expect 65 "bad.json: /author: missing" "$assay" policy import-vex bad.json
jq '.statements[0].status = "harmless"' open.json >bad.json
expect 65 "bad.json: /statements/0/status" "$assay" policy import-vex bad.json
jq '."@context" = "https://openvex.dev/ns/v1.0.0"' open.json >bad.json
expect 65 "this version reads OpenVEX 0.2.0" "$assay" policy import-vex bad.json
head -c 200 open.json >bad.json
expect 65 "bad.json: not JSON" "$assay" policy import-vex bad.json
expect 65 "neither OpenVEX nor" "$assay" policy import-vex saved.json
expect 66 "nowhere" "$assay" policy import-vex nowhere
expect 64 "FILE is required" "$assay" policy import-vex

finish
