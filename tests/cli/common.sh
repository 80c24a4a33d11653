# Sourced by the tests of the command line, whose first argument is the program:
# they run in a folder of their own, and have check, expect and finish.
# shellcheck shell=bash disable=SC2034
assay=$(realpath "$1")
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
folder=$(mktemp -d)
trap 'chmod -R u+rwx "$folder"; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0
count=0
seen=()

# check NAME COMMAND...: the command succeeds.
check() {
  local name=$1
  shift
  count=$((count + 1))
  "$@" || {
    echo "FAILED: $name"
    failed=$((failed + 1))
  }
}

# expect CODE WORDS COMMAND...: WORDS must be in what it prints; out and err
# keep it.
expect() {
  local code=$1 words=$2 got
  shift 2
  timeout 600 "$@" >out 2>err </dev/null
  got=$?
  seen+=("$got")
  count=$((count + 1))
  if [[ $got != "$code" ]] || { [[ -n $words ]] && ! cat out err | grep -qF -- "$words"; }; then
    echo "FAILED: $* gives $got, expected $code and \"$words\""
    head -n 5 err
    failed=$((failed + 1))
  fi
}

finish() {
  echo "$count checks, $failed failed"
  [[ $failed == 0 ]]
}
