#!/bin/bash
# RAUC bundles: the tree that went in, and the signature that openssl reads.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=inert' \
  -keyout key.pem -out cert.pem 2>/dev/null
fields="type sha256"
for format in plain verity; do
  mkdir "$format"
  tree root
  tar -C root -cf "$format/rootfs.tar" .
  rm -rf root
  seq 1 30000 >"$format/appfs.img"
  cat >"$format/manifest.raucm" <<END
[update]
compatible=inert
version=1
[bundle]
format=$format
[image.rootfs]
filename=rootfs.tar
[image.appfs]
filename=appfs.img
END
  rauc bundle --cert=cert.pem --key=key.pem "$format" "$format.raucb" >/dev/null 2>&1
  # rauc puts sizes and digests of the images into the manifest it packs.
  unsquashfs -quiet -no-progress -d out "$format.raucb" >/dev/null
  truth out "$fields" >truth
  rm -rf out
  ours "$format.raucb" "$fields" '!/payload' >ours
  agree "rauc-$format" truth ours
  accounted "$format.raucb"
  # The signature, as cut out at the size that the last 8 bytes say.
  size=$((16#$(tail -c 8 "$format.raucb" | xxd -p)))
  tail -c $((size + 8)) "$format.raucb" | head -c "$size" >signature.cms
  { printf 'signature.cms\t%s\n' "$(sha256sum <signature.cms | cut -d' ' -f1)"
    if [[ $format == verity ]]; then
      openssl cms -verify -inform DER -in signature.cms -CAfile cert.pem \
        -purpose any -out manifest 2>/dev/null
      printf 'manifest.raucm\t%s\n' "$(sha256sum <manifest | cut -d' ' -f1)"
    fi; } | LC_ALL=C sort >truth
  ours "$format.raucb" sha256 | grep -v '^payload' >ours
  agree "rauc-$format-signature" truth ours
  # A changed payload is said.
  cp "$format.raucb" changed.raucb
  printf 'X' | dd of=changed.raucb bs=1 seek=5000 conv=notrunc 2>/dev/null
  if [[ $format == verity ]]; then
    echo rauc.tree-checksum-mismatch >truth
    "$assay" ls --json changed.raucb | jq -r '.artifacts[0].anomalies[].id' >ours
    agree "rauc-$format-changed" truth ours
  fi
done

# Verdicts, against rauc's own.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=other' \
  -keyout other.key -out other.pem 2>/dev/null
trust x509-ca cert.pem
for format in plain verity; do
  size=$(stat -c %s "$format.raucb")
  for change in none 5000 $((size - 300)) $((size - 1)); do
    cp "$format.raucb" case.raucb
    [[ $change == none ]] || poke case.raucb "$change"
    # rauc leaves the tree to dm-verity, which looks when a block is read.
    compare=both
    if [[ $format-$change == verity-5000 ]]; then compare=apart; fi
    "$compare" "rauc-$format-verdict-$change" \
      "$(says rauc info --keyring=cert.pem case.raucb)" \
      "$(verdict rauc_bundle case.raucb)"
  done
  trust x509-ca other.pem
  both "rauc-$format-other" "$(says rauc info --keyring=other.pem "$format.raucb")" \
    "$(verdict rauc_bundle "$format.raucb")"
  trust x509-ca cert.pem
done
finish
