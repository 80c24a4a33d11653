#!/bin/bash
# check.sh: makes the samples twice and proves what README.md says about them:
#   - the same bytes both times
#   - signatures as in expected-*.yaml
#   - SBOM against bytes: exactly the differences listed in expected-*.yaml, none for 1.0;
#     each regular file declared once
#   - clean: no setuid file; tampered: each planted place is there
# Needs cpio beside what generate.sh needs. Run it as any user.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

expect() {   # expect WHAT ACTUAL WANTED
	[ "$2" = "$3" ] && return
	failures=$((failures + 1))
	printf 'FAILED: %s\n' "$1"
	diff <(printf '%s\n' "$3") <(printf '%s\n' "$2") | sed 's/^/  /' || true
}

slice() { head -c $(($2 + $3)) "$1" | tail -c "$3"; }   # slice FILE OFFSET LENGTH

sums() { (cd "$1" && find . -type f | sort | xargs sha256sum); }

check_signatures() {
	local file result
	while read -r file result; do
		if minisign -V -q -p "$here/keys/demo.pub" -m "$delivery/$file" >/dev/null 2>&1
		then expect "$file: signature" TOTAL-PASSED "$result"
		else expect "$file: signature" TOTAL-FAILED "$result"
		fi
	done < <(sed -n 's/.*{file: \(.*\), result: \(.*\)}/\1 \2/p' "$expected")
	expect "policy key" "$(sed -n 's/^ *key: //p' "$here/../policies/vendor-router.yaml")" \
		"$(tail -n 1 "$here/keys/demo.pub")"
}

# The delivery, taken apart: rows "container path sha256" in $work/found.
take_apart() {
	local image=$delivery/router-$version.bin ipk=$delivery/webui_${version}_all.ipk size start
	mkdir -p "$tree"/{image,initramfs,ipk,delivery}
	size=$((16#$(od -An -j12 -N4 -tx1 "$image" | tr -d ' ')))
	slice "$image" 64 "$size" > "$tree/image/initramfs.cpio.gz"
	gunzip -c "$tree/image/initramfs.cpio.gz" |
		(cd "$tree/initramfs" && cpio -i -d --quiet --no-absolute-filenames 'bin/*' 'lib/*' 'usr/*' init)
	start=$(((size + 64 + 65535) / 65536 * 65536))
	size=$(od -An -j$((start + 40)) -N8 -tu8 "$image" | tr -d ' ')
	slice "$image" "$start" $(((size + 4095) / 4096 * 4096)) > "$tree/image/rootfs.squashfs"
	unsquashfs -q -n -no-xattrs -d "$tree/rootfs" "$tree/image/rootfs.squashfs" >/dev/null 2>&1 || true
	chmod -R u+rwX "$tree/rootfs"
	tar -xzf "$ipk" -C "$tree/ipk"
	tar -xzf "$tree/ipk/data.tar.gz" -C "$tree/ipk"
	tar -xzf "$tree/ipk/control.tar.gz" -C "$tree/ipk"
	cp "$ipk" "$image" "$tree/delivery/"
	(cd "$tree" && find . -type f -printf '%P\n' | sort | tr '\n' '\0' | xargs -0 sha256sum) |
		sed 's/^\([0-9a-f]*\)  \([^/]*\)\/\(.*\)/\2\t\3\t\1/' > "$work/found"
}

# The update package holds what is installed in the root file system: the web pages under the
# same paths, its control files under those of the package database.
check_sbom() {
	local sbom=$delivery/router-$version.cdx.json
	jq -r '(.. | objects | select(.type? == "file")
			| [.properties[0].value, .name, .hashes[0].content]),
		(.metadata.component | ["delivery", "\(.name)-\(.version).bin", .hashes[0].content])
		| @tsv' "$sbom" | sort > "$work/declared"
	expect "$version: files declared more than once" "$(cut -f 1,2 "$work/declared" | uniq -d)" ""

	awk -F '\t' '
		function report(kind, path) { print kind, path }
		NR == FNR { digest[$1, $2] = $3; next }
		{
			place = $1; path = $2
			if (place == "ipk" && !((place, path) in digest)) {
				place = "rootfs"
				if (path == "control" || path == "postinst") path = "usr/lib/opkg/info/webui." path
				if (digest[place, path] != $3) { report("undeclared", $2); next }
			}
			seen[place, path] = 1
			if (!((place, path) in digest)) report("undeclared", path)
			else if (digest[place, path] != $3) report("contradicted", path)
		}
		END {
			for (key in digest) if (!(key in seen)) { split(key, k, SUBSEP); report("missing", k[2]) }
		}' "$work/declared" "$work/found" | sort > "$work/differences"
	expect "$version: SBOM against bytes" "$(cat "$work/differences")" \
		"$(awk '/^sbom:/ { on = 1 } on && /^  [a-z]+:/ { kind = $1; sub(":", "", kind) }
			on && /^    - / && kind != "phantom" { print kind, $2 }' "$expected" | sort)"
}

check_planted() {
	local path
	while IFS= read -r path; do
		compgen -G "$tree/*/$path" >/dev/null || expect "$version: planted $path" absent present
	done < <(grep -o '!/\*\*/[^"]*' "$expected" | cut -c 6-)
	expect "$version: setuid files" "$(unsquashfs -ll "$tree/image/rootfs.squashfs" |
		awk '$1 ~ /[sS]/ { print $NF }')" "$1"
}

for run in first second; do
	mkdir "$work/$run"
	"$here/generate.sh" "$work/$run" 2>/dev/null
done
expect "same bytes both times" "$(sums "$work/first")" "$(sums "$work/second")"

for version in 1.0 1.1; do
	delivery=$work/first/router-$version
	expected=$here/expected-$version.yaml
	tree=$work/tree-$version
	take_apart
	check_signatures
	check_sbom
done
version=1.0 tree=$work/tree-1.0 expected=$here/expected-1.0.yaml check_planted ""
version=1.1 tree=$work/tree-1.1 expected=$here/expected-1.1.yaml check_planted "squashfs-root/usr/lib/.sh"

[ "$failures" -eq 0 ] && echo "check.sh: all as expected"
