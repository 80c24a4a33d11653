# shellcheck shell=bash
# Debian packages: from the archive into $work/pkg/NAME, with what the claims need to know.
# Rows of $work/packages.tsv:
#   place name version architecture type licence sha256-of-deb maintainer homepage dependencies

# packages.conf without comments, tab-separated: place, name, type, licence, files.
package_list() {
	sed -e 's/ *| */\t/g' -e 's/ *$//' -e '/^#/d' -e '/^$/d' "$here/packages.conf"
}

fetch_packages() {
	local name wanted=()
	mkdir -p "$cache"
	while IFS=$'\t' read -r _ name _; do
		compgen -G "$cache/${name}_*.deb" >/dev/null || wanted+=("$name")
	done < <(package_list)
	[ ${#wanted[@]} -gt 0 ] || return 0

	say "fetching ${wanted[*]}"
	local partial options=(-qq)
	partial=$(mktemp -d "$cache/.partial.XXXXXX")
	[ "$(id -u)" -ne 0 ] || options+=(-o APT::Sandbox::User=root)
	if ! download "${options[@]}"; then
		if [ "$(id -u)" -ne 0 ]; then
			rm -rf "$partial"
			say "apt-get download failed; have the administrator run 'apt-get update' and try again"
			exit 69
		fi
		apt-get -qq update
		download "${options[@]}" || { rm -rf "$partial"; say "apt-get download failed"; exit 69; }
	fi
	mv "$partial"/*.deb "$cache/"   # apt has checked each against the signed archive index
	rmdir "$partial"
}

# The product is for amd64 whatever this machine is. (Uses: wanted, partial.)
download() {
	local name names=()
	for name in "${wanted[@]}"; do
		case $name in
		ca-certificates) names+=("$name") ;;
		*) names+=("$name:amd64") ;;
		esac
	done
	(cd "$partial" && apt-get "$@" download "${names[@]}")
}

unpack_packages() {
	local place name type licence files deb
	mkdir -p "$work/control"
	while IFS=$'\t' read -r place name type licence files; do
		deb=$(compgen -G "$cache/${name}_*.deb" | sort -V | tail -n 1)
		mkdir -p "$work/pkg/$name"
		[ "$place" = boot ] || files+=" ./usr/share/doc/$name/copyright"
		# shellcheck disable=SC2086  # the patterns are words; set -f keeps them from expanding here
		(set -f; dpkg-deb --fsys-tarfile "$deb" |
			tar -x -p --no-same-owner -C "$work/pkg/$name" --wildcards $files)
		dpkg-deb -f "$deb" > "$work/control/$name"
		printf '%s\t' "$place" "$name" "$(field "$name" Version)" "$(field "$name" Architecture)" \
			"$type" "$licence" "$(sha256 "$deb")" "$(field "$name" Maintainer)" \
			"$(field "$name" Homepage)"
		dependencies "$name"
	done < <(package_list) > "$work/packages.tsv"
}

field() { sed -n "s/^$2: //p" "$work/control/$1"; }

sha256() { sha256sum < "$1" | cut -d ' ' -f 1; }

# Those of its dependencies that are in the product, one line, in order of name.
dependencies() {
	{
		field "$1" Depends
		field "$1" Pre-Depends
	} | tr ',|' '[\n*]' | sed -e 's/^ *//' -e 's/[ (:].*//' | sort -u |
		{ grep -Fx -f <(package_list | grep -v ^tamper | cut -f 2) || true; } | paste -s -d " "
}
