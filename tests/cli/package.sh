#!/bin/bash
# tests/cli/package.sh ASSAY: the Debian package that CPack makes: lintian has
# nothing to say, everything is where a system looks for it, and the program
# inside runs.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"
if ! { command -v lintian && command -v dpkg-shlibdeps; } >/dev/null; then
  echo "needs lintian and dpkg-dev"
  exit 77
fi
build=$(realpath "$(dirname "$assay")/../..")
umask 022
check "cpack" bash -c "cpack -G DEB --config '$build/CPackConfig.cmake' >log 2>&1 || { tail log; false; }"
deb=$(echo ./*.deb)

# As whoever: lintian warns of root.
lintian --allow-root --fail-on none "$deb" >found 2>&1
cat found
check "lintian: no errors, no warnings" test "$(grep -cE '^[EW]:' found)" = 0

dpkg-deb -x "$deb" root
dpkg-deb -f "$deb" >control
check "its libraries" grep -q '^Depends:.*libarchive13.*libc6' control
check "its version" grep -qE '^Version: [0-9]+\.[0-9]+\.[0-9]+$' control
for file in bin/assay share/man/man1/assay.1.gz share/man/man1/assay-verify.1.gz \
  share/man/man1/assay-sbom.1.gz share/bash-completion/completions/assay \
  share/zsh/vendor-completions/_assay share/fish/vendor_completions.d/assay.fish \
  share/doc/assay/copyright share/doc/assay/changelog.gz \
  share/doc/assay/NEWS.md.gz share/doc/assay/examples/policies/vendor-router.yaml \
  share/doc/assay/examples/pipelines/gitlab-ci.yml; do
  check "usr/$file" test -s "root/usr/$file"
done
mapfile -t pages < <("$assay" man --list)
check "a page for every command" test \
  "$(find root/usr/share/man -name '*.1.gz' | wc -l)" = "${#pages[@]}"
check "nobody else may write" test -z "$(find root -perm /022 -not -type l)"
expect 0 "assay $(sed -n 's/^Version: //p' control)" root/usr/bin/assay --version
echo x >product
expect 2 INCONCLUSIVE root/usr/bin/assay verify product
check "no path of the build in it" bash -c "! grep -aqF '$build' root/usr/bin/assay"

finish
