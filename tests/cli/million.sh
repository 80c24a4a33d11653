#!/bin/bash
# tests/cli/million.sh ASSAY: a report of a million findings is read and written
# within bounds, and no form loses one without a word.
set -u
here=$(realpath "$(dirname "$0")")
assay=$(realpath "$1")
# shellcheck source=tests/cli/common.sh
. "$here/common.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
readonly findings=1000000

echo abc >product
"$assay" verify product --no-config --progress none --at 2026-11-22T10:00:00Z -o json=small.json
{
  printf '{"schema": "assay-report/1", "findings": ['
  awk -v n=$findings 'BEGIN {
    split("critical high medium low info", severities, " ")
    for (i = 0; i < n; ++i) {
      printf("%s{\"id\":\"f-%016x\",\"rule\":\"X-HF%02d-001\",\"rule_version\":\"1\",\"family\":\"HF-%02d\",", i ? "," : "", i, i % 11, i % 11)
      printf("\"severity\":\"%s\",\"confidence\":\"low\",\"title\":\"possible x %d\",\"explanation\":\"\",\"fix\":\"\",", severities[1 + int(i * 5 / n)], i)
      printf("\"cwe\":[],\"attack\":[],\"norm\":[],\"subject\":\"product\",\"evidence\":[{\"kind\":\"absence\",\"path\":\"p%d\"}]}\n", i)
    }
  }'
  printf '], '
  jq -c 'del(.schema, .findings)' small.json | cut -c 2-
} >million.json

# Where memory does not do, that is said, and nothing is half written.
expect 70 "out of memory" bash -c "ulimit -v 1000000; exec '$assay' report million.json -o sarif=none.sarif"
check "no output" test ! -e none.sarif

# Some 1.2 KB of memory a finding, and the longest output twice.
(
  ulimit -v 3000000
  "$assay" report million.json -o csv=out.csv -o html=out.html -o sarif-hosts=out.sarif -o text=out.txt
)
check "the exit code is the verdict's" test $? = "$(jq '{"pass": 0, "fail": 1, "inconclusive": 2}[.verdict]' small.json)"
check "CSV has all" test "$(wc -l <out.csv)" = $((findings + 1))
check "text counts all" grep -qF "200000 critical, 200000 high, 200000 medium, 200000 low, 200000 notes" out.txt
check "hosts get as many as they take, and how many are left" jq -e --arg left $((findings - 4999)) '
  .runs[0].results | length == 5000 and (.[-1].message.text | startswith($left + " more findings"))' out.sarif >/dev/null
check "hosts take 10 MB" test "$(stat -c %s out.sarif)" -lt 10000000
check "a page says how many it leaves out" grep -qF "10000 of 1000000" out.html
check "a page can be opened" test "$(stat -c %s out.html)" -lt 20000000
finish
