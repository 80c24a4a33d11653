# shellcheck shell=bash
# The root file system: Debian packages, the vendor's own components, the package database.
# A component is a folder of files; the SBOM later lists exactly what these folders hold.

vendor_components="router-base router-scripts webui"

# $release/vendor/NAME: the vendor's components, with version, modes and package database.
make_components() {
	local name file
	for name in $vendor_components router-boot; do
		mkdir -p "$release/vendor"
		cp -r "$here/vendor/$name" "$release/vendor/$name"
	done
	set_modes "$release/vendor"
	find "$release/vendor" -type f -exec sed -i "s/@VERSION@/$version/g" {} +
	add_applets "$release/vendor/router-base"
	add_trust "$release/vendor/router-base"
	add_package_database "$release/vendor/router-base"
}

# Scripts are 755, everything else 644: whatever the checkout made of the modes.
set_modes() {
	local file
	find "$1" -type d -exec chmod 755 {} +
	find "$1" -type f -exec chmod 644 {} +
	find "$1" -type f | while IFS= read -r file; do
		[ "$(head -c 2 "$file")" != '#!' ] || chmod 755 "$file"
	done
}

add_applets() {
	local path up
	while IFS= read -r path; do
		mkdir -p "$1/$(dirname "$path")"
		case $path in
		bin/*) up=busybox ;;
		sbin/*) up=../bin/busybox ;;
		usr/*) up=../../bin/busybox ;;
		esac
		ln -s "$up" "$1/$path"
	done < "$here/vendor/applets.txt"
}

# The certificates the router trusts, by name as Debian does it, and the key for updates.
add_trust() {
	local certificate name
	mkdir -p "$1/etc/ssl/certs"
	for certificate in "$work"/pkg/ca-certificates/usr/share/ca-certificates/mozilla/*.crt; do
		name=$(basename "$certificate" .crt)
		ln -s "/usr/share/ca-certificates/mozilla/$name.crt" "$1/etc/ssl/certs/$name.pem"
	done
	install -m 644 "$here/keys/demo.pub" "$1/etc/router/release.pub"
	ln -s /run/resolv.conf "$1/etc/resolv.conf"
}

# opkg's layout: one status file; per package its control file and the list of its files.
add_package_database() {
	local info=$1/usr/lib/opkg/info status=$1/usr/lib/opkg/status name
	mkdir -p "$info"
	for name in $vendor_components; do
		vendor_control "$name" > "$info/$name.control"
	done
	for name in $vendor_components; do
		list_files "$release/vendor/$name" | grep -v ^/usr/lib/opkg/ > "$info/$name.list"
		package_status "$info/$name.control" "Installed-Time: $epoch" >> "$status"
	done
	cp "$here/vendor/control/webui.postinst" "$info/webui.postinst"
	chmod 755 "$info/webui.postinst"
	for name in $(installed rootfs); do
		record_package "$name" "$info" "$status"
	done
}

record_package() {
	cp "$work/control/$1" "$2/$1.control"
	list_files "$work/pkg/$1" > "$2/$1.list"
	package_status "$2/$1.control" "Installed-Time: $epoch" >> "$3"
}

installed() { awk -F '\t' -v place="$1" '$1 == place { print $2 }' "$work/packages.tsv"; }

list_files() { (cd "$1" && find . ! -type d | sed 's/^\.//' | sort); }

package_status() {
	sed -n -e '/^\(Package\|Version\|Architecture\|Source\):/p' "$1"
	printf 'Status: install ok installed\n%s\n\n' "$2"
}

vendor_control() {
	local depends
	depends=$(vendor_dependencies "$1")
	cat <<-END
		Package: $1
		Version: $version
		Depends: ${depends// /, }
		Architecture: all
		Maintainer: Example Networks <support@example.org>
		Description: $(vendor_description "$1")
	END
}

vendor_dependencies() {
	case $1 in
	router-base) echo busybox-static ca-certificates ;;
	router-boot) echo klibc-utils ;;
	router-scripts) echo busybox-static dropbear-bin minisign ;;
	webui) echo busybox-static mini-httpd ;;
	esac
}

vendor_description() {
	case $1 in
	router-base) echo accounts, configuration and package database ;;
	router-boot) echo first stage: mounts the root file system ;;
	router-scripts) echo start-up scripts and maintenance tools ;;
	webui) echo web pages of the router ;;
	esac
}

# make_rootfs DIR
make_rootfs() {
	local name
	mkdir -p "$1"
	for name in $(installed rootfs); do cp -a "$work/pkg/$name/." "$1/"; done
	for name in $vendor_components; do cp -a "$release/vendor/$name/." "$1/"; done
	mkdir -p "$1"/{data,proc,root,run,sys,tmp}
	find "$1" -type d -exec chmod 755 {} +
	chmod 700 "$1/root"
	chmod 1777 "$1/tmp"
	chmod 600 "$1/etc/shadow"
}
