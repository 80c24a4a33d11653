#!/bin/sh
# Makes the sample in the current folder with LVM 2.03.16: the first of the two
# physical volumes of a group. Needs root and loop devices, but no device mapper. Each extent
# begins with its own number and device.
set -e
config='devices { use_devicesfile=0 global_filter=["a|/dev/loop|","r|.*|"] pv_min_size=512 }
global { use_lvmpolld=0 } backup { backup=0 archive=0 }
activation { udev_sync=0 udev_rules=0 monitoring=0 }'
tool() {
  command=$1
  shift
  lvm "$command" -q --config "$config" --driverloaded n "$@" >/dev/null 2>&1
}
truncate -s 2M one.img two.img
one=$(losetup -f --show one.img)
two=$(losetup -f --show two.img)
trap 'losetup -d "$one" "$two"' EXIT
tool pvcreate -y --metadatasize 32k --dataalignment 4k "$one"
tool pvcreate -y --metadatasize 32k --dataalignment 4k --metadatacopies 2 "$two"
tool vgcreate -s 4k router "$one" "$two"
create() {
  tool lvcreate -an -Zn -Wn "$@"
}
create -n root -l 3 router "$one"
create -n data -l 2 router "$one"
tool lvextend -l +2 router/root "$one"
create -n wide -i 2 -I 4k -l 4 router
create -n stripes -i 2 -I 4k -l 4 --alloc anywhere router "$one"
create -n other -l 2 router "$two"
sync "$one" "$two"
for name in one two; do
  start=$(pvck --dump metadata "$name.img" 2>/dev/null |
    awk '$1 == "pe_start" {print $3 * 512; exit}')
  for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    printf '%s extent %s' "$name" "$n" |
      dd of="$name.img" bs=1 seek=$((start + n * 4096)) conv=notrunc status=none
  done
  # Older texts stay in front of the newest one: too much for a sample.
  text=$(pvck --dump metadata "$name.img" 2>/dev/null |
    sed -n 's/^ *metadata text at \([0-9]*\) .*/\1/p')
  dd if=/dev/zero of="$name.img" bs=1 seek=4608 count=$((text - 4608)) conv=notrunc status=none
  [ "$name" = one ] || continue
  { echo "# make.sh: the volume \"$name\""; sh "$(dirname "$0")/../../sparse_hex.sh" "$name.img"; } >"$name.hex"
done
rm one.img two.img
