#!/bin/bash
# tests/cli/exit_codes.sh ASSAY: what the command line answers to bad input:
# the right exit code and one message that names the thing, and no crash. Every
# exit code of the program's own table occurs.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"

: >empty
mkdir product rules
echo x >product/a
printf 'schema: assay-policy/1\nname: x\nsignatures: [{match: "*", anchors: [ghost]}]\n' >policy.yaml
printf 'id: X\nbogus: [\n' >rules/x.yml
echo 'no json' >text.json
printf '[%.0s' {1..100000} >nested.json
echo '{"a":1,"a":2}' >twice.json
head -c 100000 /dev/zero >zeros

# Products.
expect 2 INCONCLUSIVE "$assay" verify empty
expect 2 INCONCLUSIVE "$assay" verify product
expect 2 INCONCLUSIVE "$assay" verify zeros
expect 2 INCONCLUSIVE bash -c "echo hello | '$assay' verify -"
expect 66 "nowhere: No such file" "$assay" verify nowhere
expect 66 "not a regular file" "$assay" verify /dev/null
expect 66 "nowhere" "$assay" ls nowhere
expect 66 'no artifact "a!/b"' "$assay" cat empty 'a!/b'

# Usage.
expect 64 "PRODUCT is required" "$assay" verify
expect 64 "unknown format" "$assay" verify empty -o foo
expect 64 "no RFC 3339 time" "$assay" verify empty --at yesterday
expect 64 "unknown key" "$assay" verify empty --limit deepness=3
expect 64 "would change the input" "$assay" verify empty -o json=empty
expect 64 "would change the input" "$assay" verify product -o json=product/out.json
expect 64 "would change the input" bash -c 'cd product && "$1" verify . -o json=out.json' _ "$assay"
expect 64 "must contain {}" "$assay" verify empty product -o json=out.json
expect 64 "no rule" "$assay" rules explain NI9-NONE

# An option takes one value, and "--" ends the options, whatever is before it.
expect 2 INCONCLUSIVE "$assay" verify -o text empty product
expect 2 INCONCLUSIVE "$assay" verify --context product empty product
for before in "" "-o text" "--limit depth=3" "--no-config" "--jobs 1"; do
  # shellcheck disable=SC2086
  expect 66 "--help: No such file" "$assay" verify $before -- --help
  # shellcheck disable=SC2086
  expect 66 "--unsafe-no-sandbox: No such file" "$assay" verify $before -- --unsafe-no-sandbox
done
expect 66 "--help: No such file" "$assay" ls --limit depth=3 -- --help

# Documents, policy and rules.
expect 65 "text.json: not JSON" "$assay" verify empty --sbom text.json
expect 65 "nested more than" "$assay" verify empty --sbom nested.json
expect 65 '"a" stands twice' "$assay" verify empty --sbom twice.json
expect 65 "text.json" "$assay" recheck text.json product
expect 66 "nowhere" "$assay" verify empty --sbom nowhere
expect 66 "nowhere" "$assay" verify empty --context nowhere
expect 66 "nowhere" "$assay" verify empty --policy nowhere
expect 78 'policy.yaml:3:36: unknown anchor "ghost"' "$assay" verify empty --policy policy.yaml
expect 78 "rules/x.yml:3:1" "$assay" verify empty --rules rules
expect 78 "policy.yaml:3:36" "$assay" policy lint policy.yaml

# What explains findings.
expect 65 "text.json: not a reference set" "$assay" verify empty --reference text.json
expect 65 "text.json: not a manifest" "$assay" verify empty --manifest text.json
expect 78 "text.json:1:1" "$assay" verify empty --exceptions text.json
expect 66 "nowhere" "$assay" verify empty --previous nowhere
expect 1 "nothing is written" "$assay" reference build -o set product
check "nothing is written" test ! -e set
expect 0 "1 originals" "$assay" reference build --unsigned -o set product
expect 0 "1 originals of 1 publications" "$assay" reference show set
expect 64 "would change the input" "$assay" reference build --unsigned -o product/set product
expect 2 "1 original of 1 publication" "$assay" verify product --reference set
expect 2 "New since product: files 1 the same" "$assay" verify product --previous product
expect 0 '"assay-manifest/1"' "$assay" manifest draft product
expect 64 "would change the input" "$assay" manifest draft product -o product/a
expect 65 "text.json: not a reference set" "$assay" reference show text.json

# Outputs.
expect 74 "No such file" "$assay" verify empty -o json=nowhere/out.json
expect 74 "No space left" "$assay" verify empty -o json=/dev/full
expect 74 "not an empty directory" "$assay" unpack empty -C rules
expect 2 "" "$assay" verify empty product -o 'json=out-{}.json'
check "one report a product" test -s out-1-empty.json -a -s out-2-product.json
# What standard output did not take is no success of any command.
for command in "formats" "rules list" "help" "--version" "config show --origin" \
  "doctor" "policy init" "man verify" "completion bash" "help exit-codes"; do
  # shellcheck disable=SC2086
  expect 74 "" bash -c '"$@" >/dev/full' - "$assay" $command
done

# SBOMs: no output replaces an input, what was not looked at is no agreement.
cat >bom.cdx.json <<'EOF'
{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,
 "metadata":{"component":{"type":"firmware","bom-ref":"p","name":"p"}},
 "components":[]}
EOF
cp bom.cdx.json before.json
expect 64 "would change the input" "$assay" sbom check bom.cdx.json -o json=bom.cdx.json
expect 64 "would change the input" "$assay" sbom compare bom.cdx.json empty -o json=./bom.cdx.json
expect 64 "would change the input" "$assay" sbom compare bom.cdx.json empty -o json=empty
expect 64 "would change the input" "$assay" sbom compare bom.cdx.json empty --reference zeros -o text=zeros
expect 64 "would change the input" "$assay" sbom diff bom.cdx.json before.json -o text=before.json
expect 64 "would change the input" "$assay" sbom convert bom.cdx.json -o spdx-json=bom.cdx.json
expect 64 "would change the input" "$assay" sbom make product -o spdx-json=product/sbom.json
check "no SBOM was overwritten" cmp -s bom.cdx.json before.json
printf 'a%.0s' {1..2000} >one
printf 'b%.0s' {1..2000} >two
tar cf pair.tar one two
expect 0 "" "$assay" sbom make pair.tar -o cyclonedx-json=made.json
expect 2 "ended early" "$assay" sbom make pair.tar --limit entries=1 -o cyclonedx-json=part.json
# Of a program an SBOM needs what it is linked with, not its thousands of names.
expect 0 "" "$assay" sbom make /bin/bash --limit facts=40 -o cyclonedx-json=bash.json
expect 2 "more facts than the limit" "$assay" sbom make /bin/bash --limit facts=2 -o cyclonedx-json=bash.json
check "what was found is written" test -s part.json
expect 0 "AGREES" "$assay" sbom compare made.json pair.tar
expect 2 "has no program that the product has" "$assay" sbom compare made.json pair.tar --reference one
expect 2 "ended early" "$assay" sbom compare part.json pair.tar --limit entries=1

# Nothing leaves the folder it is unpacked to.
mkdir hostile
perl -e '
  sub block { my ($name, $type, $link, $data) = @_;
    my $head = pack("a100 a8 a8 a8 a12 a12 a8 a1 a100 a6 a2 a247", $name,
      "0000644", "0000000", "0000000", sprintf("%011o", length $data),
      "00000000000", " " x 8, $type, $link, "ustar", "00", "");
    my $sum = 0; $sum += ord for split //, $head;
    substr($head, 148, 8) = sprintf("%06o\0 ", $sum);
    print $head, $data, "\0" x (-length($data) % 512); }
  block("../../escape", 0, "", "x"); block("/tmp/assay-absolute", 0, "", "x");
  block("link", 2, "/tmp", ""); block("link/assay-through-link", 0, "", "x");
  block("up", 2, "../../..", ""); print "\0" x 1024;' >hostile/evil.tar
expect 0 "not written" "$assay" unpack hostile/evil.tar -C hostile/out
for escaped in escape hostile/escape ../escape /tmp/assay-absolute /tmp/assay-through-link; do
  check "$escaped was not written" test ! -e $escaped
done
expect 2 "leads out of the folder" "$assay" verify hostile/evil.tar

# Bombs end at a limit that is named, within the time above.
head -c 1G /dev/zero | gzip -1 >bomb.gz
expect 2 "expands more than" "$assay" verify bomb.gz

# What was not looked at is no success, whatever the command.
expect 2 "" "$assay" ls pair.tar --limit entries=1
expect 2 "" "$assay" unpack pair.tar -C some --limit entries=1
expect 2 "" "$assay" signatures pair.tar --limit entries=1
expect 2 "" "$assay" manifest draft pair.tar --limit entries=1

# An interrupt leaves a report that says so, and ends us by the signal, so that
# a shell's loop over products ends as well.
head -c 300M /dev/zero | tr '\0' 'a' | gzip -1 >slow.gz
for signal in INT:130 TERM:143; do
  rm -f part-*.json
  # A shell's background jobs ignore SIGINT: a program in between resets it.
  : >err
  perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$assay" verify slow.gz slow.gz \
    slow.gz slow.gz -o 'json=part-{}.json' --progress=json >/dev/null 2>err &
  pid=$!
  until grep -q '"start"' err || ! kill -0 $pid 2>/dev/null; do
    sleep 0.1
  done
  kill -"${signal%:*}" $pid
  wait $pid
  got=$?
  check "SIG${signal%:*}: ${signal#*:}, not $got" test $got = "${signal#*:}"
  seen+=("$got")
  check "SIG${signal%:*}: a report that says so" \
    grep -q '"reproducible": false' part-*.json
  check "SIG${signal%:*}: no pass" bash -c '! grep -q "\"verdict\": \"pass\"" part-*.json'
done

# A system that has nothing to give: never 0, and the code says what it was.
# As an ordinary user, when this runs as root.
user=()
if ((EUID == 0)); then
  user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chmod 755 "$folder"
fi
declare -A codes=()
for descriptors in {3..24}; do
  timeout 60 prlimit --nofile="$descriptors" "${user[@]}" "$assay" verify \
    product >out 2>err </dev/null
  codes[$?]=1
done
for megabytes in 40 80 120 160 200 300 400; do
  timeout 60 prlimit --as=$((megabytes << 20)) "${user[@]}" "$assay" verify \
    product >out 2>err </dev/null
  codes[$?]=1
done
seen+=("${!codes[@]}")
check "never 0 or 1: ${!codes[*]}" test -z "${codes[0]:-}${codes[1]:-}"

# Every code of the table was seen.
while read -r code _; do
  check "exit code $code occurs" bash -c "[[ ' ${seen[*]} ' == *' $code '* ]]"
done < <("$assay" help exit-codes | grep -E '^ *[0-9]+ ')

finish
