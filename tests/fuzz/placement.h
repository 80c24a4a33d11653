// Where hostile bytes may stand in a product: analyses look at names too.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "tests/fuzz/fuzz.h"
#include "verifier/formats/format.h"
#include "verifier/model/observations.h"

namespace assay::fuzz {

inline constexpr auto kPlaces = std::to_array<std::string_view>({
    "usr/bin/program",
    "etc/passwd",
    "etc/shadow",
    "etc/group",
    "etc/sudoers",
    "etc/inittab",
    "etc/crontab",
    "etc/inetd.conf",
    "etc/ld.so.preload",
    "etc/os-release",
    "etc/init.d/S50service",
    "etc/config/dropbear",
    "root/.ssh/authorized_keys",
    "lib/systemd/system/a.service",
    "usr/lib/opkg/status",
    "usr/lib/opkg/info/a.control",
    "var/lib/dpkg/status",
    "var/lib/dpkg/info/a.md5sums",
    "lib/apk/db/installed",
    "control",
    "postinst",
    "package.json",
    "package-lock.json",
    "app-1.0.dist-info/METADATA",
    "app-1.0.dist-info/RECORD",
    "META-INF/MANIFEST.MF",
    "META-INF/maven/g/a/pom.properties",
    "go.mod",
    "bom.cdx.json",
    "script.sh",
    "script.py",
    "script.js",
    "script.php",
    "script.lua",
    "key.pem",
    "SHA256SUMS",
    "Release",
    "a.bin.minisig",
});

// The last byte says where; the bytes before it are the content.
struct Placed {
  Artifact artifact = {};
  ByteView content = {};
};

inline Placed Place(ByteView data) {
  Placed placed;
  const std::size_t choice = data.empty() ? 0 : data.back();
  placed.content = data.empty() ? data : data.first(data.size() - 1);
  Artifact& artifact = placed.artifact;
  artifact.inner_path = kPlaces.at(choice % kPlaces.size());
  artifact.name = artifact.inner_path;
  artifact.path = "product!/" + artifact.inner_path;
  artifact.size = placed.content.size();
  artifact.has_content = true;
  artifact.meta.mode = 04755;
  const formats::Format* format = formats::Detect(
      placed.content.first(std::min(placed.content.size(), Input::kPeekLimit)));
  artifact.format = format == nullptr ? "" : format->name;
  return placed;
}

}  // namespace assay::fuzz
