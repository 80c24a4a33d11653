#include "verifier/formats/archives/rar_decoder.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <optional>
#include <utility>

namespace assay::formats::rar {
namespace {

Error ErrorOf(archive* reader) {
  const char* what = archive_error_string(reader);
  return {ErrorCode::kMalformed,
          fmt::format("rar: {}", what != nullptr ? what : "does not decode")};
}

}  // namespace

// What libarchive reads from: pieces of a source, handed out without a copy.
struct Decoder::Feed {
  ByteSource source;
  std::vector<Range> blocks;
  std::size_t next = 0;

  static la_ssize_t Read(archive* /*reader*/, void* self, const void** into) {
    auto& feed = *static_cast<Feed*>(self);
    while (feed.next < feed.blocks.size()) {
      const Range range = feed.blocks[feed.next++];
      const auto bytes = Slice(feed.source.bytes(), range.offset, range.length);
      if (bytes && !bytes->empty()) {
        *into = bytes->data();
        return static_cast<la_ssize_t>(bytes->size());
      }
    }
    return 0;
  }
};

class Decoder::Content : public ByteStream {
 public:
  explicit Content(archive* reader) : reader_(reader) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (!error_ && filled < into.size()) {
      const la_ssize_t count = archive_read_data(
          reader_, into.subspan(filled).data(), into.size() - filled);
      if (count < 0) {
        error_ = ErrorOf(reader_);
      } else if (count == 0) {
        break;
      } else {
        filled += static_cast<std::size_t>(count);
      }
    }
    return error_ && filled == 0 ? Result<std::size_t>(Fail(*error_))
                                 : Result<std::size_t>(filled);
  }

 private:
  archive* reader_;
  std::optional<Error> error_;
};

void Decoder::Free::operator()(archive* reader) const {
  archive_read_free(reader);
}

Decoder::Decoder(ByteSource source, bool is_new, std::vector<Range> blocks)
    : feed_(std::make_unique<Feed>(Feed{std::move(source), std::move(blocks)})),
      reader_(archive_read_new()) {
  if (reader_ != nullptr) {
    const int known = is_new ? archive_read_support_format_rar5(reader_.get())
                             : archive_read_support_format_rar(reader_.get());
    open_ = known == ARCHIVE_OK &&
            archive_read_open2(reader_.get(), feed_.get(), nullptr, Feed::Read,
                               nullptr, nullptr) == ARCHIVE_OK;
  }
}

Decoder::~Decoder() = default;

Result<void> Decoder::Next(std::optional<std::uint64_t> size) {
  if (!open_) {
    return reader_ != nullptr
               ? Result<void>(Fail(ErrorOf(reader_.get())))
               : Fail(ErrorCode::kLimit, "rar: no memory for a decoder");
  }
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(reader_.get(), &entry);
  // A warning is about a name, which is not taken from here.
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
    open_ = false;
    return code == ARCHIVE_EOF
               ? Result<void>(Fail(ErrorCode::kMalformed,
                                   "rar: the decoder finds no member"))
               : Fail(ErrorOf(reader_.get()));
  }
  if (size && archive_entry_size_is_set(entry) != 0 &&
      archive_entry_size(entry) != static_cast<la_int64_t>(*size)) {
    open_ = false;
    return Fail(ErrorCode::kMalformed, "rar: the decoder finds another member");
  }
  content_ = std::make_unique<Content>(reader_.get());
  return {};
}

ByteStream& Decoder::content() {
  return *content_;
}

}  // namespace assay::formats::rar
