# shellcheck shell=bash
# What was done to release 1.1. All of it is inert: hosts are under .invalid or in 192.0.2.0/24,
# the telnet server hands out /bin/false, no private half or password is known to anyone.
# Numbers are those of the ids in expected-1.1.yaml.

# tamper_rootfs DIR
tamper_rootfs() {
	local file
	cp -r "$here/tamper/rootfs" "$release/planted"
	set_modes "$release/planted"
	cp -a "$release/planted/." "$1/"                             # 2, 4-7, 11
	(cd "$here/tamper/append" && find . -type f) | while IFS= read -r file; do
		cat "$here/tamper/append/$file" >> "$1/$file"             # 1, 12
	done
	ln -s ../../bin/busybox "$1/usr/sbin/telnetd"                 # 2
	cp "$1/bin/busybox" "$1/usr/lib/.sh"                          # 3
	patch_byte "$1/usr/sbin/dropbear"                             # 8
	cp -a "$work/pkg/netcat-traditional/." "$1/"                  # 9
	record_package netcat-traditional "$1/usr/lib/opkg/info" "$1/usr/lib/opkg/status"
	install -m 644 "$work/pkg/libc6/lib/x86_64-linux-gnu/libnss_files.so.2" "$1/usr/lib/libsysmon.so.1"   # 11

	chmod 700 "$1/root" "$1/root/.ssh"
	chmod 600 "$1/root/.ssh/authorized_keys" "$1/etc/ssl/private/router.key"
	echo "usr/lib/.sh m 4755 0 0" > "$1.modes"                    # 3: never set on this machine
}

# 8. The log line of a login by an unknown user becomes empty: one byte, same size.
patch_byte() {
	perl -0777 -pi -e '
		my $count = s/\0Login attempt for nonexistent user/\0\0ogin attempt for nonexistent user/g;
		die "dropbear: the string to patch is there $count times, not once\n" if $count != 1;
	' "$1"
}

# 14. A component that is not in the product, and a version that is not the one in it.
tamper_sbom() {
	local sbom=$out/router-$version.cdx.json
	jq -f "$here/lib/tamper-sbom.jq" "$sbom" > "$release/sbom.json"
	mv "$release/sbom.json" "$sbom"
}

# 10. Added after signing: 96 KiB that look like noise (AES-CTR of zeros, fixed key).
tamper_image() {
	head -c 98304 /dev/zero | openssl enc -aes-128-ctr \
		-K 00112233445566778899aabbccddeeff -iv 0f0e0d0c0b0a09080706050403020100 >> "$1"
}
