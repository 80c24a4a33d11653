// Errors as values: every fallible function returns Result<T>.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace assay {

// Why something could not be done. The four kinds of the design: not mine
// (silent), damaged (a finding), limit (inconclusive), our bug (an error).
enum class ErrorCode {
  kNotThisFormat,  // the bytes are something else; never shown to a user
  kTruncated,      // the bytes end before the structure does
  kMalformed,      // the bytes contradict themselves or their specification
  kUnsupported,    // understood, but not read by this version
  kLimit,          // a budget ran out
  kUnreadable,     // an input could not be opened or read
  kUnwritable,     // an output could not be written
  kConfig,         // a policy, rule or option is wrong
  kConfinement,    // the analysis cannot be confined on this system
  kInternal,       // our own fault
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string what;  // one sentence that names the thing and the place
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorCode code,
                                                std::string what) {
  return tl::unexpected<Error>(Error{code, std::move(what)});
}

[[nodiscard]] inline tl::unexpected<Error> Fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace assay
