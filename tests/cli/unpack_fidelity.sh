#!/bin/bash
# tests/cli/unpack_fidelity.sh ASSAY: what `assay unpack` says and writes about
# real packages and a real file system image, against the reference tools: the
# same names, types, modes, owners, times, links and digests. As an ordinary
# user, when this runs as root.
set -euo pipefail
assay=$(realpath "$1")
samples=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../samples/products")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 777 "$folder"
cd "$folder"
user=()
if ((EUID == 0)); then
  user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
failed=0

# ours TREE PREFIX: "name type mode uid gid mtime link sha256" below PREFIX.
ours() {
  jq -r --arg prefix "$2" '.artifacts[]
    | select(.path | startswith($prefix))
    | select(.path | ltrimstr($prefix) | contains("!/") | not)
    | [(.path | ltrimstr($prefix)), .type // "file", .mode // "", .uid // "",
       .gid // "", .mtime // "", .link_target // "",
       (if (.type // "file") == "file" then .digests.sha256 else "" end)]
    | @tsv' "$1" | sed -E 's/^\.\t/.\t/' | LC_ALL=C sort
}

# What bsdtar says about a tar archive, in the same form.
theirs() {
  bsdtar -cf - --format=mtree \
    --options='!all,type,mode,uid,gid,time,link,sha256' @- |
    perl -ne 'next if /^#/ || !/\S/; chomp; my ($name, @rest) = split / /;
      my %v = map { /^(\w+)=(.*)$/s ? ($1, $2) : () } @rest;
      s/\\([0-7]{3})/chr oct $1/ge for $name, $v{link} // ();
      $name =~ s{^/}{}; $name =~ s{^\./}{}; $name =~ s{/$}{}; $name = "." if $name eq "";
      my $type = { dir => "directory", link => "symlink", char => "char-device",
        block => "block-device" }->{$v{type}} // $v{type};
      my ($time) = split /\./, $v{time};
      print join("\t", $name, $type, sprintf("%04o", oct $v{mode}), $v{uid},
        $v{gid}, $time, $v{link} // "", $v{sha256digest} // ""), "\n";' |
    LC_ALL=C sort
}

compare() {
  if ! diff -u "$2" "$3" >difference; then
    echo "FAILED: $1"
    head -n 20 difference
    failed=$((failed + 1))
  fi
}

packages=0
for deb in "$samples"/.cache/*.deb; do
  packages=$((packages + 1))
  name=$(basename "$deb")
  install -m 644 "$deb" package.deb
  "${user[@]}" "$assay" unpack package.deb -C out 2>notes
  data=$(jq -r '.artifacts[].path | select(test("^package.deb!/data.tar[^/]*!/data.tar$"))' out/assay-tree.json)
  dpkg-deb --fsys-tarfile "$deb" | theirs >expected
  ours out/assay-tree.json "$data!/" >found
  compare "$name: what the tree says" expected found
  # The files on disk, by the tool that dpkg itself uses.
  mkdir reference && dpkg-deb --fsys-tarfile "$deb" | tar -xf - -C reference
  (cd reference && find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum) >expected
  (cd "out/$data!" && find . -type f -not -path '*!/*' -print0 | LC_ALL=C sort -z | xargs -0r sha256sum) >found
  compare "$name: files on disk" expected found
  (cd reference && find . -type l -printf '%p %l\n' | LC_ALL=C sort) >expected
  (cd "out/$data!" && find . -type l -not -path '*!/*' -printf '%p %l\n' | LC_ALL=C sort) >found
  compare "$name: links on disk" expected found
  chmod -R u+rwx out reference && rm -rf out reference
done

# The root file system of the sample image, against squashfs-tools.
offset=131072
unsquashfs -q -n -o $offset -lln "$samples/router-1.0/router-1.0.bin" |
  sed -n 's/^\([-dlcbps]\)[^ ]* .*squashfs-root\/\(.*\)$/\1 \2/p' |
  sed 's/^l \(.*\)$/l \1/' | LC_ALL=C sort >expected
install -m 644 "$samples/router-1.0/router-1.0.bin" image.bin
"${user[@]}" "$assay" unpack image.bin -C out 2>notes
jq -r '.artifacts[] | select(.path | startswith("image.bin!/@0x20000.squashfs!/"))
  | select(.path | ltrimstr("image.bin!/@0x20000.squashfs!/") | contains("!/") | not)
  | ({file: "-", directory: "d", symlink: "l", "char-device": "c",
      "block-device": "b", "hard-link": "-"}[.type // "file"]) + " "
    + (.path | ltrimstr("image.bin!/@0x20000.squashfs!/"))
    + (if .type == "symlink" then " -> " + .link_target else "" end)' \
  out/assay-tree.json | grep -vx 'd \.' | LC_ALL=C sort >found
compare "the image's root file system: names, types, links" expected found
unsquashfs -q -n -o $offset -d reference "$samples/router-1.0/router-1.0.bin" >/dev/null 2>&1 || true
(cd reference && find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum) >expected
(cd 'out/image.bin!/@0x20000.squashfs!' && find . -type f -not -path '*!/*' -print0 | LC_ALL=C sort -z | xargs -0r sha256sum) >found
compare "the image's root file system: files on disk" expected found

echo "$packages packages and an image, $failed differences"
[[ $packages -ge 5 && $failed == 0 ]]
