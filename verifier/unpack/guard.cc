#include "verifier/unpack/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace assay::unpack {

bool Account::ChargeBytes(std::uint64_t count) {
  return bytes_.fetch_add(count) + count <= limits_.unpacked && !interrupted();
}

bool Account::ChargeEntries(std::uint64_t count) {
  return entries_.fetch_add(count) + count <= limits_.entries && !interrupted();
}

bool Account::interrupted() const {
  return interrupted_ != nullptr && interrupted_->load();
}

bool Account::stopped() const {
  return !reason().empty();
}

std::string Account::reason() const {
  if (interrupted()) {
    return "interrupted";
  }
  if (bytes_ > limits_.unpacked) {
    return fmt::format("more than {} decoded bytes in the product",
                       limits_.unpacked);
  }
  if (entries_ > limits_.entries) {
    return fmt::format("more than {} artifacts in the product",
                       limits_.entries);
  }
  return {};
}

Result<std::size_t> GuardedStream::Read(std::span<std::uint8_t> into) {
  if (problem_) {
    return std::size_t{0};
  }
  const std::uint64_t ceiling = std::min(allowance_(), limits_.member);
  const std::uint64_t allowed = ceiling > passed_ ? ceiling - passed_ : 0;
  std::array<std::uint8_t, 1> probe = {};
  const std::span<std::uint8_t> room =
      allowed == 0 ? std::span<std::uint8_t>(probe)
                   : into.first(static_cast<std::size_t>(
                         std::min<std::uint64_t>(into.size(), allowed)));
  const auto got = inner_.Read(room);
  if (!got) {
    problem_ = got.error();
    return std::size_t{0};
  }
  if (allowed == 0) {
    if (*got > 0) {  // there was more than is allowed
      problem_ = Error{ErrorCode::kLimit, Exceeded()};
    }
    return std::size_t{0};
  }
  passed_ += *got;
  if (!account_.ChargeBytes(*got)) {
    problem_ = Error{ErrorCode::kLimit, account_.reason()};
  }
  return *got;
}

std::string GuardedStream::Exceeded() const {
  return passed_ >= limits_.member
             ? fmt::format("a member of more than {} bytes", limits_.member)
             : fmt::format("expands more than {} times beyond {} bytes",
                           limits_.ratio, limits_.ratio_floor);
}

}  // namespace assay::unpack
