#!/bin/bash
# SWUpdate images against swupdate -c. Debian's takes CMS alone: what a build
# with RSA keys checks is left to openssl.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs swupdate cpio openssl

root() {  # NAME
  openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$1" \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
issue() {  # NAME ISSUER USAGE
  openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" \
    -out "$1.csr" 2>/dev/null
  openssl x509 -req -days 60 -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" \
    -extfile <(echo "extendedKeyUsage=$3") -out "$1.pem" 2>/dev/null
}
root root
root stranger
issue signer root emailProtection
issue server root serverAuth
issue other stranger emailProtection

mkdir good
seq 1 2000 >good/rootfs.img
printf '#!/bin/sh\nexit 0\n' >good/update.sh
describe() {  # the digests are of what good/ holds
  local -A sum
  local file
  for file in rootfs.img update.sh; do
    sum[$file]=$(sha256sum "good/$file" | cut -d' ' -f1)
  done
  cat <<END
software = {
  version = "1.0";
  hardware-compatibility: [ "1.0" ];
  images: ( { filename = "rootfs.img"; type = "raw"; device = "/dev/null";
    sha256 = "${sum[rootfs.img]}"; } );
  scripts: ( { filename = "update.sh"; type = "shellscript";
    sha256 = "${sum[update.sh]}"; } );
}
END
}
describe >good/sw-description
cms() {  # SIGNER
  openssl cms -sign -binary -in sw-description -signer "../$1.pem" \
    -inkey "../$1.key" -nosmimecap -outform DER -out sw-description.sig
}
raw() {  # KEY
  openssl dgst -sha256 -sign "../$1.key" -out sw-description.sig sw-description
}
made() {  # NAME COMMAND...: a copy of good/, changed by a command in it
  cp -r good "$1"
  (cd "$1" && "${@:2}")
}
pack() {  # NAME MEMBER...: crc is what swupdate asks for
  (cd "$1" && printf '%s\n' "${@:2}" | cpio --quiet -o -H crc >"../$1.swu")
}
members=(sw-description sw-description.sig rootfs.img update.sh)

(cd good && cms signer)
made image poke rootfs.img 77
made script poke update.sh 12
made description sed -i 's/version = "1.0/version = "1.1/' sw-description
made value poke sw-description.sig $(($(stat -c %s good/sw-description.sig) - 5))
made cut truncate -s 900 sw-description.sig
made other cms other
made server cms server
made hashless bash -c 'sed -i "s/sha256 = \"[0-9a-f]*\";//" sw-description'
(cd hashless && cms signer)
cases=(good image script description value cut other server hashless)
for case in "${cases[@]}"; do
  pack "$case" "${members[@]}"
done
made unsigned true
pack unsigned sw-description rootfs.img update.sh
made absent true
pack absent sw-description sw-description.sig update.sh
made extra cp rootfs.img another.img
pack extra "${members[@]}" another.img
made twice true
pack twice "${members[@]}" rootfs.img
made late true
pack late rootfs.img update.sh sw-description sw-description.sig
cp good.swu short.swu
truncate -s 9000 short.swu
check() {  # its exit status is at times that of a helper that it stops
  local said
  said=$(TMPDIR=$folder swupdate -c -k root.pem -H board:1.0 -i "$1.swu" 2>&1) ||
    true
  [[ $said == *"SWUPDATE successful"* ]]
}
trust x509-ca root.pem
for case in "${cases[@]}" unsigned absent extra twice late short; do
  both "swupdate-$case" "$(says check "$case")" \
    "$(verdict swupdate "$case.swu")"
done
# A member that the description does not list is installed by nobody, and
# reached by nothing.
{ "$assay" signatures --policy policy.yaml -o json extra.swu || true; } |
  jq -r '.checks[] | select(.indication == "TOTAL-PASSED") | .target' |
  sed 's/.*!.//' | LC_ALL=C sort -u >ours
printf '%s\n' rootfs.img sw-description update.sh >truth
agree swupdate-extra-reached truth ours

# A build with CONFIG_SIGALG_RAWRSA.
openssl pkey -in signer.key -pubout -out signer.pub
rsa() {  # FOLDER
  openssl dgst -sha256 -verify signer.pub -signature "$1/sw-description.sig" \
    "$1/sw-description" &&
    (cd "$1" && sed -n 's/.*sha256 = "\(.*\)".*/\1/p' sw-description |
      paste - <(printf '%s\n' rootfs.img update.sh) | sed 's/\t/  /' |
      sha256sum -c --strict)
}
made raw raw signer
made raw-other raw other
cp -r raw raw-image
poke raw-image/rootfs.img 77
cp -r raw raw-description
sed -i 's/version = "1.0/version = "1.1/' raw-description/sw-description
trust raw-key signer.pub
for case in raw raw-other raw-image raw-description; do
  pack "$case" "${members[@]}"
  both "swupdate-$case" "$(says rsa $case)" "$(verdict swupdate $case.swu)"
done
finish
