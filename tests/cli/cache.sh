#!/bin/bash
# tests/cli/cache.sh ASSAY: reports do not depend on what is cached, on runs
# that were killed, or on damage to the cache; a cache that others can write to
# is refused.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"
product=$root/samples/products/router-1.1
common=("$product" --policy "$root/samples/policies/vendor-router.yaml"
  --previous "$root/samples/products/router-1.0" --at 2026-11-22T00:00:00Z
  --no-config --progress none)

# same NAME OPTION...: the report of a run with these options is the first one.
same() {
  local name=$1
  shift
  "$assay" verify "${common[@]}" "$@" -o json=again.json
  check "$name: exit code" test $? = 1
  check "$name" cmp -s first.json again.json
}

"$assay" verify "${common[@]}" -o json=first.json
check "the tampered router fails" test $? = 1

same "an empty cache" --cache cache
check "walks are kept" test -n "$(ls cache/walks/*.walk)"
check "nothing is left unfinished" test -z "$(ls cache/walks/*.part 2>/dev/null)"
kept=$(ls -l --time-style=+ cache/walks)
same "what is in it" --cache cache
check "no walk is made again" test "$kept" = "$(ls -l --time-style=+ cache/walks)"
check "it is the user's alone" test "$(stat -c %a cache/walks)" = 700
check "so are its files" test "$(stat -c %a cache/walks/*.walk | sort -u)" = 600
same "one thread" --cache cache --jobs 1

# Another time and another policy are judged anew, of the same walk.
"$assay" verify "$product" --at 2027-11-22T00:00:00Z --no-config --progress none \
  --cache cache -o json=later.json
"$assay" verify "$product" --at 2027-11-22T00:00:00Z --no-config --progress none \
  -o json=plain.json
check "another time, no policy" cmp -s later.json plain.json

for walk in cache/walks/*.walk; do
  printf 'x' | dd of="$walk" bs=1 seek=$(($(stat -c %s "$walk") / 2)) conv=notrunc status=none
done
same "damaged files" --cache cache
for walk in cache/walks/*.walk; do
  truncate -s 1000 "$walk"
done
same "files cut off" --cache cache

# Killed at any moment, a run goes on.
for pause in 0.05 0.15 0.3 0.6 0.9; do
  rm -rf killed
  "$assay" verify "${common[@]}" --cache killed -o json=never.json &
  sleep $pause
  kill -9 $! 2>/dev/null
  wait $! 2>/dev/null
  same "killed after $pause s" --cache killed
done

# A changed product is another one.
cp -r "$root/samples/products/router-1.0" copy
verify_copy() {
  "$assay" verify copy --no-config --progress none --at 2026-11-22T00:00:00Z \
    --policy "$root/samples/policies/vendor-router.yaml" --cache cache -o json=copy.json
}
verify_copy
check "the copy passes" test $? = 0
image=$(find copy -name '*.bin' -type f | head -n 1)
printf 'x' >>"${image:?}"
verify_copy
check "with one byte more it does not" test $? != 0

expect 64 "would change the input" "$assay" verify copy --cache copy/cache
mkdir open && mkdir -m 777 open/walks
expect 78 "nobody else can write to" "$assay" verify copy --cache open
expect 74 "" "$assay" verify copy --cache /proc/nowhere
ln -s "$folder/cache/walks" walks-elsewhere && mkdir linked && mv walks-elsewhere linked/walks
expect 78 "nobody else can write to" "$assay" verify copy --cache linked
finish
