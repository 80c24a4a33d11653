// Budgets of one walk, and the stream that enforces them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "verifier/base/byte_stream.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"

namespace assay::unpack {

// What the whole product has used. Which artifact meets a product-wide limit
// depends on the schedule when several threads run; Walk therefore repeats a
// walk that met one on a single thread, where it is always the same.
class Account {
 public:
  Account(const Limits& limits, const std::atomic<bool>* interrupted)
      : limits_(limits), interrupted_(interrupted) {}

  // Charges decoded bytes or artifacts; false once a limit is met.
  bool ChargeBytes(std::uint64_t count);
  bool ChargeEntry() { return ChargeEntries(1); }
  bool ChargeEntries(std::uint64_t count);
  [[nodiscard]] bool stopped() const;
  [[nodiscard]] bool interrupted() const;
  // "" while nothing stopped the walk.
  [[nodiscard]] std::string reason() const;
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  const Limits& limits_;
  const std::atomic<bool>* interrupted_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> entries_ = 0;
};

// Passes a decoder's output on until a budget ends or the decoder fails; both
// look like the end of the stream to the reader, and `problem` tells why.
class GuardedStream : public ByteStream {
 public:
  // `allowance` is how many bytes this stream may give; it is asked before
  // every read, since a container read as a stream earns more as it goes.
  GuardedStream(ByteStream& inner, const Limits& limits, Account& account,
                std::function<std::uint64_t()> allowance)
      : inner_(inner),
        limits_(limits),
        account_(account),
        allowance_(std::move(allowance)) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override;

  [[nodiscard]] std::uint64_t passed() const { return passed_; }
  // Set when the stream ended before its time.
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

 private:
  [[nodiscard]] std::string Exceeded() const;

  ByteStream& inner_;
  const Limits& limits_;
  Account& account_;
  std::function<std::uint64_t()> allowance_;
  std::uint64_t passed_ = 0;
  std::optional<Error> problem_;
};

}  // namespace assay::unpack
