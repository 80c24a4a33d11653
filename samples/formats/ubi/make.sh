#!/bin/sh
# Makes the samples in the current folder (mtd-utils 2.1.5): a dynamic volume
# of three blocks, a static one and one without content.
set -e
seq 1 650 > numbers
printf 'inert static content\n' > static.bin
cat > ubi.ini <<'END'
[rootfs]
mode=ubi
image=numbers
vol_id=0
vol_type=dynamic
vol_name=rootfs
vol_size=4KiB
[firmware]
mode=ubi
image=static.bin
vol_id=3
vol_type=static
vol_name=wifi-fw
[data]
mode=ubi
vol_id=4
vol_type=dynamic
vol_name=rootfs_data
vol_size=1
vol_flags=autoresize
END
ubinize -p 2048 -m 512 -e 7 -Q 12345 -o nand.ubi ubi.ini
ubinize -p 1024 -m 1 -Q 0 -o nor.ubi ubi.ini
for name in nand nor; do
  xxd -p -c 64 "$name.ubi" > "$name.hex"
done
