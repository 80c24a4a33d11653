// floor INPUT...: the least CPU time that verifying the inputs can take. Every
// layer is decoded by the fastest library there is, and every leaf byte is
// digested (SHA-256) and searched for 100 literals once; nothing else is done.
// Shares no code with Assay. Prints one line for each input:
//   CPU-SECONDS LEAF-BYTES MATCHES INPUT
// floor --yara prints the same literals as rules for YARA.
//
// Layers: xz (liblzma), gzip (ISA-L), zstd, bzip2; ar, tar, cpio, zip
// (libarchive). Anything else is a leaf.

#include <archive.h>
#include <archive_entry.h>
#include <bzlib.h>
#include <hs/hs.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using View = std::span<const std::uint8_t>;

constexpr std::size_t kStep = 1U << 20U;
constexpr int kDeepest = 8;

void Require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "floor: %s\n", what);
    std::exit(70);
  }
}

// Grows without touching what it does not hold yet: for large buffers realloc
// moves pages, not bytes.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  // At least `count` writable bytes after the end.
  std::uint8_t* Room(std::size_t count) {
    if (size_ + count > capacity_) {
      capacity_ = std::max(2 * capacity_, size_ + count);
      data_ = static_cast<std::uint8_t*>(std::realloc(data_, capacity_));
      Require(data_ != nullptr, "no memory");
    }
    return data_ + size_;
  }
  void Grow(std::size_t count) { size_ += count; }
  void Append(View bytes) {
    std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
    Grow(bytes.size());
  }
  [[nodiscard]] View view() const { return {data_, size_}; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// 100 literals of 12 to 26 characters, as a rule set would look for.
std::vector<std::string> Literals() {
  std::vector<std::string> literals;
  for (const char* const stem :
       {"/bin/sh -i >&", "telnetd -l /bin", "nc -e /bin/sh", "authorized_key",
        "backdoor_passw", "debug_unlock_k", "http://update.", "/etc/shadow.b",
        "LD_PRELOAD=/tm", "iptables -F IN"}) {
    for (const char* const end : {"0", "1x", "pp2", "root", "admin", "/tmp/.q",
                                  "secret_", "key_file", "enabled=1", "x%s"}) {
      literals.push_back(std::string(stem) + end);
    }
  }
  return literals;
}

class Floor {
 public:
  Floor() {
    std::vector<const char*> texts;
    std::vector<unsigned> flags;
    std::vector<unsigned> ids;
    std::vector<std::size_t> sizes;
    for (const std::string& literal : literals_) {
      texts.push_back(literal.data());
      flags.push_back(0);
      ids.push_back(static_cast<unsigned>(ids.size()));
      sizes.push_back(literal.size());
    }
    hs_compile_error_t* error = nullptr;
    Require(hs_compile_lit_multi(
                texts.data(), flags.data(), ids.data(), sizes.data(),
                static_cast<unsigned>(texts.size()), HS_MODE_STREAM, nullptr,
                &database_, &error) == HS_SUCCESS,
            "the literals do not compile");
    Require(hs_alloc_scratch(database_, &scratch_) == HS_SUCCESS, "no memory");
  }

  void Layer(View bytes, int depth) {
    Buffer decoded;
    if (depth < kDeepest && Decode(bytes, decoded)) {
      Layer(decoded.view(), depth + 1);
    } else if (depth == kDeepest || !Members(bytes, depth)) {
      Begin();
      Leaf(bytes);
      End();
    }
  }

  std::uint64_t leaf_bytes = 0;
  std::uint64_t matches = 0;

 private:
  static bool StartsWith(View bytes, std::string_view magic,
                         std::size_t at = 0) {
    return bytes.size() >= at + magic.size() &&
           std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
  }

  static bool Decode(View bytes, Buffer& out) {
    using namespace std::string_view_literals;
    if (StartsWith(bytes,
                   "\xFD"
                   "7zXZ\0"sv)) {
      return Xz(bytes, out);
    }
    if (StartsWith(bytes, "\x1F\x8B\x08"sv)) {
      return Gzip(bytes, out);
    }
    if (StartsWith(bytes, "\x28\xB5\x2F\xFD"sv)) {
      return Zstd(bytes, out);
    }
    return StartsWith(bytes, "BZh"sv) && Bzip2(bytes, out);
  }

  static bool Xz(View bytes, Buffer& out) {
    lzma_stream stream = LZMA_STREAM_INIT;
    Require(
        lzma_stream_decoder(&stream, UINT64_MAX, LZMA_CONCATENATED) == LZMA_OK,
        "no memory");
    stream.next_in = bytes.data();
    stream.avail_in = bytes.size();
    lzma_ret result = LZMA_OK;
    while (result == LZMA_OK) {
      stream.next_out = out.Room(kStep);
      stream.avail_out = kStep;
      result = lzma_code(&stream, LZMA_FINISH);
      out.Grow(kStep - stream.avail_out);
    }
    lzma_end(&stream);
    return result == LZMA_STREAM_END;
  }

  static bool Gzip(View bytes, Buffer& out) {
    inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    state.next_in = const_cast<std::uint8_t*>(bytes.data());
    state.avail_in = static_cast<std::uint32_t>(bytes.size());
    std::uint32_t count = 1;
    while (count > 0 && state.block_state != ISAL_BLOCK_FINISH) {
      state.next_out = out.Room(kStep);
      state.avail_out = kStep;
      const int result = isal_inflate(&state);
      count = result == ISAL_DECOMP_OK
                  ? static_cast<std::uint32_t>(kStep) - state.avail_out
                  : 0;
      out.Grow(count);
    }
    return state.block_state == ISAL_BLOCK_FINISH;
  }

  static bool Zstd(View bytes, Buffer& out) {
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 1;
    while (in.pos < in.size && ZSTD_isError(left) == 0) {
      ZSTD_outBuffer piece{out.Room(kStep), kStep, 0};
      left = ZSTD_decompressStream(context, &piece, &in);
      out.Grow(piece.pos);
    }
    ZSTD_freeDCtx(context);
    return left == 0;
  }

  static bool Bzip2(View bytes, Buffer& out) {
    bz_stream stream = {};
    Require(BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK, "no memory");
    stream.next_in = static_cast<char*>(
        static_cast<void*>(const_cast<std::uint8_t*>(bytes.data())));
    stream.avail_in = static_cast<unsigned>(bytes.size());
    int result = BZ_OK;
    std::size_t count = 1;
    while (count > 0 && result == BZ_OK) {
      stream.next_out = static_cast<char*>(static_cast<void*>(out.Room(kStep)));
      stream.avail_out = kStep;
      result = BZ2_bzDecompress(&stream);
      count = kStep - stream.avail_out;
      out.Grow(count);
    }
    BZ2_bzDecompressEnd(&stream);
    return result == BZ_STREAM_END;
  }

  static bool IsContainer(View bytes) {
    return StartsWith(bytes, "!<arch>\n") || StartsWith(bytes, "07070") ||
           StartsWith(bytes, "PK\x03\x04") || StartsWith(bytes, "ustar", 257);
  }

  // Whether a member must be held as a whole to be opened.
  static bool IsLayer(View head) {
    return StartsWith(head,
                      "\xFD"
                      "7zXZ") ||
           StartsWith(head, "\x1F\x8B\x08") ||
           StartsWith(head, "\x28\xB5\x2F\xFD") || StartsWith(head, "BZh") ||
           IsContainer(head);
  }

  bool Members(View bytes, int depth) {
    if (!IsContainer(bytes)) {
      return false;
    }
    archive* reader = archive_read_new();
    archive_read_support_format_ar(reader);
    archive_read_support_format_cpio(reader);
    archive_read_support_format_tar(reader);
    archive_read_support_format_zip(reader);
    bool opened = archive_read_open_memory(reader, bytes.data(),
                                           bytes.size()) == ARCHIVE_OK;
    archive_entry* entry = nullptr;
    while (opened && archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
      Member(reader, depth);
    }
    archive_read_free(reader);
    return opened;
  }

  void Member(archive* reader, int depth) {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    Buffer held;
    bool layer = false;
    bool first = true;
    while (archive_read_data_block(reader, &data, &size, &offset) ==
           ARCHIVE_OK) {
      const View piece(static_cast<const std::uint8_t*>(data), size);
      if (first) {
        layer = IsLayer(piece);
        Begin();
      }
      first = false;
      if (layer) {
        held.Append(piece);
      } else {
        Leaf(piece);
      }
    }
    if (layer) {
      Layer(held.view(), depth + 1);
    } else if (!first) {
      End();
    }
  }

  static int Count(unsigned /*id*/, unsigned long long /*from*/,
                   unsigned long long /*to*/, unsigned /*flags*/,
                   void* context) {
    ++*static_cast<std::uint64_t*>(context);
    return 0;
  }

  void Begin() {
    EVP_DigestInit_ex(digest_, EVP_sha256(), nullptr);
    if (stream_ != nullptr) {
      hs_reset_stream(stream_, 0, scratch_, nullptr, nullptr);
    } else {
      Require(hs_open_stream(database_, 0, &stream_) == HS_SUCCESS,
              "no memory");
    }
  }

  void Leaf(View bytes) {
    leaf_bytes += bytes.size();
    EVP_DigestUpdate(digest_, bytes.data(), bytes.size());
    while (!bytes.empty()) {
      const View piece = bytes.first(
          std::min<std::size_t>(bytes.size(), std::size_t{1} << 30U));
      hs_scan_stream(
          stream_,
          static_cast<const char*>(static_cast<const void*>(piece.data())),
          static_cast<unsigned>(piece.size()), 0, scratch_, Count, &matches);
      bytes = bytes.subspan(piece.size());
    }
  }

  void End() {
    std::uint8_t digest[EVP_MAX_MD_SIZE] = {};
    EVP_DigestFinal_ex(digest_, digest, nullptr);
  }

  std::vector<std::string> literals_ = Literals();
  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
  hs_stream_t* stream_ = nullptr;
  EVP_MD_CTX* digest_ = EVP_MD_CTX_new();
};

double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void PrintYaraRules() {
  int number = 0;
  for (const std::string& literal : Literals()) {
    std::printf("rule r%d { strings: $a = \"%s\" condition: $a }\n", number++,
                literal.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--yara") {
    PrintYaraRules();
    return 0;
  }
  for (int i = 1; i < argc; ++i) {
    const double start = CpuSeconds();
    Buffer bytes;
    std::FILE* file = std::fopen(argv[i], "rb");
    Require(file != nullptr, "an input cannot be opened");
    for (std::size_t count = 1; count > 0;) {
      count = std::fread(bytes.Room(kStep), 1, kStep, file);
      bytes.Grow(count);
    }
    std::fclose(file);
    Floor floor;
    floor.Layer(bytes.view(), 0);
    std::printf("%.3f %llu %llu %s\n", CpuSeconds() - start,
                static_cast<unsigned long long>(floor.leaf_bytes),
                static_cast<unsigned long long>(floor.matches), argv[i]);
  }
  return 0;
}
