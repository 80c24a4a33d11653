#!/bin/bash
# tests/bench/yara.sh [DIR] [RULES...]: imported YARA rules beside `yara` itself
# (Debian's, one thread): the same files, the CPU time of each, and how many
# (file, rule) pairs come out the same. Without RULES it makes two sets, one of
# literals and one of regular expressions. DIR: /usr/bin by default.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/release
for tool in yara perl; do
  command -v "$tool" >/dev/null || { echo "no $tool here" >&2; exit 77; }
done
ninja -C "$build" yara_scan >/dev/null
scan=$build/tests/yara_scan
files=$(realpath "${1:-/usr/bin}")
shift || true
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Words of the file system's own strings with a tail that makes most of them
# rare, as rule sets have them.
make_rules() {  # literal|regex COUNT
  perl -e '
    my ($kind, $count) = @ARGV;
    srand 7;
    my @words = qw(password connect exec system socket update config upload
      token shell daemon kernel cipher login version driver update_check http);
    my @gaps = ("[a-z0-9_]{1,12}", "\\s*=\\s*", ".{1,20}", "[^\\x00]{2,16}",
      "(_|-|\\.)", "\\d{1,5}", "[A-Za-z]+", "\\.?");
    for my $i (1 .. $count) {
      my $tail = join "", map { chr(97 + int rand 26) } 1 .. 2 + rand 6;
      my ($a, $b) = map { $words[rand @words] } 1 .. 2;
      my $string = $kind eq "literal"
        ? "\"$a" . ($i % 10 ? " $tail" : "") . "\"" . ($i % 4 ? "" : " nocase")
          . ($i % 7 ? "" : " wide ascii") . ($i % 9 ? "" : " fullword")
        : "/" . ($i % 3 ? "$a" : "[a-z]{2,8}") . $gaps[rand @gaps]
          . ($i % 5 ? $b : substr $tail, 0, 3) . ($i % 2 ? "" : $gaps[rand @gaps])
          . "/" . ($i % 4 ? "" : " nocase");
      print "rule ${kind}_$i { strings: \$a = $string condition: \$a }\n";
    }' "$1" "$2"
}

cpu() {  # COMMAND...: seconds of CPU time, what it prints goes to $work/out
  local TIMEFORMAT='%U %S'
  { time "$@" >"$work/out" 2>"$work/err" || true; } 2>"$work/time"
  awk '{ printf "%.2f", $1 + $2 }' "$work/time"
}

compare() {  # RULES
  local size theirs ours empty_theirs empty_ours
  size=$(xargs -d '\n' stat -c %s <"$work/files" | awk '{ s += $1 } END { print s }')
  empty_theirs=$(cpu yara -w -p 1 "$1" /dev/null)
  theirs=$(cpu yara -w -p 1 --scan-list "$1" "$work/files")
  LC_ALL=C sort -u "$work/out" >"$work/theirs"
  empty_ours=$(cpu "$scan" "$1" /dev/null)
  ours=$(cpu xargs -d '\n' -a "$work/files" "$scan" "$1")
  LC_ALL=C sort -u "$work/out" >"$work/ours"
  awk -v name="$(basename "$1")" -v size="$size" -v theirs="$theirs" -v ours="$ours" \
    -v et="$empty_theirs" -v eo="$empty_ours" -v files="$(wc -l <"$work/files")" \
    -v rules="$(grep -cE '^(private |global )*rule ' "$1")" \
    -v pairs="$(wc -l <"$work/theirs")" \
    -v different="$(comm -3 "$work/theirs" "$work/ours" | wc -l)" 'BEGIN {
      scan = theirs - et; mine = ours - eo
      printf "%s: %d rules, %d files, %.0f MB; CPU without compiling:\n", name, rules, files, size / 1e6
      printf "  yara  %7.1f MB/s  (%.2f s, compiling %.2f s)\n", size / 1e6 / (scan + 1e-3), scan, et
      printf "  assay %7.1f MB/s  (%.2f s, compiling %.2f s), %.1f times as fast\n", size / 1e6 / (mine + 1e-3), mine, eo, scan / (mine + 1e-3)
      printf "  %d matches, %d of %d (file, rule) pairs different: %.4f %% agree\n", pairs, different, files * rules, 100 - 100 * different / (files * rules) }'
}

find "$files" -type f -size -64M | LC_ALL=C sort |
  awk -v most="${ASSAY_FILES:-1500}" 'NR <= most' >"$work/files"
if (($# == 0)); then
  make_rules literal 1000 >"$work/literals.yar"
  make_rules regex 300 >"$work/regexes.yar"
  set -- "$work/literals.yar" "$work/regexes.yar"
fi
for rules in "$@"; do
  compare "$rules"
done
