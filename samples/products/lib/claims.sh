# shellcheck shell=bash
# What the vendor says about the product: SBOM, manifest of declared functions, signatures.

# make_sbom IMAGE IPK
make_sbom() {
	local name
	{
		for name in $(installed rootfs); do hash_files "$name" rootfs "$work/pkg/$name"; done
		for name in $(installed boot); do hash_files "$name" initramfs "$work/pkg/$name"; done
		for name in $vendor_components; do hash_files "$name" rootfs "$release/vendor/$name"; done
		hash_files router-boot initramfs "$release/vendor/router-boot"
		hash_file router-boot image "$release/initramfs.cpio.gz" initramfs.cpio.gz
		hash_file router-boot image "$release/rootfs.squashfs" rootfs.squashfs
		hash_file webui delivery "$2" "webui_${version}_all.ipk"
		for name in control.tar.gz data.tar.gz debian-binary; do
			hash_file webui ipk "$release/ipk-$(basename "$2")/$name" "$name"
		done
	} > "$release/files.tsv"
	for name in $vendor_components router-boot; do
		printf '%s\t%s\t%s\n' "$name" "$(vendor_description "$name")" "$(vendor_dependencies "$name")"
	done > "$release/vendor.tsv"

	jq -n -f "$here/lib/sbom.jq" --arg version "$version" --argjson epoch "$epoch" \
		--arg serial "$(printf 'example-networks/router/%s' "$version" | sha256sum)" \
		--arg sha256 "$(sha256 "$1")" --arg sha512 "$(sha512sum < "$1" | cut -d ' ' -f 1)" \
		--rawfile packages "$work/packages.tsv" --rawfile vendor "$release/vendor.tsv" \
		--rawfile files "$release/files.tsv" > "$out/router-$version.cdx.json"
}

# Rows: component, container, path, sha256. Only regular files: a link has no content.
hash_files() {
	(cd "$3" && find . -type f -printf '%P\n' | sort | tr '\n' '\0' | xargs -0 sha256sum) |
		sed "s/^\([0-9a-f]*\)  \(.*\)/$1\t$2\t\2\t\1/"
}

hash_file() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$4" "$(sha256 "$3")"; }

make_manifest() {
	local certificate path
	for certificate in "$release"/rootfs/usr/share/ca-certificates/mozilla/*.crt; do
		path=${certificate#"$release"/rootfs/}
		printf '%s\t%s\n' "$(openssl x509 -in "$certificate" -outform DER | sha256sum | cut -d ' ' -f 1)" "$path"
	done > "$release/certificates.tsv"
	jq -f "$here/lib/manifest.jq" --arg version "$version" \
		--rawfile certificates "$release/certificates.tsv" \
		--arg release_key "$(sha256 "$release/rootfs/etc/router/release.pub")" \
		"$here/vendor/manifest.json" > "$out/router-$version.manifest.json"
}

# Ed25519 is deterministic and the comments are fixed: the same signature every time.
sign_all() {
	local file name
	for file in "$out"/*; do
		name=$(basename "$file")
		minisign -S -s "$here/keys/demo.key" -m "$file" -c "signed by Example Networks (DEMO key)" \
			-t "file:$name product:router version:$version timestamp:$epoch" </dev/null >/dev/null
	done
}
