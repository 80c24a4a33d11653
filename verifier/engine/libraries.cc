#include "verifier/engine/libraries.h"

#include <archive.h>
#include <brotli/decode.h>
#include <bzlib.h>
#include <fmt/format.h>
#include <libxml/parser.h>
#include <lz4.h>
#include <lzma.h>
#include <lzo/lzoconf.h>
#include <openssl/crypto.h>
#include <rnp/rnp.h>
#include <seccomp.h>
#include <tbb/version.h>
#include <zlib.h>
#include <zstd.h>

#include "verifier/base/pattern_set.h"

namespace assay::engine {
namespace {

// Of 8, 12 and 12 bits (BrotliDecoderVersion).
std::string BrotliVersion() {
  const std::uint32_t version = BrotliDecoderVersion();
  return fmt::format("{}.{}.{}", version >> 24U, version >> 12U & 0xFFFU,
                     version & 0xFFFU);
}

std::string SeccompVersion() {
  const struct scmp_version* version = seccomp_version();
  return version == nullptr ? "unknown"
                            : fmt::format("{}.{}.{}", version->major,
                                          version->minor, version->micro);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> LibraryVersions() {
  return {
      {"brotli", BrotliVersion()},
      {"bzip2", BZ2_bzlibVersion()},
      {"libarchive", archive_version_string()},
      {"liblzma", lzma_version_string()},
      {"librnp", rnp_version_string()},
      {"libseccomp", SeccompVersion()},
      {"libxml2", xmlParserVersion},
      {"lz4", LZ4_versionString()},
      {"lzo", lzo_version_string()},
      {"oneTBB", TBB_runtime_version()},
      {"OpenSSL", OpenSSL_version(OPENSSL_VERSION)},
      {"Hyperscan", PatternSet::LibraryVersion()},
      {"zlib", zlibVersion()},
      {"zstd", ZSTD_versionString()},
  };
}

}  // namespace assay::engine
