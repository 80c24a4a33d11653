#include "verifier/engine/manifest.h"

#include <fmt/format.h>

#include "verifier/base/text.h"

namespace assay::engine {
namespace {

struct ManifestError {
  std::string what;
};

// Calls `read` for every entry of the list at `key`.
template <typename Read>
void EachOf(const Json& document, const char* key, Read read) {
  const Json& list = At(document, key);
  if (list.is_null()) {
    return;
  }
  if (!list.is_array()) {
    throw ManifestError{fmt::format("/{}: not a list", key)};
  }
  std::size_t index = 0;
  for (const Json& entry : list) {
    if (!entry.is_object()) {
      throw ManifestError{fmt::format("/{}/{}: not an object", key, index)};
    }
    read(entry, fmt::format("/{}/{}", key, index));
    ++index;
  }
}

std::string Required(const Json& entry, const char* key,
                     const std::string& place) {
  std::string text = TextAt(entry, key);
  if (text.empty()) {
    throw ManifestError{fmt::format("{}/{}: text is missing", place, key)};
  }
  return text;
}

std::uint64_t NumberAt(const Json& entry, const char* key,
                       const std::string& place) {
  const Json& value = At(entry, key);
  if (!value.is_number_unsigned()) {
    throw ManifestError{fmt::format("{}/{}: a number is missing", place, key)};
  }
  return value.get<std::uint64_t>();
}

}  // namespace

bool IsManifest(const Json& document) {
  return TextAt(document, "schema") == "assay-manifest/1";
}

Result<Declarations> ReadManifest(const Json& document) {
  Declarations result;
  try {
    EachOf(document, "listeners", [&](const Json& entry, const auto& place) {
      result.listeners.push_back(
          {Lower(Required(entry, "protocol", place)),
           static_cast<std::uint32_t>(NumberAt(entry, "port", place)),
           TextAt(entry, "program")});
    });
    EachOf(document, "accounts", [&](const Json& entry, const auto& place) {
      Declarations::Account account{Required(entry, "name", place), {}};
      if (!At(entry, "uid").is_null()) {
        account.uid = NumberAt(entry, "uid", place);
      }
      result.accounts.push_back(std::move(account));
    });
    EachOf(document, "startup", [&](const Json& entry, const auto& place) {
      result.startup.push_back(NormalPath(Required(entry, "path", place)));
    });
    EachOf(document, "endpoints", [&](const Json& entry, const auto& place) {
      const std::string url = TextAt(entry, "url");
      result.endpoints.push_back(url.empty() ? Required(entry, "host", place)
                                             : url);
    });
    EachOf(document, "certificates", [&](const Json& entry, const auto& place) {
      result.certificates.push_back(Lower(Required(entry, "sha256", place)));
    });
    EachOf(document, "keys", [&](const Json& entry, const auto& place) {
      result.keys.push_back(Required(entry, "sha256", place));
    });
    EachOf(document, "setuid", [&](const Json& entry, const auto& place) {
      result.setuid.push_back(NormalPath(Required(entry, "path", place)));
    });
    EachOf(document, "install_hooks",
           [&](const Json& entry, const auto& place) {
             result.install_hooks.push_back({Required(entry, "package", place),
                                             Required(entry, "script", place)});
           });
  } catch (const ManifestError& error) {
    return Fail(ErrorCode::kMalformed, error.what);
  }
  return result;
}

}  // namespace assay::engine
