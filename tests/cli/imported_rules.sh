#!/bin/bash
# tests/cli/imported_rules.sh ASSAY: rules of YARA and capa from a user's folder:
# findings with evidence that rechecks, what is not imported and why, broken files
# with line and column; and the examples of a user's own rules.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"

mkdir product yara broken good wrong none
printf 'here is the marker-4711, twice: marker-4711\n' >product/a.txt
echo "nothing to see" >product/b.txt
mkdir product/folder && : >product/folder/empty
tar cf product/c.tar -C product a.txt
cat >yara/set.yar <<'R'
import "pe"
import "cuckoo"
private rule helper { strings: $m = "marker-" condition: $m }
rule marked {
  meta:
    description = "finds the marker"
    score = 80
  strings:
    $a = "MARKER-4711" nocase fullword
  condition:
    helper and #a == 2 and filesize < 1KB
}
rule size_only { condition: filesize == 15 }
rule empty { condition: filesize == 0 }
rule uses_module { condition: pe.is_dll() }
rule uses_cuckoo { condition: cuckoo.sync.mutex(/x/) }
rule leans_on_it { condition: uses_module or filesize == 15 }
rule everything { strings: $all = /.{3}/ condition: $all }
rule elsewhere { strings: $x = "no such text" condition: not $x and filesize == 1 }
R

# Findings, with the bytes.
expect 2 "YARA:set.yar:marked" "$assay" verify --rules yara -o json product
cp out report.json
found() { jq -r ".findings[] | select(.rule == \"YARA:set.yar:$1\") | $2" report.json | sort -u | paste -sd' '; }
check "both copies, and not the archive around one of them" test "$(found marked .subject)" = \
  "a.txt c.tar!/a.txt"
check "its place" test "$(found marked '.evidence[0].offset' | tr ' ' '\n' | head -n1)" = 12
check "its author's score" test "$(found marked .severity)" = medium
check "its author's words are quoted" grep -q 'finds the marker' report.json
check "a rule without strings" test "$(found size_only .subject)" = "b.txt"
check "a rule without strings is low" test "$(found size_only .severity)" = low
check "a rule for empty files, and for no folder" test "$(found empty .subject)" = "folder/empty"
for quiet in helper uses_module leans_on_it everything elsewhere; do
  check "$quiet says nothing" test -z "$(found $quiet .subject)"
done
check "what was not asked is said" jq -e \
  '[.. | .not_evaluated? // empty] | flatten | index("YARA:set.yar:uses_module")' report.json
expect 0 "" "$assay" recheck --rules yara report.json product
sed -i 's/4711, twice/4712, twice/' product/a.txt
expect 1 "" "$assay" recheck --rules yara report.json product

# What is not imported, and why.
expect 0 "set.yar:15:6: YARA:set.yar:uses_module not imported: uses pe.is_dll()" \
  "$assay" rules lint --rules yara
expect 0 "uses_cuckoo not imported: uses cuckoo.sync.mutex()" "$assay" rules lint --rules yara
expect 0 "leans_on_it not imported: depends on rule uses_module" "$assay" rules lint --rules yara
expect 0 'everything not imported: $all matches almost anything' "$assay" rules lint --rules yara
expect 0 "4 rules not imported" "$assay" rules list --rules yara
expect 0 "marker" "$assay" rules explain --rules yara YARA:set.yar:marked

# Broken files name file, line, column and the cure.
broken() {  # WORDS TEXT
  rm -f broken/*
  printf '%b' "$2" >broken/x.yara
  expect 78 "broken/x.yara:$1" "$assay" verify --rules broken product
}
broken '1:39: the rule has no string $b' 'rule a { strings: $a = "x" condition: $b }'
broken '1:38: the rule has no string $b' 'rule a {strings: $a = "x" condition: $b }'
broken '2:1: "}" is missing' 'rule a { condition: true\n'
broken '1:19: no condition uses $a: use it' 'rule a { strings: $a = "x" condition: true }'
broken '1:24: a text without its closing "' 'rule a { strings: $a = "x condition: $a }\n'
broken '2:6: a rule a stands before' 'rule a { condition: true }\nrule a { condition: true }'
broken '1:24: a "(" without its ")"' 'rule a { strings: $a = /a(b/ condition: $a }'
broken '1:24: a hex string begins and ends' 'rule a { strings: $a = { [2] 00 } condition: $a }'
broken '1:24: two hexadecimal digits' 'rule a { strings: $a = { 0 00 } condition: $a }'
broken '1:19: nocase goes with neither' 'rule a { strings: $a = "xyz" xor nocase condition: $a }'
broken '1:24: $a is empty' 'rule a { strings: $a = "" condition: $a }'
broken '1:1: "rule" is missing' 'hello'

# Rules of capa.
mkdir capa product2
cat >capa/marker.yml <<'R'
rule:
  meta:
    name: has the marker {twice}
    namespace: test/marker
    scopes: {static: file, dynamic: unsupported}
    description: counts markers
  features:
    - or:
      - count(substring(marker-4711)): 2 or more
R
cat >capa/leans.yml <<'R'
rule:
  meta: {name: leans on it, scope: file}
  features:
    - and:
      - match: test
      - not:
        - string: /no such .{2} text/i
R
cat >capa/function.yml <<'R'
rule:
  meta: {name: calls something, scope: function}
  features:
    - api: kernel32.Sleep
R
printf 'here is the marker-4711, twice: marker-4711\n' >product2/a.txt
printf 'here is the marker-4711\n' >product2/b.txt
expect 2 "has the marker (twice)" "$assay" verify --rules capa -o json product2
cp out report.json
check "capa: the file that has it twice" test "$(jq -r '.findings[] |
  select(.rule == "CAPA:marker.yml:has the marker {twice}") | .subject' report.json)" = a.txt
check "capa: a rule that asks for another" test "$(jq -r '.findings[] |
  select(.rule == "CAPA:leans.yml:leans on it") | .subject' report.json)" = a.txt
expect 0 "" "$assay" recheck --rules capa report.json product2
expect 0 "function.yml:2:9: CAPA:function.yml:calls something not imported: asks about each function" \
  "$assay" rules lint --rules capa
printf 'rule:\n  meta: {name: x, scope: file}\n  features:\n    - and: []\n' >broken/x.yml
expect 78 "broken/x.yml:4:7: a statement over nothing: name the features below it" \
  "$assay" verify --rules broken product2
rm broken/x.yml

# The examples of one's own rules.
rule() {  # ID MATCHING-VALUE
  cat <<R
id: $1
version: 1
title: "possible marker account {value}"
family: HF-01
severity: low
confidence: high
norm: {gge: "13(i)", para: ["58(c)"]}
cwe: [798]
when:
  fact: {kind: account, value: "==marker"}
explanation: x
fix: y
examples:
  match:
    - {name: the account, facts: [{kind: account, value: $2}]}
  no_match:
    - {name: another account, facts: [{kind: account, value: root}]}
R
}
rule NI3-HF01-900 marker >good/a.yml
rule NI3-HF01-901 other >wrong/a.yml
expect 0 'ok    NI3-HF01-900 match "the account"' "$assay" rules test good
expect 0 'ok    NI3-HF01-900 no_match "another account"' "$assay" rules test good
expect 1 'WRONG NI3-HF01-901 match "the account"' "$assay" rules test wrong
expect 1 'wrong/a.yml:15:' "$assay" rules test wrong
expect 78 "no rule there has an example" "$assay" rules test none
expect 78 "x.yara:1:1" "$assay" rules test broken
expect 66 "nowhere" "$assay" rules test nowhere
expect 64 "DIR is required" "$assay" rules test
finish
