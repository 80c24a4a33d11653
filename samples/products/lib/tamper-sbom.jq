# libssl3 gets a version that was never shipped; libexpat1 is declared and is nowhere.
"3.0.99-1~deb12u1" as $wrong
| "pkg:deb/debian/libexpat1@2.5.0-1%2Bdeb12u1?arch=amd64&distro=debian-12" as $phantom
| (.components[] | select(.name == "libssl3")) as $libssl
| ($libssl.purl | sub("@[^?]*"; "@" + $wrong)) as $wrong_ref
| walk(if . == $libssl.purl then $wrong_ref else . end)
| (.components[] | select(.name == "libssl3") | .version) = $wrong
| .components += [$libssl | {type, "bom-ref": $phantom, supplier, name: "libexpat1",
	version: "2.5.0-1+deb12u1", licenses: [{license: {id: "MIT"}}], purl: $phantom}]
| .dependencies[0].dependsOn += [$phantom]
| .dependencies += [{ref: $phantom, dependsOn: []}]
