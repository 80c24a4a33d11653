#!/bin/bash
# Android boot images against what mkbootimg was given and unpack_bootimg says.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

for name in kernel ramdisk second dtb vendor_ramdisk; do
  seq 1 $((${#name} * 500)) | sed "s/^/$name /" >"$name"
done

digests() {  # FILE ...: name and digest of each
  sha256sum "$@" | awk -F'[ /]+' '{ print $NF, $1 }' | LC_ALL=C sort
}

inside() {  # IMAGE: the same of what assay sees in it
  "$assay" ls --json "$1" | jq -r --arg prefix "$1!/" '.artifacts[]
    | select(.path | startswith($prefix))
    | select(.name | test("cmdline") | not)
    | "\(.name) \(.digests.sha256)"' | LC_ALL=C sort
}

check() {  # NAME FILE ...
  local name=android_boot-$1
  shift
  digests "$@" >truth
  inside "$name.img" >seen
  agree "$name" truth seen
  accounted "$name.img"
  [[ ${1:-} == vendor_ramdisk && $page == 2048 ]] && return  # see below
  rm -rf out
  unpack_bootimg --boot_img "$name.img" --out out >/dev/null
  digests out/* | grep -vw bootconfig >truth
  agree "$name" truth seen
  # A wrong id, and nothing else, would be said of what mkbootimg wrote.
  if "$assay" ls --json "$name.img" | jq -e '.artifacts[0].anomalies' >/dev/null; then
    echo "FAILED: $name: anomalies"
    failed=$((failed + 1))
  fi
}

# unpack_bootimg 29.0.6 counts one page for every vendor header: of 2048 bytes
# it needs two.
# No recovery_dtbo: mkbootimg 29.0.6 packs its offset as a float, and fails.
for page in 2048 4096 16384; do
  common=(--pagesize $page --kernel kernel --ramdisk ramdisk --cmdline quiet)
  mkbootimg "${common[@]}" --header_version 0 --second second -o android_boot-0.img
  check 0 kernel ramdisk second
  mkbootimg "${common[@]}" --header_version 1 -o android_boot-1.img
  check 1 kernel ramdisk
  mkbootimg "${common[@]}" --header_version 2 --dtb dtb --second second -o android_boot-2.img
  check 2 kernel ramdisk second dtb
  mkbootimg --pagesize $page --header_version 3 --vendor_ramdisk vendor_ramdisk --dtb dtb --vendor_cmdline quiet --vendor_boot android_boot-vendor3.img
  check vendor3 vendor_ramdisk dtb
done
mkbootimg --kernel kernel --ramdisk ramdisk --header_version 3 --cmdline quiet -o android_boot-3.img
check 3 kernel ramdisk
finish
