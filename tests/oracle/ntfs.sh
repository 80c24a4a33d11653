#!/bin/bash
# NTFS against what ntfs-3g was given: a tree with links, holes, compressed
# files and alternate data streams where file systems in user space can be
# mounted, else files copied by ntfscp.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
find root ! -type f ! -type d ! -type l -delete
printf 'umlaut' >"root/etc/Straße mit Übergröße.txt"
for ((i = 0; i < 300; i++)); do  # makes for lists of attributes
  printf '%s' "$i" >>root/etc/deep/sub
done

make() {  # NAME OPTION...
  local name=$1
  shift
  truncate -s 40M "$name.img"
  mkntfs -F -q -f -L "$name" "$@" "$name.img" 2>/dev/null
}
mounted() {
  mkdir -p mnt
  ntfs-3g -o streams_interface=windows,compression,special_files=wsl \
    "$1" mnt 2>/dev/null
}

check_tree() {  # NAME OPTION...
  local name=$1
  make "$@"
  mounted "$name.img"
  cp -r --preserve=timestamps,links root/. mnt
  # In a folder that is marked so, new files are compressed.
  mkdir mnt/packed
  setfattr -h -v 0x00000800 -n system.ntfs_attrib_be mnt/packed || true
  cp root/big/* mnt/packed
  # One that is written here and there: fragments.
  for ((i = 0; i < 200; i++)); do
    head -c 5000 root/big/noise >>mnt/packed/a
    head -c 5000 root/big/numbers >>mnt/etc/b
  done
  rm mnt/etc/deep/file1?
  printf 'in a stream' >mnt/bin/tool:hidden
  umount mnt
  mounted "$name.img"
  truth mnt "type link sha256" | grep -v '^System Volume' >truth
  printf 'bin/tool:hidden\tfile\t\t%s\n' "$(sha256sum <mnt/bin/tool:hidden |
    cut -d' ' -f1)" >>truth
  LC_ALL=C sort -o truth truth
  truth mnt "type mtime" | grep -P '\tfile\t' >times
  umount mnt
  ours "$name.img" "type link sha256" | grep -v '^\$Extend' >found
  agree "$name" truth found
  ours "$name.img" "type mtime" |
    grep -P '\tfile\t' | grep -v -e '^\$Extend' -e ':hidden' >found
  agree "$name-times" times found
  accounted "$name.img"
  rm "$name.img"
}

check_files() {
  make copied -c 512
  for file in big/numbers big/noise big/zeros bin/tool; do
    ntfscp -q copied.img "root/$file" "$(basename "$file")" 2>/dev/null
    printf '%s\tfile\t%s\n' "$(basename "$file")" \
      "$(sha256sum "root/$file" | cut -d' ' -f1)"
  done >truth
  ntfscp -q -N hidden copied.img root/etc/one tool 2>/dev/null
  printf 'tool:hidden\tfile\t%s\n' \
    "$(sha256sum root/etc/one | cut -d' ' -f1)" >>truth
  LC_ALL=C sort -o truth truth
  ours copied.img "type sha256" | grep -v '^\$Extend' >found
  agree ntfs-copied truth found
  accounted copied.img
}

check_files
mkdir -p mnt
make probe
if mounted probe.img; then
  umount mnt
  check_tree ntfs-4096 -c 4096
  check_tree ntfs-512 -c 512
  check_tree ntfs-64k -c 65536
fi
finish
