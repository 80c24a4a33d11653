# Fills in what is only known at build time: version, certificates, the key's digest.
.product.version = $version
| .certificates = ($certificates | split("\n") | map(select(. != "") | split("\t")
	| {sha256: .[0], path: .[1], purpose: "public root for TLS connections of the router"}))
| .keys[0].sha256 = $release_key
