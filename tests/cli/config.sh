#!/bin/bash
# tests/cli/config.sh ASSAY: what verify takes from files and variables: the
# order, the messages, and that nothing is trusted unseen.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"
unset ASSAY_POLICY ASSAY_POLICY_KEY ASSAY_REFERENCE ASSAY_JOBS ASSAY_FAIL_ON ASSAY_CACHE
export HOME=$folder/home XDG_CONFIG_HOME=$folder/xdg
mkdir -p home/.config/assay xdg/assay work/sub
for name in flag env project user; do
  printf 'schema: assay-policy/1\nname: by-%s\n' $name >$name.yaml
done
cd work || exit 1
echo x >product
project=.assay.yaml
user=$folder/xdg/assay/config.yaml

# policy EXPECTED COMMAND...: the policy that verify used.
policy() {
  local name=$1
  shift
  "$@" verify product ${options[@]+"${options[@]}"} --progress none -o json=report.json >out 2>err
  count=$((count + 1))
  local got
  got=$(jq -r '.policy.name // ""' report.json)
  if [[ $got != "$name" ]]; then
    echo "FAILED: the policy is \"$got\", expected \"$name\""
    cat err
    failed=$((failed + 1))
  fi
}
# says WORDS: the one line on standard error; without words: none.
says() {
  check "standard error: $*" test "$(cat err)" = "${*:+assay: $*}"
}

# Flag, environment, project, user: each hides the next.
options=(--policy ../flag.yaml)
printf 'policy: ../project.yaml\n' >$project
printf 'policy: ../../user.yaml\n' >"$user"
export ASSAY_POLICY=../env.yaml
policy by-flag "$assay"
says
options=()
policy by-env "$assay"
says "from ASSAY_POLICY: policy"
unset ASSAY_POLICY
policy by-project "$assay"
says "from .assay.yaml: policy"
rm $project
policy by-user "$assay"
says "from $user: policy"
XDG_CONFIG_HOME=relative policy "" "$assay"
says
mv "$user" "$folder/home/.config/assay/config.yaml"
sed -i 's:\.\./\.\./:../../../:' "$folder/home/.config/assay/config.yaml"
XDG_CONFIG_HOME='' policy by-user "$assay"
rm "$folder/home/.config/assay/config.yaml"

# The system's file is the last; tried where /etc can be another folder.
mkdir -p ../etc/assay
printf 'policy: /etc/assay/system.yaml\njobs: 1\n' >../etc/assay/config.yaml
printf 'schema: assay-policy/1\nname: by-system\n' >../etc/assay/system.yaml
# shellcheck disable=SC2016
within=(unshare -rm bash -c 'mount --rbind "$1" /etc && shift && exec "$@"' - "$folder/etc")
if "${within[@]}" test -e /etc/assay/config.yaml 2>/dev/null; then
  policy by-system "${within[@]}" "$assay"
  says "from /etc/assay/config.yaml: policy, jobs"
  printf 'policy: ../project.yaml\n' >$project
  policy by-project "${within[@]}" "$assay"
  says "from .assay.yaml: policy; from /etc/assay/config.yaml: jobs"
else
  echo "no namespace of our own here: /etc/assay/config.yaml is not tried"
fi

# Nothing is trusted unseen, and all of it can be ignored.
printf 'policy: ../project.yaml\noutput: [json=report.json]\n' >$project
expect 0 "" "$assay" verify --quiet product
says "from .assay.yaml: policy, output"
export ASSAY_JOBS=1
options=(--no-config)
policy "" "$assay"
says
options=()
unset ASSAY_JOBS
expect 0 "" "$assay" verify --progress=json product
check "as an object too" bash -c 'jq -es "any(.event == \"warning\" and (.message | contains(\".assay.yaml\")))" err >/dev/null'

# Lists, flags and numbers; a stronger list replaces a weaker one.
mkdir rules
printf 'rules: [rules]\nverbose: true\njobs: 2\nlimit: [entries=100, depth=3]\n' >$project
expect 2 "from .assay.yaml: rules, verbose, jobs, limit" "$assay" verify product -o json=report.json
check "limits of the file" test "$(jq .limits.entries report.json)/$(jq .limits.depth report.json)" = 100/3
expect 2 "" "$assay" verify product -o json=report.json --limit depth=4
check "a list of the command line replaces" test "$(jq .limits.depth report.json)" = 4
check "not added to" test "$(jq .limits.entries report.json)" != 100

# What is wrong, with file, line and column.
# wrong LINE:COLUMN WORDS TEXT
wrong() {
  printf '%b' "$3" >$project
  expect 78 ".assay.yaml:$1: $2" "$assay" verify product
  expect 78 ".assay.yaml:$1: $2" "$assay" config show
}
wrong 2:1 "unknown key 'polcy'; did you mean 'policy'?" 'jobs: 1\npolcy: x\n'
wrong 1:1 "unknown key 'unsafe_no_sandbox'" 'unsafe_no_sandbox: true\n'
wrong 1:1 "unknown key 'at'" 'at: 2020-01-01T00:00:00Z\n'
wrong 1:1 "unknown key 'no_config'" 'no_config: true\n'
wrong 1:1 "unknown key 'quiet'" 'quiet: true\n'
wrong 1:1 "unknown key 'PRODUCT'" 'PRODUCT: x\n'
wrong 1:9 "text is expected here" 'policy: {a: b}\n'
wrong 1:9 "text is expected here" 'policy: [a, b]\n'
wrong 1:1 '"policy" has no value' 'policy:\n'
wrong 1:10 "true or false is expected here" 'verbose: maybe\n'
wrong 2:1 '"jobs" stands twice' 'jobs: 1\njobs: 2\n'
wrong 1:1 "a map of keys is expected here" '- policy\n'
wrong 2:1 "" 'policy: [x\n'
printf 'jobs: many\n' >$project
expect 78 ".assay.yaml:1:7: " "$assay" verify product
head -c 100000 /dev/zero | tr '\0' '#' >$project
expect 78 "larger than a configuration may be" "$assay" verify product
rm $project
mkdir $project
expect 66 ".assay.yaml" "$assay" verify product
rmdir $project
mkfifo $project
expect 66 "not a regular file" "$assay" verify product
rm $project
printf '# nothing\n' >$project
expect 2 "" "$assay" verify product
says
ASSAY_JOBS=many expect 78 "ASSAY_JOBS: " "$assay" verify product
# Another command takes nothing from there.
printf 'polcy: x\n' >$project
expect 0 "" "$assay" ls product

# config show: what holds, and from where.
printf 'policy: ../project.yaml\nlimit: [depth=3, "entries=9"]\n' >$project
printf 'policy: hidden.yaml\njobs: 3\n' >"$user"
ASSAY_REFERENCE=a.set expect 0 "" "$assay" config show --origin
check "config show" diff - <(grep -v '^#' out) <<EOF
reference: "a.set"  # ASSAY_REFERENCE
policy: "../project.yaml"  # .assay.yaml:1:9
limit: ["depth=3", "entries=9"]  # .assay.yaml:2:8
jobs: "3"  # $user:2:7
EOF
expect 0 "" "$assay" config show
cp out $project
"$assay" config show >again
check "config show prints a configuration file" cmp -s out again

# A project in a language of its own plays no tricks.
printf '"\\e[31mkey": x\n' >$project
expect 78 '\x1b[31mkey' "$assay" verify product
check "no control characters" bash -c "! grep -q \$'\e' err"

finish
