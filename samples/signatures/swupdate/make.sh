#!/bin/bash
# Makes the samples of this folder anew, with throw-away keys, by openssl, as
# SWUpdate's documentation says ("Building a single image", "Tools").
set -euo pipefail
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf 'inert root file system\n' >"$here/rootfs.img"
printf '#!/bin/sh\nexit 0\n' >"$here/update.sh"
sum() { sha256sum "$here/$1" | cut -d' ' -f1; }
cat >"$here/sw-description" <<END
software =
{
	version = "1.0"; # inert
	hardware-compatibility: [ "1.0", "2.0" ];
	stable : {
		copy-1 : {
			images: ( {
				filename = "rootfs.img"; device = "/dev/mmcblk0p1";
				sha256 = "$(sum rootfs.img)";
			} );
		};
		copy-2 : {
			images: ( {
				filename = "rootfs.img"; device = "/dev/mmcblk0p2";
				sha256 = "$(sum rootfs.img)";
			} );
		};
	};
	scripts: ( {
		filename = "update.sh"; type = "shellscript";
		sha256 = "$(sum update.sh)";
	} );
}
END
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
openssl pkey -in rsa.key -pubout -out "$here/rsa.pub.pem"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null |
  openssl pkey -pubout -out "$here/other.pub.pem"
openssl dgst -sha256 -sign rsa.key "$here/sw-description" >"$here/rsa.sig"
openssl dgst -sha256 -sign rsa.key -sigopt rsa_padding_mode:pss \
  -sigopt rsa_pss_saltlen:-2 "$here/sw-description" >"$here/pss.sig"
for name in email:emailProtection tls:serverAuth; do
  openssl req -x509 -key rsa.key -days 3650 -subj "/CN=inert ${name%:*}" \
    -addext keyUsage=critical,digitalSignature -addext "extendedKeyUsage=${name#*:}" \
    -out "$here/${name%:*}.pem"
  openssl cms -sign -binary -in "$here/sw-description" -signer "$here/${name%:*}.pem" \
    -inkey rsa.key -outform DER -nosmimecap -out "$here/${name%:*}.sig"
done
