#!/bin/bash
# ISO 9660 against the tree that genisoimage and xorriso were given.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
fields="type mode uid gid mtime link device sha256"
truth root "$fields" >truth
genisoimage -quiet -R -J -joliet-long -o rock.iso root 2>/dev/null
xorriso -as mkisofs -quiet -R -o xorriso.iso root 2>/dev/null
for image in rock xorriso; do
  ours "$image.iso" "$fields" >ours
  agree "iso9660-$image" truth ours
  accounted "$image.iso"
done
# Names and content alone, as Joliet has nothing else: no links, no devices.
rm -rf root/dev root/bin/relative root/bin/absolute root/etc/nnn*
truth root "type sha256" >truth
genisoimage -quiet -J -joliet-long -o joliet.iso root 2>/dev/null
ours joliet.iso "type sha256" >ours
agree iso9660-joliet truth ours
accounted joliet.iso
finish
