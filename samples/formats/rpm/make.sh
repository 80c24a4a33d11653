#!/bin/sh
# Makes the samples in the current folder (rpm 4.18).
set -e
cat >sample.spec <<'END'
Name: sample
Version: 1.2
Release: 3
Summary: A sample
License: MIT
%description
Sample.
%install
mkdir -p %{buildroot}/bin
printf 'inert: not a program\n' > %{buildroot}/bin/tool
%files
%attr(4755,root,root) /bin/tool
%post
echo post
%preun
echo preun
END
make() {
  rpmbuild -bb --define "_topdir $PWD/$1" --define "_binary_payload $2" \
    --define '_buildhost localhost' sample.spec
  xxd -p -c 38 "$1"/RPMS/*/*.rpm >"$1.hex"
}
make gzip w9.gzdio
make plain w.ufdio
