// One function for each order of versions, one file for each function; the
// table of types that use them is sbom/versions.cc.
//
// All of them take any text whatever and give a number below 0, 0 or above 0.
// Text that is no version of an order has a place in it that the file states,
// mostly that of CompareGeneric.
#pragma once

#include <string_view>

namespace assay::sbom::versions {

using CompareFunction = int (*)(std::string_view a, std::string_view b);

[[nodiscard]] int CompareAlpm(std::string_view a, std::string_view b);
[[nodiscard]] int CompareApk(std::string_view a, std::string_view b);
[[nodiscard]] int CompareComposer(std::string_view a, std::string_view b);
[[nodiscard]] int CompareConan(std::string_view a, std::string_view b);
[[nodiscard]] int CompareCran(std::string_view a, std::string_view b);
[[nodiscard]] int CompareDatetime(std::string_view a, std::string_view b);
[[nodiscard]] int CompareDeb(std::string_view a, std::string_view b);
[[nodiscard]] int CompareGem(std::string_view a, std::string_view b);
[[nodiscard]] int CompareGeneric(std::string_view a, std::string_view b);
[[nodiscard]] int CompareGentoo(std::string_view a, std::string_view b);
[[nodiscard]] int CompareHackage(std::string_view a, std::string_view b);
[[nodiscard]] int CompareIntdot(std::string_view a, std::string_view b);
[[nodiscard]] int CompareLexicographic(std::string_view a, std::string_view b);
[[nodiscard]] int CompareMaven(std::string_view a, std::string_view b);
[[nodiscard]] int CompareNuget(std::string_view a, std::string_view b);
[[nodiscard]] int CompareOpenssl(std::string_view a, std::string_view b);
[[nodiscard]] int ComparePep440(std::string_view a, std::string_view b);
[[nodiscard]] int ComparePub(std::string_view a, std::string_view b);
[[nodiscard]] int CompareRpm(std::string_view a, std::string_view b);
[[nodiscard]] int CompareSemver(std::string_view a, std::string_view b);

// Whether the text is a point in time as RFC 3339, section 5.6, writes it.
[[nodiscard]] bool IsDatetime(std::string_view text);

// The upstream part, without the epoch and the revision of the packaging.
using UpstreamFunction = std::string_view (*)(std::string_view version);

[[nodiscard]] std::string_view DebUpstream(std::string_view version);
[[nodiscard]] std::string_view RpmUpstream(std::string_view version);
[[nodiscard]] std::string_view AlpmUpstream(std::string_view version);
// apk and Gentoo: without "-r1".
[[nodiscard]] std::string_view WithoutRevision(std::string_view version);
// SemVer and its kin, PEP 440: without what follows '+'.
[[nodiscard]] std::string_view WithoutBuild(std::string_view version);

}  // namespace assay::sbom::versions
