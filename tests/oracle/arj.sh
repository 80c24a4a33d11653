#!/bin/bash
# ARJ archives of every method, against the tree that went in; 7-Zip reads the
# same.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

tree root
# Links and special files are "of type 6": nobody reads them.
rm -r root/dev root/var root/bin/absolute root/bin/relative root/etc/two
fields="type mode mtime sha256"
truth root "$fields" | grep -v $'\tdirectory' >expected
export TZ=UTC
for method in 0 1 2 3 4; do
  (cd root && arj a -r -y "-m$method" "../m$method.arj" . >/dev/null)
  ours "m$method.arj" "$fields" >found
  agree "arj-m$method" expected found
  accounted "m$method.arj"
  mkdir theirs
  7zz x -y -otheirs "m$method.arj" >/dev/null
  truth root "type sha256" | grep -v $'\tdirectory' >wanted
  truth theirs "type sha256" | grep -v $'\tdirectory' >found
  agree "arj-m$method-theirs" wanted found
  rm -r theirs
done
finish
