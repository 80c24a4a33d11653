#!/usr/bin/env bash
# How often the version of a native package is read from its bytes alone.
#
#   banners.sh CATALOGUE FOLDER
#
# CATALOGUE is the program of that name (ninja catalogue). FOLDER holds Debian
# packages (*.deb). Of each, only the ELF objects are looked at: no database,
# no documentation. The truth is the package's own Version, as dpkg has it,
# without epoch, revision and repacking marks.
#
# A package is
#   right    when a component has the package's upstream version
#   wrong    when a component that bears the name of the package, its source
#            or the file has another version, and counts as evidence (S2 up)
#   unsure   the same, below S2 and with no right one
#   silent   otherwise
# A package may be right and wrong at once. The same is told of each cataloguer
# and strength.
set -euo pipefail
export LC_ALL=C
[ $# -eq 2 ] || { echo "usage: $0 CATALOGUE FOLDER" >&2; exit 64; }
catalogue=$1
folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1:1.35.0+dfsg-4+b1 -> 1.35.0
upstream() {
  sed -E 's/^[0-9]+://; s/-[^-]*$//;
    s/[+.~-]?(really|dfsg|ds|repack|debian|deb|git|hg|svn|bzr|cvs|snapshot|gh|nmu|stable|orig).*$//;
    s/\+.*$//'
}

for package in "$folder"/*.deb; do
  name=$(dpkg-deb -f "$package" Package)
  source=$(dpkg-deb -f "$package" Source | sed 's/ .*//')
  version=$(dpkg-deb -f "$package" Version | upstream)
  rm -rf "$work/tree"
  mkdir "$work/tree"
  dpkg-deb -x "$package" "$work/tree" 2>/dev/null || continue
  (cd "$work/tree" && find . -type f -size +0 -exec sh -c '
    for f; do
      [ "$(head -c 4 "$f" | tail -c 3)" = ELF ] && printf "%s\0" "${f#./}"
    done' sh {} +) > "$work/files" || true
  [ -s "$work/files" ] || continue
  xargs -0 "$catalogue" "$work/tree" < "$work/files" |
    awk -F '\t' -v package="$name" -v from="${source:-$name}" \
        -v truth="$version" -v sources="$work/sources" '
      function plain(v) {
        v = tolower(v); gsub(/[~_-]/, "", v); sub(/^v/, "", v)
        while (sub(/\.0$/, "", v)) {}
        return v
      }
      function bare(n) {
        n = tolower(n); sub(/^.*\//, "", n); sub(/\.so.*$/, "", n)
        sub(/^lib/, "", n); sub(/[-_.0-9]+$/, "", n)
        return n
      }
      $2 == "deb_changelog" || $2 == "elf_package" { next }
      {
        same = plain($5) == plain(truth)
        named = bare($4) == bare(package) || bare($4) == bare(from) ||
                bare($4) == bare($1)
        right = right || same
        if (same || named) { says[$2 " S" $3 "\t" (same ? "right" : "wrong")] }
        if (!same && named) {
          if ($3 >= 2) { wrong = wrong " " $4 "=" $5 "@" $1 }
          else { unsure = unsure " " $4 "=" $5 "@" $1 }
        }
      }
      END {
        for (one in says) { print one >> sources }
        print package, truth, right ? "right" : "-", wrong != "" ? "wrong" : "-",
              unsure != "" && !right && wrong == "" ? "unsure" : "-",
              wrong unsure
      }'
done | tee "$work/result"

awk '{ n++; right += $3 == "right"; wrong += $4 == "wrong"
       unsure += $5 == "unsure"; silent += $3 == "-" && $4 == "-" && $5 == "-" }
     END { printf "packages %d  right %.1f %%  wrong %.1f %%  unsure %.1f %%  silent %.1f %%\n",
           n, 100*right/n, 100*wrong/n, 100*unsure/n, 100*silent/n }' \
  "$work/result"
sort "$work/sources" | uniq -c | awk '
  { count[$2 " " $3, $4] = $1; source[$2 " " $3] }
  END { for (one in source)
          printf "%-20s right %4d  wrong %4d\n", one, count[one, "right"],
                 count[one, "wrong"] }' | sort
