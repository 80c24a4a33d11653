#include "verifier/model/artifact.h"

namespace assay {

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

}  // namespace assay
