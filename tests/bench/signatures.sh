#!/bin/bash
# signatures.sh ASSAY KERNEL_DEB [SHIM_DEB]: the time to verify a kernel package
# with all its modules, as a package and unpacked, beside one sha256sum of its
# unpacked bytes and a loop of stock tools over the same modules. Ratios of one
# run, and MiB of the largest process; nothing is asserted.
set -euo pipefail
export LC_ALL=C
assay=$1 kernel=$2 shim=${3:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work"/{product,tree}
cp "$kernel" ${shim:+"$shim"} "$work/product/"
dpkg-deb -x "$kernel" "$work/tree"
[[ -z $shim ]] || cp "$shim" "$work/tree/"
find "$work/tree" -type f -print0 >"$work/files"
find "$work/tree" -name '*.ko' -print0 >"$work/modules"

# seconds NAME COMMAND...: wall-clock seconds of the best of three.
seconds() {
	local name=$1 best= start now run
	shift
	for run in 1 2 3; do
		start=$(date +%s.%N)
		"$@" >"$work/out" 2>&1 || true
		now=$(date +%s.%N)
		best=$(awk -v a="$start" -v b="$now" -v m="$best" \
			'BEGIN { t = b - a; print (m == "" || t < m) ? t : m }')
	done
	printf '%-22s %8.2f s\n' "$name" "$best"
	eval "took_$name=$best"
}

hash_all() { xargs -0 sha256sum <"$work/files"; }
decode_all() { dpkg-deb --fsys-tarfile "$kernel"; }
verify() {
	"$assay" signatures "$work/$1" --at 2026-11-29 \
		--policy "$here/../../samples/policies/uefi-machine.yaml"
}
# memory PRODUCT: of the largest process.
memory() {
	python3 - "$assay" "$work/$1" "$here/../../samples/policies/uefi-machine.yaml" <<'EOF'
import resource, subprocess, sys
assay, product, policy = sys.argv[1:]
subprocess.run([assay, "signatures", product, "--at", "2026-11-29", "--policy", policy],
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(f"{sys.argv[2].rsplit('/')[-1]:22} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024:8} MiB")
EOF
}
loop() { xargs -0 -n 1 openssl dgst -sha256 <"$work/modules"; }

seconds sha256sum hash_all
seconds decode decode_all
seconds assay verify product
seconds assay_unpacked verify tree
memory product
memory tree
seconds openssl_loop loop
awk -v a="$took_assay" -v u="$took_assay_unpacked" -v s="$took_sha256sum" -v d="$took_decode" -v l="$took_openssl_loop" 'BEGIN {
	printf "unpacked / sha256sum %.2f, package / sha256sum %.2f, package / (decode + sha256sum) %.2f, package / openssl dgst per module %.2f\n",
		u / s, a / s, a / (d + s), a / l }'
