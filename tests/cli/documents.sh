#!/bin/bash
# tests/cli/documents.sh ASSAY: manual pages that two formatters read without
# complaint, and what README says about the command line.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"

mapfile -t pages < <("$assay" man --list)
check "a page for the program and every command" test "${#pages[@]}" -gt 15
for page in "${pages[@]}"; do
  name=assay
  words=()
  if [[ $page != assay ]]; then
    name=assay-$page
    words=("$page")
  fi
  "$assay" man "${words[@]}" >"$name.1" || failed=$((failed + 1))
  if command -v mandoc >/dev/null; then
    check "$name: mandoc" test -z "$(mandoc -T lint -W warning "$name.1" 2>&1 | tee err)"
    cat err
  fi
  if command -v groff >/dev/null; then
    check "$name: groff" test -z \
      "$(groff -man -Tutf8 -ww -z "$name.1" 2>&1 | tee err)"
    cat err
  fi
  if command -v man >/dev/null; then
    check "$name: man" test -z "$(LC_ALL=C.UTF-8 man -l --warnings "./$name.1" 2>&1 >/dev/null | tee err)"
    cat err
  fi
done
# All options of a command are on its page.
for option in --policy --output --no-color --progress --unsafe-no-sandbox; do
  check "assay-verify(1) has $option" grep -qF -- "${option//-/\\-}" assay-verify.1
done
# All exit codes are on the pages and in help.
while read -r code _; do
  check "assay-verify(1) has exit code $code" grep -qxF "\\fB$code\\fR" assay-verify.1
  check "help has exit code $code" bash -c "'$assay' --help | sed -n '/Exit codes/,\$p' | grep -qw $code"
done < <("$assay" help exit-codes | grep -E '^ *[0-9]+ ')
expect 64 "no page" "$assay" man nonsense

# README holds the tables that the program prints.
between() {
  sed -n "/<!-- $1:begin -->/,/<!-- $1:end -->/p" "$root/README.md" | sed '1d;$d'
}
check "README: exit codes" diff <(between exit-codes) <("$assay" help exit-codes --markdown)
check "README: formats" diff <(between formats) <("$assay" formats --markdown)

finish
