#!/bin/bash
# tests/cli/redact.sh ASSAY: what is taken out of a report is in no output, the
# opening proves it, and nothing that counts has changed.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"

mkdir -p product/etc/init.d
printf 'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n' >product/etc/passwd
printf '#!/bin/sh\nnc -l -p 4444 -e /bin/sh\n' >product/etc/init.d/S99debug
printf '#!/bin/sh\n. /etc/init.d/S99debug\n' >product/etc/init.d/S99debug.bak
head -c 32 /dev/zero >salt
at=(--at 2026-11-22T10:00:00Z)
"$assay" verify product "${at[@]}" -o json=saved.json >/dev/null 2>&1
rule=$(jq -r '.findings[0].rule' saved.json)
id=$(jq -r '.findings[0].id' saved.json)
redact=("$assay" redact saved.json --reason "under repair" --opening opening.json --salt-file salt -o json=public.json)

# in_no_output TEXT...: none of them, as a word, in any format of public.json.
in_no_output() {
  local text format
  for format in text json html sarif sarif-hosts junit gitlab csv stix misp openvex cyclonedx-vex; do
    "$assay" report public.json -v -o "$format=shown" >/dev/null 2>&1
    for text in "$@"; do
      # What only begins like it may stay.
      if sed 's/S99debug\.bak//g' shown | grep -qwFi -- "$text"; then
        echo "$text is in $format"
        return 1
      fi
    done
    grep -q "under repair" shown || {
      echo "$format does not say that it is redacted"
      return 1
    }
  done
}

# the_same_counts ORIGINAL: by severity, and all that is counted otherwise.
the_same_counts() {
  local what='[.verdict, .ledger, .limits, .rules.evaluated, .rules.matched,
    ([.findings[].severity] | group_by(.) | map([.[0], length])),
    ([.norm[] | [.pack, .state, .rules_evaluated, .findings, .notes]]),
    (.artifacts | length), (.signatures | length), (.not_examined | length),
    (.sbom.components | length), (.sbom.discrepancies | length), .sbom.scores]'
  cmp <(jq -c "$what" "$1") <(jq -c "$what" public.json)
}

# proven ORIGINAL PRODUCT: the opening fits, and what is left holds.
proven() {
  local original=$1 product=$2
  expect 0 "$(sha256sum <"$original" | cut -d ' ' -f 1)" "$assay" redact public.json --check opening.json
  expect 2 "NOT CHECKED" "$assay" recheck public.json "$product"
  expect 0 "checks hold" "$assay" recheck public.json "$product" --opening opening.json
}

# Findings.
expect 0 "" "${redact[@]}" --finding "$rule"
check "a finding is in no output" in_no_output "$rule" "$id"
check "counts stay" the_same_counts saved.json
proven saved.json product
expect 2 "redacted for disclosure (under repair)" "$assay" report public.json
cp public.json first.json
expect 0 "" "${redact[@]}" --finding "$rule"
check "the same salt gives the same bytes" cmp first.json public.json
expect 0 "" "$assay" redact saved.json --reason "under repair" --opening other.json -o json=other-public.json --finding "$rule"
check "no salt is like another" bash -c '! cmp -s first.json other-public.json'
expect 1 "DOES NOT FIT" "$assay" redact public.json --check other.json

# Paths.
expect 0 "" "${redact[@]}" --path '**/S99debug'
check "a path is in no output" in_no_output etc/init.d/S99debug \
  "$(sha256sum <product/etc/init.d/S99debug | cut -d ' ' -f 1)"
check "what only begins like it stays" grep -q 'S99debug.bak' public.json
check "counts stay" the_same_counts saved.json
proven saved.json product
expect 0 "" "${redact[@]}" --path 'etc'
check "with all below it" in_no_output S99debug etc/init.d
proven saved.json product
# Of a sentence that everybody can look up, no word is missing to tell a name.
check "rules say what they say" cmp <(jq '[.findings[] | .explanation, .fix]' saved.json) \
  <(jq '[.findings[] | .explanation, .fix]' public.json)
check "nothing else names it" test -z "$(jq 'del(.findings[] | .explanation, .fix)' public.json |
  grep -wi -e passwd -e toor -e init.d)"

# Proof, and texts.
expect 0 "" "${redact[@]}" --evidence '**/passwd'
check "the proof is in no output" in_no_output 'toor:x:0:0'
proven saved.json product
printf 'toor\n\nnc -l\n' >texts
expect 0 "" "${redact[@]}" --text-file texts
check "texts are in no output" in_no_output toor 'nc -l'
proven saved.json product

# Of what an opening holds, others read nothing.
umask 022
"${redact[@]}" --text-file texts
check "the opening is the user's alone" test "$(stat -c %a opening.json)" = 600
check "a report is for all" test "$(stat -c %a public.json)" = 644
(umask 027 && "${redact[@]}" --text-file texts)
check "whom the umask lets" test "$(stat -c %a public.json)" = 640

# The label may be another: that is what it is for.
expect 0 "" "${redact[@]}" --finding "$rule" --tlp clear
check "its label is the new one" grep -q '"tlp": "TLP:CLEAR"' public.json
proven saved.json product

# What was changed afterwards shows.
sed 's/"verdict": "inconclusive"/"verdict": "pass"/' public.json >forged.json
expect 1 "DOES NOT FIT" "$assay" redact forged.json --check opening.json
expect 65 "do not fit" "$assay" recheck forged.json product --opening opening.json
expect 64 "give its --opening" "$assay" recheck public.json product --full

# Wrong usage: nothing is written.
rm -f public.json opening.json
for wish in --finding=NI9-NONE-001 --path='**/nowhere' --evidence=f-0123456789abcdef; do
  expect 64 "the report has no such thing" "${redact[@]}" "$wish"
done
expect 64 "the product itself" "${redact[@]}" --path '**'
expect 64 "say what to take out" "${redact[@]}"
expect 64 "--reason is required" "$assay" redact saved.json --finding "$rule" --opening opening.json
expect 64 "--opening is required" "$assay" redact saved.json --finding "$rule" --reason why
for other in --finding=x --reason=x --tlp=red --salt-file=salt --name-original -ojson=o.json; do
  expect 64 "goes with no other" "$assay" redact saved.json --check first.json "$other"
done
expect 64 "would change the input" "$assay" redact saved.json --finding "$rule" --reason why --opening saved.json
expect 64 "would be one file" "$assay" redact saved.json --finding "$rule" --reason why --opening o.json -o json=o.json
expect 64 "would be one file" "$assay" redact saved.json --finding "$rule" --reason why --opening o.json -o json=./o.json
expect 64 "would be one file" "$assay" redact saved.json --finding "$rule" --reason why --opening -
expect 64 "it names something" "$assay" redact saved.json --path '**/S99debug' --reason 'for etc/init.d/S99debug' --opening opening.json
check "nothing was written" bash -c '! ls public.json opening.json o.json 2>/dev/null'

# Bad input.
expect 65 "a salt has 32 bytes" "$assay" redact saved.json --finding "$rule" --reason why --opening opening.json --salt-file texts
expect 65 "redacted already" "$assay" redact first.json --finding "$rule" --reason why --opening opening.json
expect 66 "nowhere" "$assay" redact nowhere --finding "$rule" --reason why --opening opening.json
expect 66 "nowhere" "$assay" redact first.json --check nowhere
echo '[' >broken.json
expect 65 "first.json: the opening: not JSON" "$assay" redact first.json --check broken.json
expect 65 "saved.json: the report is not redacted" "$assay" redact saved.json --check other.json
: >empty
expect 65 "no text in it" "${redact[@]}" --text-file empty
expect 74 "No space left" "$assay" redact saved.json --finding "$rule" --reason why --opening /dev/full -o json=public.json
check "no report without an opening" test ! -e public.json

# The real one: a release that was tampered with in fourteen ways.
router=$root/samples/products/router-1.1
if [[ -d $router ]]; then
  "$assay" verify "$router" "${at[@]}" --policy "$root/samples/policies/vendor-router.yaml" -o json=saved.json >/dev/null 2>&1
  # Every finding's subject in turn would take minutes: some, of each severity.
  mapfile -t subjects < <(jq -r '[.findings[] | select(.severity != "info")] | unique_by(.severity)[].subject' saved.json |
    grep -F '!/' | sort -u)
  shown=0
  for subject in "${subjects[@]}"; do
    inner=${subject##*!/}
    grep -qrwiF -- "$inner" "$root/rules/catalog" && continue # rules name it
    ((++shown > 3)) && break
    expect 0 "" "${redact[@]}" --path "$subject"
    check "$subject is in no output" in_no_output "$subject" "$inner"
    # Its digest would tell who knows the file.
    digest=$(jq -r --arg path "$subject" '.artifacts[] | select(.path == $path) | .digests.sha256 // empty' saved.json)
    others=$(jq -r --arg path "$subject" --arg digest "$digest" \
      '[.artifacts[] | select(.path != $path and .digests.sha256 == $digest)] | length' saved.json)
    [[ -z $digest || $others != 0 ]] || check "the digest of $subject is in no output" in_no_output "$digest"
    check "counts stay" the_same_counts saved.json
    expect 0 "give back the original" "$assay" redact public.json --check opening.json
  done
  expect 0 "" "${redact[@]}" --finding "$(jq -r '.findings[0].rule' saved.json)"
  check "a finding is in no output" in_no_output "$(jq -r '.findings[0].rule' saved.json)" "$(jq -r '.findings[0].id' saved.json)"
  check "counts stay" the_same_counts saved.json
  proven saved.json "$router"
fi

finish
