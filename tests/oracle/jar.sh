#!/bin/bash
# Signed JARs against jarsigner.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"
needs jarsigner keytool unzip zip

samples=$known/../../../samples/signatures/jar
cp "$samples"/{rsa,both,sections,internal}.jar .
trust x509-ca "$samples/ca.crt.pem"
keytool -importcert -noprompt -alias ca -file "$samples/ca.crt.pem" \
  -storetype PKCS12 -keystore trust.p12 -storepass inert1 2>/dev/null
# "jar is unsigned" is no failure to the tool.
check() {
  local said
  said=$(jarsigner -J-Xshare:auto -verify -keystore trust.p12 -storepass inert1 \
    "$1" 2>&1) || return 1
  grep -q '^jar verified' <<<"$said"
}
change() {  # NAME COMMAND...: rsa.jar, changed by a command in its tree
  mkdir "$1"
  (cd "$1" && unzip -q ../rsa.jar && "${@:2}" &&
    zip -q -X "../$1.jar" META-INF/MANIFEST.MF && zip -q -X -r "../$1.jar" .)
}
change entry bash -c 'echo x >>one.txt'
change manifest sed -i 's/^Name: one.txt/&x/' META-INF/MANIFEST.MF
change file sed -i 's/^SHA-256-Digest: ./&X/' META-INF/RSA.SF
change block poke META-INF/RSA.RSA 900
change unsigned rm -r META-INF/RSA.SF META-INF/RSA.RSA
for case in rsa both sections internal entry manifest file block unsigned; do
  both "jar-$case" "$(says check $case.jar)" "$(verdict jar $case.jar)"
done
# An added entry and a lone signature file: "jar verified".
change added bash -c 'echo x >three.txt'
both jar-added "$(says check added.jar)" "$(verdict jar added.jar)"
"$assay" signatures --policy policy.yaml -o json added.jar |
  jq -r 'if any(.checks[]; .target | endswith("three.txt")) then "listed" else "not listed" end' >ours
echo "not listed" >truth
agree jar-added-entry truth ours
change alone cp META-INF/RSA.SF META-INF/LONE.SF
apart jar-alone "$(says check alone.jar)" "$(verdict jar alone.jar)"
finish
