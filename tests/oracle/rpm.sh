#!/bin/bash
# RPM packages against rpm2cpio and rpm -qlp --dump, in every compression.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh" "$1"

cat >sample.spec <<'END'
Name: sample
Version: 1.2
Release: 3
Summary: A sample
License: MIT
%description
Sample.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/sample.d
printf '#!/bin/sh\necho tool\n' > %{buildroot}/usr/bin/tool
ln -s tool %{buildroot}/usr/bin/link
seq 1 40000 > %{buildroot}/etc/sample.conf
: > %{buildroot}/etc/empty
%files
%attr(4755,root,root) /usr/bin/tool
/usr/bin/link
/etc/empty
%config(noreplace) %attr(0640,daemon,adm) /etc/sample.conf
%dir %attr(1777,root,root) /etc/sample.d
%attr(0600,nobody,nogroup) %dev(c,5,1) /dev/sample
%pre
echo pre
%post
echo post
%preun
echo preun
%postun
echo postun
END
for payload in w9.gzdio w6.xzdio w3.zstdio w9.bzdio w6.lzdio w.ufdio; do
  rpmbuild -bb --define "_topdir $folder/$payload" \
    --define "_binary_payload $payload" sample.spec >/dev/null 2>&1
  mv "$payload"/RPMS/*/*.rpm "$payload.rpm"
  "$assay" ls --json "$payload.rpm" >"$payload.json"
  # The archive that the payload decodes to.
  rpm2cpio "$payload.rpm" | sha256sum | cut -d' ' -f1 >truth
  jq -r '[.artifacts[] | select(.format == "cpio")][0].digests.sha256' \
    "$payload.json" >ours
  agree "rpm-payload-$payload" truth ours
  # Its files: path, size of regular ones, mode, digest, link, device.
  rpm -qlp --dump "$payload.rpm" | awk '{
      type = substr($5, 1, length($5) - 4)
      digest = $4; if (digest ~ /^0+$/) digest = "-"
      print $1, substr($5, length($5) - 3), digest, $11 == "X" ? "-" : $11, \
        $10 == 0 || $10 == 65536 ? "-" : $10 }' | LC_ALL=C sort >truth
  jq -r '.artifacts[] | select(.path | test("cpio.*!/") or test("cpio!/"))
    | select(.mode)
    | [(.path | sub(".*!/"; "/")), .mode,
       (if (.type // "file") == "file" then .digests.sha256 else "-" end),
       .link_target // "-",
       (if .device then (.device | split(":") | map(tonumber) | .[0] * 256 + .[1]) else "-" end)]
    | join(" ")' "$payload.json" | LC_ALL=C sort >ours
  agree "rpm-files-$payload" truth ours
  for script in prein postin preun postun; do
    rpm -qp --qf "%{${script^^}}" "$payload.rpm" | sha256sum | cut -d' ' -f1
  done >truth
  for script in prein postin preun postun; do
    jq -r --arg name "!/scripts/$script" '.artifacts[]
      | select(.path | endswith($name)) | .digests.sha256' "$payload.json"
  done >ours
  agree "rpm-scripts-$payload" truth ours
  accounted "$payload.rpm"
done
finish
