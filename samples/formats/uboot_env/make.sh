#!/bin/sh
# Makes the samples in the current folder (u-boot-tools 2023.01).
set -e
here=$(dirname "$0")
printf '%s\n' 'baudrate=115200' 'bootargs=console=ttyS0,115200 root=/dev/mtdblock3' \
  'bootcmd=run load; bootm 0x80800000' 'bootdelay=3' 'ethaddr=00:11:22:33:44:55' \
  'load=sf probe 0; sf read 0x80800000 0x50000 0x300000' 'passwd=admin' > text
make() {  # NAME OPTIONS
  name=$1
  shift
  mkenvimage "$@" -o image text
  sh "$here/../../sparse_hex.sh" image > "$name.hex"
  rm image
}
make single -s 0x1000 -p 0
make erased -s 0x800
make redundant -r -s 0x2000 -p 0
make big -b -s 0x1000 -p 0
make large -s 0x20000 -p 0
make odd -s 1000 -p 0
rm text
