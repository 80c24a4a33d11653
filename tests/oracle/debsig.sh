#!/bin/bash
# Packages with an origin signature against debsig-verify.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs debsig-verify gpg ar

samples=$known/../../../samples/signatures/debsig
cp "$samples/signed.deb" good.deb
trust openpgp-cert "$samples/key.asc"
export GNUPGHOME=$folder/home
mkdir -m 700 home
id=$(gpg --batch --quiet --with-colons --show-keys "$samples/key.asc" |
  awk -F: '/^pub/ { print $5; exit }')
mkdir -p policies/"$id" rings/"$id"
gpg --batch --quiet --dearmor <"$samples/key.asc" >rings/"$id"/ring.gpg
cat >policies/"$id"/oracle.pol <<P
<?xml version="1.0"?>
<!DOCTYPE Policy SYSTEM "https://www.debian.org/debsig/1.0/policy.dtd">
<Policy xmlns="https://www.debian.org/debsig/1.0/">
  <Origin Name="oracle" id="$id" Description="oracle"/>
  <Selection><Required Type="origin" File="ring.gpg" id="$id"/></Selection>
  <Verification MinOptional="0">
    <Required Type="origin" File="ring.gpg" id="$id"/>
  </Verification>
</Policy>
P
check() {
  debsig-verify --policies-dir "$folder/policies" --keyrings-dir \
    "$folder/rings" "$1"
}
where() {  # MEMBER: of its first byte
  grep -obUaF "$1" good.deb | head -n 1 | cut -d: -f1
}
change() {  # NAME OFFSET
  cp good.deb "$1.deb"
  poke "$1.deb" "$2"
}
change control $(($(where control.tar) + 80))
change data $(($(where data.tar) + 80))
change version $(($(where debian-binary) + 60))
change value $(($(where _gpgorigin) + 100))
cp good.deb unsigned.deb
ar d unsigned.deb _gpgorigin
cp good.deb later.deb
printf 'x' >extra
ar q later.deb extra 2>/dev/null
for case in good control data version value unsigned; do
  both "debsig-$case" "$(says check $case.deb)" "$(verdict debsig $case.deb)"
done
# The tool says "Verified" of a package with a member that nothing signs.
# Assay's signature holds as well, and does not reach that member.
both debsig-added "$(says check later.deb)" "$(verdict debsig later.deb)"
"$assay" signatures --policy policy.yaml -o json later.deb |
  jq -r 'if .authenticity["uncovered-live"] > 0 then "not reached" else "reached" end' >ours
echo "not reached" >truth
agree debsig-reach truth ours
finish
