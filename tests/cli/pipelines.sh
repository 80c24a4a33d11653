#!/bin/bash
# tests/cli/pipelines.sh ASSAY: the commands out of samples/pipelines and
# .pre-commit-hooks.yaml, as shipped, on a product that passes, one that fails
# and one without a policy: the verdict each system sees, and the reports.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"
ln -s "$assay" assay
export PATH=$folder:$PATH
policy=$root/samples/policies/vendor-router.yaml
pass=$root/samples/products/router-1.0
fail=$root/samples/products/router-1.1
[[ -e $pass && -e $fail ]] || {
  echo "the sample products are not made: samples/products/generate.sh"
  exit 77
}

# script FILE: the shell script in it, as its system would run it. Outputs that
# this version does not have are written as JSON.
script() {
  python3 - "$1" <<'PY'
import re, sys
name = sys.argv[1]
text = open(name).read()
if name.endswith("Jenkinsfile"):
    print(re.search(r"script: '''(.*?)'''", text, re.S).group(1))
elif name.endswith(".sh"):
    print(text)
else:
    import yaml
    data = yaml.safe_load(text)
    if isinstance(data, list):
        print(data[0]["entry"] + ' "$@"')
    elif "runs" in data:
        print(data["runs"]["steps"][0]["run"])
    else:
        print("\n".join(data[".assay"]["script"]))
PY
}
missing=()
for format in json text html sarif sarif-hosts junit gitlab; do
  assay verify nowhere -o $format >/dev/null 2>err
  grep -q 'unknown format' err && missing+=("$format")
done
((${#missing[@]} == 0)) || echo "outputs that this version lacks: ${missing[*]}"
shipped() {
  local text format
  text=$(script "$1")
  for format in "${missing[@]}"; do
    text=${text//-o $format=/-o json=}
  done
  printf '%s\n' "$text"
}

# runs CODE SCRIPT ARGUMENT...: with $PRODUCT and $POLICY from the environment.
runs() {
  local code=$1 file=$2
  shift 2
  rm -rf assay-reports
  count=$((count + 1))
  timeout 300 bash --noprofile --norc -e -o pipefail "$file" "$@" >out 2>err </dev/null
  local got=$?
  if [[ $got != "$code" ]]; then
    echo "FAILED: $file ($PRODUCT, ${POLICY:-no policy}) gives $got, expected $code"
    head -n 5 err
    failed=$((failed + 1))
  fi
}
# reports FILE...: they are there, and say VERDICT.
reports() {
  local verdict=$1 file
  shift
  for file in report.json "$@"; do
    check "$file is there" test -s "assay-reports/$file"
  done
  check "report.json says $verdict" test \
    "$(jq -r .verdict assay-reports/report.json)" = "$verdict"
}

export PRODUCT POLICY INCONCLUSIVE REPORTS=assay-reports GITHUB_OUTPUT=outputs
each() {
  # PRODUCT, POLICY, exit code, verdict
  printf '%s\n' "$pass $policy 0 pass" "$fail $policy 1 fail" "$pass - 2 inconclusive"
}

shipped "$root/samples/pipelines/github/action.yml" >github.sh
shipped "$root/samples/pipelines/gitlab-ci.yml" >gitlab.sh
shipped "$root/samples/pipelines/Jenkinsfile" >jenkins.sh
shipped "$root/samples/pipelines/assay.sh" >plain.sh
shipped "$root/.pre-commit-hooks.yaml" >hook.sh
for file in github gitlab jenkins plain hook; do
  check "$file.sh is a script of one verification" test \
    "$(grep -c 'assay verify' $file.sh)" = 1
done

# A policy of the project under review is not asked.
printf 'policy: nowhere.yaml\n' >.assay.yaml
while read -r PRODUCT POLICY code verdict; do
  [[ $POLICY != - ]] || POLICY=
  INCONCLUSIVE=fail
  : >outputs
  runs "$code" github.sh
  reports "$verdict" report.html hosts.sarif junit.xml
  check "github: verdict=$verdict" grep -qx "verdict=$verdict" outputs
  if [[ $verdict == inconclusive ]]; then
    INCONCLUSIVE=warn
    runs 0 github.sh
    check "github: a warning" grep -q '^::warning' out
  fi
  runs "$code" gitlab.sh
  reports "$verdict" report.html gl-report.json junit.xml
  runs "$code" jenkins.sh
  reports "$verdict" report.html report.sarif junit.xml
  runs "$code" plain.sh "$PRODUCT" ${POLICY:+"$POLICY"}
  reports "$verdict" report.html report.sarif junit.xml
  runs "$code" hook.sh ${POLICY:+--policy "$POLICY"} -- "$PRODUCT"
done < <(each)

# What cannot be verified stops every pipeline, with another code.
PRODUCT=nowhere POLICY=
INCONCLUSIVE=warn runs 66 github.sh
check "github: verdict=error" grep -qx "verdict=error" outputs
check "github: an error" grep -q '^::error' out
runs 66 gitlab.sh
runs 66 jenkins.sh
runs 66 plain.sh nowhere
runs 66 hook.sh -- nowhere
# What a name says is never run, and no option.
# shellcheck disable=SC2016
for PRODUCT in '$(touch ran)' --help; do
  runs 66 github.sh
  runs 66 gitlab.sh
  runs 66 jenkins.sh
  runs 66 plain.sh "$PRODUCT"
done
check "an input is no script" test ! -e ran
check "the hook ends its options before the files" grep -qF 'args: [--]' "$root/.pre-commit-hooks.yaml"

finish
