#!/bin/bash
# Mender artifacts against mender-artifact validate.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs mender-artifact openssl

for name in rsa other; do
  openssl genrsa -traditional -out $name.key 3072 2>/dev/null
done
openssl ecparam -genkey -name prime256v1 -noout -out p256.key
for name in rsa other p256; do
  openssl pkey -in $name.key -pubout -out $name.pub
done
seq 1 2000 >payload.bin
write() {  # NAME OPTION...
  mender-artifact write module-image -T inert -n inert-1 -t board \
    -f payload.bin -o "$1.mender" "${@:2}" >/dev/null
}
write unsigned
write rsa -k rsa.key
write p256 -k p256.key
mender-artifact sign unsigned.mender -k rsa.key -o later.mender >/dev/null
write other -k other.key

# The artifact is a tar archive; its payload another inside of it.
order=(version manifest manifest.sig header.tar.gz data/0000.tar.gz)
changed() {  # NAME COMMAND...: rsa.mender, its members changed by a command
  local name=$1 member members=()
  rm -rf x && mkdir x && tar -C x -xf rsa.mender
  (cd x && "${@:2}")
  for member in "${order[@]}"; do
    [[ ! -e x/$member ]] || members+=("$member")
  done
  tar -C x --format=ustar -cf "$name.mender" "${members[@]}"
}
payload() {
  tar -xzf data/0000.tar.gz && poke payload.bin 77 &&
    tar -czf data/0000.tar.gz payload.bin && rm payload.bin
}
changed same true
changed payload payload
changed manifest sed -i '1s/^./0/;1s/^0\(.*\)/1\1/' manifest
changed version sed -i 's/"version":3/"version":3 /' version
changed value sed -i '1s/^\(.\{40\}\)./\1A/;1s/^\(.\{41\}\)./\1B/' manifest.sig
changed stripped rm manifest.sig
changed header bash -c 'gunzip header.tar.gz && gzip -1 header.tar'
changed missing sed -i '/header/d' manifest
cp rsa.mender cut.mender
truncate -s 3000 cut.mender

check() {  # KEY CASE
  says mender-artifact validate -k "$1.pub" "$2.mender"
}
trust raw-key rsa.pub
for case in rsa later p256 unsigned other same payload manifest version value \
  stripped header missing cut; do
  both "mender-$case" "$(check rsa $case)" "$(verdict mender $case.mender)"
done
trust raw-key p256.pub
for case in p256 rsa; do
  both "mender-$case-p256" "$(check p256 $case)" "$(verdict mender $case.mender)"
done
finish
