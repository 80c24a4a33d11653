#!/bin/bash
# tests/cli/help.sh ASSAY: what the command line says about itself: help with
# examples that work, the word that was meant, and how much is printed where.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"
unset NO_COLOR

# The paths of all commands, from the lists of commands in the help.
commands() {
  "$assay" "$@" --help | sed -n '/^[A-Z].*:$/h; /^  [a-z]/{G; p}' |
    grep -B1 -E '^(Commands|About the program):$' | sed -n 's/^  \([a-z-]*\) .*/\1/p'
}
all=("")
for top in $(commands); do
  all+=("$top")
  for sub in $(commands "$top"); do
    all+=("$top $sub")
  done
done
check "there are commands" test "${#all[@]}" -gt 25

# Every command: examples before usage, and every example is a command line
# that the parser accepts.
mkdir bin images
ln -s "$assay" bin/assay
PATH=$folder/bin:$PATH
for command in "${all[@]}"; do
  # shellcheck disable=SC2086
  expect 0 "Examples:" assay $command --help
  check "$command: examples first" test \
    "$(grep -nE '^(Examples|Usage):?' out | head -n 1 | cut -d: -f2)" = Examples
  check "$command: lines of at most 80 columns" test -z \
    "$(grep -vE '^(  (assay|source) |[^ ]*Usage)' out | grep -E '^.{81,}')"
  sed -n '/^Examples:$/,/^Usage/s/^  \([^ ].*\)$/\1/p' out >examples
  while read -r line; do
    # Wrong usage has one answer of its own.
    HOME=$folder timeout 60 bash -c "$line" >out 2>err </dev/null
    code=$?
    check "$line: gives $code" test $code != 64 -a $code != 70
  done <examples
done
expect 0 "Usage: assay sbom make" assay help sbom make
expect 64 "Examples:" assay

# The word that was meant.
expect 64 "unknown command 'verfy'; did you mean 'verify'?" assay verfy x
expect 64 "did you mean 'sbom'?" assay sbmo make
expect 64 "unknown command 'mak'; did you mean 'make'?" assay sbom mak x
expect 64 "unknown option '--polcy'; did you mean '--policy'?" assay verify x --polcy p
expect 64 "did you mean '--policy'?" assay verify x --polcy=p
expect 64 "did you mean '--quiet'?" assay --quite verify x
expect 64 "did you mean '--reference'?" assay verify x --ref p
expect 64 "did you mean 'signatures'?" assay help sigantures
expect 64 'none of auto, none, json' assay verify x --progress=jsno
expect 64 "'c' is one argument too many" assay recheck a b c
expect 64 "PRODUCT is required" assay verify
expect 64 "unknown command 'xyzzy'" assay xyzzy
check "no far-fetched suggestion" bash -c '! grep -q "did you mean" err'
expect 64 "unknown command '\\x1b[31mverify" assay $'\e[31mverify'
check "a typo plays no tricks on the terminal" bash -c "! grep -q \$'\e' err"

# --quiet: errors only; the exit code speaks.
echo x >product
expect 2 "" assay verify --quiet product
check "--quiet: nothing" test ! -s out -a ! -s err
expect 2 "" assay --quiet verify product -o json=report.json
check "--quiet: what was named is written" test -s report.json -a ! -s out -a ! -s err
expect 66 "nowhere" assay verify --quiet nowhere
expect 0 "" assay recheck --quiet report.json product
check "--quiet: nothing" test ! -s out -a ! -s err
sed 's/"offset": 0/"offset": 0/; s/"sha256": "./"sha256": "f/' report.json >forged.json
expect 1 "" assay recheck -q forged.json product
check "--quiet: nothing" test ! -s out -a ! -s err

# --progress=json: every line of standard error is an object.
expect 2 "" assay verify --progress=json product -o json=/dev/null
check "progress: objects" bash -c 'jq -es "map(.event) | .[0] == \"start\" and .[-1] == \"end\"" err >/dev/null'
check "progress: the verdict" bash -c 'jq -es ".[-1] | .verdict == \"inconclusive\" and .exit == 2" err >/dev/null'
expect 66 "" assay verify --progress=json product nowhere -o "json=/dev/null{}"
expect 66 "" assay verify --progress=json nowhere
check "progress: errors too" bash -c 'jq -es "map(select(.event == \"error\" and .exit == 66)) | length == 1" err >/dev/null'
expect 2 "" assay verify --progress=none product
check "progress: none" test ! -s err
expect 2 "" assay verify product
check "no progress of a short run without a terminal" test ! -s err

# Colours: on a terminal only, and not when they are not wanted.
# terminal COMMAND: as on a terminal; colours says whether it used any.
terminal() {
  script -qec "$1" /dev/null </dev/null >out
}
colours() {
  grep -q $'\e\[[0-9;]*m' out
}
if command -v script >/dev/null; then
  TERM=xterm terminal "assay verify product"
  check "colours on a terminal" colours
  for variables in NO_COLOR=1 TERM=dumb; do
    TERM=xterm terminal "env $variables assay verify product"
    check "$variables: no colours" bash -c "! grep -q \$'\e\[[0-9;]*m' out"
  done
  TERM=xterm terminal "env NO_COLOR= assay verify product"
  check "an empty NO_COLOR is none" colours
  TERM=xterm terminal "assay verify --no-color product"
  check "--no-color" bash -c "! grep -q \$'\e\[[0-9;]*m' out"
  TERM=dumb terminal "assay verify product"
  check "TERM=dumb: no control sequences at all" bash -c "! grep -q \$'\e' out"
fi
expect 2 "" assay verify product
check "no colours in a file" bash -c "! grep -q \$'\e' out"

finish
