#!/bin/bash
# generate.sh [OUT_DIR]: builds the two sample deliveries of a small router vendor:
#   OUT_DIR/router-1.0   as shipped
#   OUT_DIR/router-1.1   the next release, tampered with (inert; see expected-1.1.yaml)
# OUT_DIR defaults to this folder. Debian packages are fetched once into $SAMPLES_CACHE
# (default: .cache beside this script); delete that folder to fetch newer ones.
# Same package versions in, same bytes out, on any machine and as any user.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SAMPLES_CACHE:-$here/.cache}

. "$here/lib/packages.sh"   # fetch and unpack Debian packages
. "$here/lib/rootfs.sh"     # components -> root file system, package database
. "$here/lib/image.sh"      # root file system -> flash image, update package
. "$here/lib/claims.sh"     # SBOM, manifest, signatures
. "$here/lib/tamper.sh"     # what was done to release 1.1

say() { printf 'generate.sh: %s\n' "$*" >&2; }

check_tools() {
	local tool package missing=
	while read -r tool package; do
		command -v "$tool" >/dev/null || missing+=" $package"
	done <<-END
		mksquashfs squashfs-tools
		mkimage u-boot-tools
		minisign minisign
		openssl openssl
		jq jq
		perl perl-base
		dpkg-deb dpkg
		apt-get apt
	END
	[ -z "$missing" ] || { say "missing packages, install:$missing"; exit 69; }
}

# The date of a release is fixed: it goes into every time stamp.
release_epoch() {
	case $1 in
	1.0) echo 1768435200 ;;   # 2026-01-15
	1.1) echo 1773619200 ;;   # 2026-03-16
	esac
}

# A release is built in $release (a folder of its own) and delivered in $out.
start_release() {
	version=$1
	epoch=$(release_epoch "$version")
	release=$work/$version
	out=$work/delivery/router-$version
	mkdir -p "$release" "$out"
}

build_1_0() {
	start_release 1.0
	make_components
	make_rootfs "$release/rootfs"
	make_initramfs
	make_image "$release/rootfs" "$out/router-$version.bin"
	make_ipk "$here/vendor/control/webui.postinst" "$out/webui_${version}_all.ipk"
	make_sbom "$out/router-$version.bin" "$out/webui_${version}_all.ipk"
	make_manifest
	sign_all
}

# The vendor's build makes the clean product first; SBOM and manifest describe that one.
# What is then signed and delivered is the tampered one.
build_1_1() {
	start_release 1.1
	make_components
	make_rootfs "$release/rootfs"
	make_initramfs
	cp -a "$release/rootfs" "$release/rootfs-tampered"
	tamper_rootfs "$release/rootfs-tampered"
	make_image "$release/rootfs-tampered" "$out/router-$version.bin" &
	make_image "$release/rootfs" "$release/clean.bin"
	wait $!
	make_ipk "$here/vendor/control/webui.postinst" "$release/clean.ipk"
	make_ipk "$here/tamper/webui.postinst" "$out/webui_${version}_all.ipk"
	make_sbom "$release/clean.bin" "$release/clean.ipk"
	tamper_sbom
	make_manifest
	sign_all
	tamper_image "$out/router-$version.bin"
}

main() {
	[ $# -le 1 ] || { say "usage: generate.sh [OUT_DIR]"; exit 64; }
	local target=${1:-$here}
	check_tools
	mkdir -p "$target"
	target=$(cd "$target" && pwd)
	work=$(mktemp -d "$target/.generate.XXXXXX")
	trap 'rm -rf "$work"' EXIT

	fetch_packages
	unpack_packages
	local first second status=0
	(build_1_0) & first=$!
	(build_1_1) & second=$!
	wait "$first" || status=$?
	wait "$second" || status=$?
	[ "$status" -eq 0 ] || { say "failed"; exit 70; }

	for version in 1.0 1.1; do
		rm -rf "$target/router-$version"
		mv "$work/delivery/router-$version" "$target/"
	done
	say "made $target/router-1.0 and $target/router-1.1"
}

main "$@"
