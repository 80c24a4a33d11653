#!/bin/sh
# Makes the samples in the current folder (mkbootimg 34 of Debian 13; that of
# Debian 12 does not know version 4).
set -e
for name in kernel ramdisk second dtbo dtb dlkm; do
  yes "inert $name" | head -n 20 > "$name"
done
printf 'androidboot.inert=1\n' > bootconfig
mkbootimg --header_version 2 --pagesize 2048 --kernel kernel \
  --ramdisk ramdisk --second second --recovery_dtbo dtbo --dtb dtb \
  --cmdline 'console=ttyS0 inert' --board sample --os_version 11.0.0 \
  --os_patch_level 2021-05 -o v2.img
mkbootimg --header_version 4 --pagesize 2048 --dtb dtb --vendor_cmdline inert \
  --vendor_ramdisk ramdisk --ramdisk_type dlkm --ramdisk_name dlkm \
  --vendor_ramdisk_fragment dlkm --vendor_bootconfig bootconfig \
  --vendor_boot vendor4.img
for name in v2 vendor4; do
  { echo '# make.sh'; xxd -p -c 38 $name.img; } > $name.hex
done
rm -f kernel ramdisk second dtbo dtb dlkm bootconfig v2.img vendor4.img
