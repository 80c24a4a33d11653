# CycloneDX 1.5 from the tables that claims.sh makes. Arguments: version, epoch, serial,
# sha256, sha512 (of the image), packages, vendor, files.
def rows: split("\n") | map(select(. != "") | split("\t"));
def words: split(" ") | map(select(. != ""));
def sha256: [{alg: "SHA-256", content: .}];
def licences: if test(" ") then [{expression: .}]
	elif startswith("LicenseRef-") then [{license: {name: ltrimstr("LicenseRef-")}}]
	else [{license: {id: .}}] end;
def purl_part: @uri | gsub("%3A"; ":");
def compact: with_entries(select(.value != null and .value != "" and .value != []));

{name: "Example Networks", url: ["https://www.example.org/"]} as $maker
| {name: "Debian", url: ["https://www.debian.org/"]} as $debian
| ($packages | rows | map(select(.[0] != "tamper"))) as $packages
| ($vendor | rows) as $vendor
| ($files | rows | group_by(.[0]) | map({key: .[0][0], value: .}) | from_entries) as $files

| def deb_ref: "pkg:deb/debian/\(.[1])@\(.[2] | purl_part)?arch=\(.[3])&distro=debian-12";
  def vendor_ref: "pkg:generic/example-networks/\(.)@\($version)";
  ($packages | map({key: .[1], value: deb_ref}) | from_entries) as $ref
| ("router" | vendor_ref) as $root

# Each file by its path inside the root file system; where it lies elsewhere, that is said.
| def file_components: ($files[.] // []) | map({
		type: "file",
		"bom-ref": "file:\(.[1])/\(.[2])",
		name: .[2],
		hashes: (.[3] | sha256),
		properties: [{name: "example-networks:container", value: .[1]}]
	});
  def deb_component: {
		type: .[4], "bom-ref": deb_ref, supplier: $debian, publisher: .[7],
		name: .[1], version: .[2], hashes: (.[6] | sha256), licenses: (.[5] | licences),
		purl: deb_ref,
		externalReferences: (if .[8] == "" then [] else [{type: "website", url: .[8]}] end),
		components: (.[1] | file_components)
	} | compact;
  def vendor_component: {
		type: "application", "bom-ref": (.[0] | vendor_ref), supplier: $maker,
		name: .[0], version: $version, description: .[1],
		licenses: [{license: {name: "Example Networks proprietary"}}],
		purl: (.[0] | vendor_ref), components: (.[0] | file_components)
	};
{
	"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
	bomFormat: "CycloneDX",
	specVersion: "1.5",
	serialNumber: ($serial | "urn:uuid:\(.[0:8])-\(.[8:12])-5\(.[13:16])-a\(.[17:20])-\(.[20:32])"),
	version: 1,
	metadata: {
		timestamp: ($epoch | todate),
		lifecycles: [{phase: "build"}],
		tools: {components: [{type: "application", name: "router-build", version: "1.0"}]},
		authors: [{name: "Example Networks", email: "support@example.org"}],
		component: {
			type: "firmware", "bom-ref": $root, supplier: $maker, name: "router",
			version: $version, description: "Flash image of the Example Router",
			hashes: [{alg: "SHA-256", content: $sha256}, {alg: "SHA-512", content: $sha512}],
			licenses: [{license: {name: "Example Networks proprietary"}}], purl: $root
		},
		supplier: $maker
	},
	components: (($packages | map(deb_component)) + ($vendor | map(vendor_component))),
	dependencies: (
		[{ref: $root, dependsOn: ($vendor | map(.[0] | vendor_ref))}]
		+ ($vendor | map({ref: (.[0] | vendor_ref), dependsOn: (.[2] | words | map($ref[.]))}))
		+ ($packages | map({ref: deb_ref, dependsOn: (.[9] | words | map($ref[.]))}))
	),
	compositions: [{
		aggregate: "complete",
		assemblies: ([$root] + ($ref | map(.)) + ($vendor | map(.[0] | vendor_ref))),
		dependencies: [$root]
	}]
}
