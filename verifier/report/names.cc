#include "verifier/report/names.h"

#include <fmt/format.h>

namespace assay::report {

std::string_view NameOf(FileType type) {
  switch (type) {
    case FileType::kRegular:
      return "file";
    case FileType::kDirectory:
      return "directory";
    case FileType::kSymlink:
      return "symlink";
    case FileType::kHardLink:
      return "hardlink";
    case FileType::kCharDevice:
      return "char-device";
    case FileType::kBlockDevice:
      return "block-device";
    case FileType::kFifo:
      return "fifo";
    case FileType::kSocket:
      return "socket";
  }
  return "";
}

std::string_view NameOf(Structure structure) {
  switch (structure) {
    case Structure::kContent:
      return "content";
    case Structure::kMember:
      return "member";
    case Structure::kMetadata:
      return "metadata";
    case Structure::kPadding:
      return "padding";
    case Structure::kSlack:
      return "slack";
    case Structure::kUnknown:
      return "unknown";
  }
  return "";
}

std::string_view NameOf(Examination examination) {
  switch (examination) {
    case Examination::kParsed:
      return "parsed";
    case Examination::kScanned:
      return "scanned";
    case Examination::kOpaque:
      return "opaque";
  }
  return "";
}

std::string_view NameOf(Strength strength) {
  switch (strength) {
    case Strength::kClaim:
      return "claim";
    case Strength::kUnverified:
      return "unverified";
    case Strength::kWeak:
      return "weak";
    case Strength::kVerifiedRow:
      return "verified-record";
    case Strength::kBuildRecord:
      return "build-record";
    case Strength::kDigest:
      return "digest";
  }
  return "";
}

std::string TimeText(UnixTime time) {
  constexpr UnixTime kFirst = -62'167'219'200;  // 0000-01-01T00:00:00Z
  constexpr UnixTime kLast = 253'402'300'799;   // 9999-12-31T23:59:59Z
  return time < kFirst || time > kLast ? fmt::format("@{}", time)
                                       : FormatTime(time);
}

}  // namespace assay::report
