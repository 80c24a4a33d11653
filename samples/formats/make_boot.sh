#!/bin/sh
# Makes the samples of boot images into the folders beside this file (mkimage
# of u-boot-tools 2023.01, fiptool of arm-trusted-firmware-tools 2.8, openssl).
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
seq 1 400 >one
seq 500 900 >two
keep() {  # FILE NAME
  mkdir -p "$here/$(dirname "$2")"
  { echo "# make_boot.sh"; xxd -p -c 38 "$1"; } >"$here/$2.hex"
}
mkimage -T sunxi_egon -d one egon >/dev/null
keep egon sunxi_egon/egon
openssl genrsa -out root_key.pem 2048 2>/dev/null
mkimage -T sunxi_toc0 -n . -k . -d one toc0 >/dev/null
keep toc0 sunxi_toc0/toc0
mkimage -T rksd -n rk3288 -d one:two rksd >/dev/null
keep rksd rockchip_idblock/rk3288
mkimage -T rksd -n rk3066 -d one rc4 >/dev/null
keep rc4 rockchip_idblock/rk3066
mkimage -T omapimage -a 0x402f0400 -d one mlo >/dev/null
keep mlo omap_ch/mlo
printf 'BOOT_FROM spi\nDATA 0xFFD100E0 0x1B1B1B9B\nDATA 0x0 0x0\n' >kwb0
mkimage -T kwbimage -n kwb0 -a 0x600000 -e 0x600000 -d one kwbimage >/dev/null
keep kwbimage kwbimage/v0
printf 'VERSION 1\nBOOT_FROM spi\nBINARY two 0000005b 00000068\n' >kwb1
mkimage -T kwbimage -n kwb1 -a 0x600000 -e 0x600000 -d one kwbimage >/dev/null
keep kwbimage kwbimage/v1
printf 'IMAGE_VERSION 2\nBOOT_FROM sd\nDATA 4 0x020c4068 0xffffffff\n' >imx
mkimage -T imximage -n imx -e 0x17800000 -d one imximage >/dev/null
keep imximage imx_ivt/dcd
fiptool create --tb-fw one --soc-fw two --nt-fw one fip
keep fip tf_fip/three
