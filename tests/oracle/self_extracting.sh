#!/bin/bash
# Programs and scripts that carry a file system or an archive: AppImages of
# both types, a snap, what makeself makes, a shell script with a tail. What is
# inside is the tree that went in, every byte has one owner, and nothing is
# taken for a polyglot or for hidden content.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
rm -rf root/dev root/etc/nnn*  # makeself writes old tar headers
fields="type mode link sha256"
truth root "$fields" >expected

grep -v $'\tdirectory' expected >files  # makeself keeps no directories

check() {  # FILE INNER [EXPECTED]
  ours "$1" "$fields" "$2" | sed 's/^\.\///' >found
  agree "self-extracting-$1" "${3:-expected}" found
  accounted "$1"
  # Inside of a container, where every byte has to be explained.
  tar cf box.tar "$1"
  accounted box.tar
  "$assay" ls --json box.tar | jq -r '.artifacts[] | .path as $path
    | .anomalies[]? | select(.id | startswith("unpack.")) | $path + " " + .id' \
    >odd
  if [[ -s odd ]]; then
    echo "FAILED: $1 is said to be odd: $(head -n 3 odd)"
    failed=$((failed + 1))
  fi
}

runtime() {  # TYPE: an ELF program marked as a runtime
  cp /bin/true "runtime$1"
  printf "AI\\x0$1" | dd of="runtime$1" bs=1 seek=8 conv=notrunc status=none
}

mksquashfs root plain.sqfs -comp gzip -noappend -quiet -no-progress
runtime 2
cat runtime2 plain.sqfs >two.AppImage
check two.AppImage '!/filesystem'

# Its runtime has 32 KiB: the real one is smaller than any program of Debian.
genisoimage -quiet -R -o one.AppImage root
python3 "$(dirname "$known")/../../samples/formats/appimage/make.py" \
  1 one.AppImage made && mv made one.AppImage
check one.AppImage '!/filesystem'

mksquashfs root app.snap -comp xz -noappend -quiet -no-progress -no-fragments
check app.snap ''

for packing in gzip bzip2 xz zstd nocomp; do
  makeself --quiet --nox11 "--$packing" root "$packing.run" label /bin/true \
    >/dev/null
  inner=$("$assay" ls --json "$packing.run" | jq -r --arg name "$packing.run" '
    [.artifacts[] | select(.format == "tar") | .path][0] | ltrimstr($name)')
  check "$packing.run" "$inner" files
done

{
  printf '#!/bin/sh\nsed 1,3d "$0" | tar xz\nexit 0\n'
  tar czC root .
} >tail.sh
inner=$("$assay" ls --json tail.sh |
  jq -r '[.artifacts[] | select(.format == "tar") | .path][0] | ltrimstr("tail.sh")')
check tail.sh "$inner"
finish
