# shellcheck shell=bash
# The flash image and the update package.
#
#   0        U-Boot legacy uImage: header, gzip'd cpio (the first stage)
#   ...      0xFF up to the next erase block
#   n*64 KiB squashfs, xz: the root file system
# The kernel has a flash partition of its own and is delivered apart.

erase_block=65536

make_initramfs() {
	local tree=$release/initramfs name
	mkdir -p "$tree"/{bin,dev,root}
	for name in $(installed boot); do cp -a "$work/pkg/$name/." "$tree/"; done
	cp -a "$release/vendor/router-boot/." "$tree/"
	for name in mount run-init sh sleep; do ln -s "/usr/lib/klibc/bin/$name" "$tree/bin/$name"; done
	perl "$here/lib/newc.pl" "$tree" "$epoch" | gzip -n -9 > "$release/initramfs.cpio.gz"
}

# make_image ROOTFS FILE. Owners and device nodes are set here, so no root is needed.
make_image() {
	local rootfs=$1 image=$2 pseudo=$1.pseudo size
	cat > "$pseudo" <<-END
		dev d 755 0 0
		dev/console c 600 0 0 5 1
		dev/null c 666 0 0 1 3
	END
	[ ! -f "$rootfs.modes" ] || cat "$rootfs.modes" >> "$pseudo"

	SOURCE_DATE_EPOCH=$epoch mkimage -A x86_64 -O linux -T ramdisk -C gzip \
		-n "router $version boot" -d "$release/initramfs.cpio.gz" "$image" >/dev/null
	size=$(stat -c %s "$image")
	head -c $(((erase_block - size % erase_block) % erase_block)) /dev/zero |
		tr '\0' '\377' >> "$image"

	env -u SOURCE_DATE_EPOCH mksquashfs "$rootfs" "$rootfs.squashfs" -comp xz -all-root \
		-no-xattrs -no-exports -mkfs-time "$epoch" -all-time "$epoch" -pf "$pseudo" \
		-processors 1 -noappend -no-progress -quiet >/dev/null
	cat "$rootfs.squashfs" >> "$image"
}

# make_ipk POSTINST FILE: the tar.gz form of OpenWrt, so that no dpkg installs it by accident.
# Its members stay in $release/ipk-NAME for the SBOM.
make_ipk() {
	local postinst=$1 ipk=$2 parts
	parts=$release/ipk-$(basename "$ipk")
	mkdir -p "$parts/control"
	vendor_control webui > "$parts/control/control"
	cp "$postinst" "$parts/control/postinst"
	chmod 755 "$parts/control/postinst"
	echo 2.0 > "$parts/debian-binary"
	pack "$parts/control" . > "$parts/control.tar.gz"
	pack "$release/vendor/webui" . > "$parts/data.tar.gz"
	pack "$parts" ./debian-binary ./data.tar.gz ./control.tar.gz > "$ipk"
}

pack() {
	local dir=$1
	shift
	tar -c --format=gnu --sort=name --mtime="@$epoch" --owner=root:0 --group=root:0 \
		-C "$dir" "$@" | gzip -n -9
}
