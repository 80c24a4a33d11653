#include "verifier/confine/broker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace assay::confine {
namespace {

constexpr std::uint8_t kFile = 1;
constexpr std::uint8_t kSpill = 2;
// Smaller files are read at once: a thousand open ones would be too many.
constexpr std::uint64_t kSmall = 64U << 10U;

enum class Status : std::uint8_t { kDescriptor, kInMemory, kError };

struct Request {
  std::uint8_t what = 0;
  std::uint64_t index = 0;
};

struct Reply {
  Status status = Status::kError;
  ErrorCode code = ErrorCode::kUnreadable;
  int error = 0;
  std::uint64_t size = 0;
  std::uint64_t length = 0;  // of the text
  std::array<char, 1024> text = {};
};

// Room for one descriptor beside a message.
struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes = {};
};

template <typename T>
bool Receive(int socket, T& message, int* descriptor) {
  iovec piece = {&message, sizeof(message)};
  Control control;
  msghdr header = {};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  if (descriptor != nullptr) {
    header.msg_control = control.bytes.data();
    header.msg_controllen = control.bytes.size();
  }
  ssize_t count = 0;
  do {
    count = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  const cmsghdr* sent = CMSG_FIRSTHDR(&header);
  if (descriptor != nullptr && sent != nullptr &&
      sent->cmsg_type == SCM_RIGHTS) {
    std::memcpy(descriptor, CMSG_DATA(sent), sizeof(int));
  }
  return count == sizeof(message);
}

template <typename T>
bool Send(int socket, T& message, int descriptor) {
  iovec piece = {&message, sizeof(message)};
  Control control;
  msghdr header = {};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  if (descriptor >= 0) {
    header.msg_control = control.bytes.data();
    header.msg_controllen = control.bytes.size();
    cmsghdr* sent = CMSG_FIRSTHDR(&header);
    sent->cmsg_level = SOL_SOCKET;
    sent->cmsg_type = SCM_RIGHTS;
    sent->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(sent), &descriptor, sizeof(int));
  }
  return ::sendmsg(socket, &header, MSG_NOSIGNAL) == sizeof(message);
}

bool SendFile(int socket, const unpack::ProductFile& file) {
  Reply reply;
  const auto content = file.open();
  if (!content) {
    reply.code = content.error().code;
    const std::string& what = content.error().what;
    reply.length = std::min(what.size(), reply.text.size());
    std::copy_n(what.begin(), reply.length, reply.text.begin());
    return Send(socket, reply, -1);
  }
  const int descriptor = content->descriptor();
  reply.size = content->size();
  reply.status = descriptor >= 0 ? Status::kDescriptor : Status::kInMemory;
  return Send(socket, reply, descriptor);
}

bool SendSpill(int socket) {
  const int spill = OpenSpillFile();
  Reply reply{.status = spill >= 0 ? Status::kDescriptor : Status::kError,
              .error = errno};
  const bool sent = Send(socket, reply, spill);
  if (spill >= 0) {
    ::close(spill);
  }
  return sent;
}

Result<ByteSource> ReadSmall(int descriptor, std::uint64_t size,
                             const std::string& name) {
  Bytes bytes(static_cast<std::size_t>(size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t count =
        ::pread64(descriptor, bytes.data() + have, bytes.size() - have,
                  static_cast<off64_t>(have));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      break;
    }
    have += static_cast<std::size_t>(count);
  }
  ::close(descriptor);
  if (have < bytes.size()) {
    return Fail(ErrorCode::kUnreadable, name + ": cannot be read");
  }
  return ByteSource::Own(std::move(bytes));
}

}  // namespace

struct BrokerClient::Answer {
  Reply reply = {};
  int descriptor = -1;
};

BrokerClient::Answer BrokerClient::Ask(std::uint8_t what, std::uint64_t index) {
  const std::lock_guard lock(mutex_);
  Request request{what, index};
  Answer answer;
  if (!Send(socket_, request, -1) ||
      !Receive(socket_, answer.reply, &answer.descriptor)) {
    ::_exit(1);  // the parent is gone
  }
  return answer;
}

Result<ByteSource> BrokerClient::OpenFile(std::size_t index,
                                          const unpack::ProductFile& own) {
  const Answer answer = Ask(kFile, index);
  const Reply& reply = answer.reply;
  if (reply.status == Status::kInMemory) {
    // An empty file has no mapping, and so no descriptor to send.
    return reply.size == 0 ? ByteSource() : own.open();
  }
  if (reply.status == Status::kError || answer.descriptor < 0) {
    return Fail(reply.code, std::string(reply.text.data(), reply.length));
  }
  return reply.size <= kSmall
             ? ReadSmall(answer.descriptor, reply.size, own.name)
             : ByteSource::MapDescriptor(answer.descriptor, reply.size,
                                         own.name);
}

int BrokerClient::OpenSpill() {
  const Answer answer = Ask(kSpill, 0);
  errno = answer.reply.error;
  return answer.descriptor;
}

bool Answer(int socket, const unpack::Product& product) {
  Request request;
  if (!Receive(socket, request, nullptr)) {
    return false;
  }
  if (request.what == kFile && request.index < product.files.size()) {
    return SendFile(socket,
                    product.files[static_cast<std::size_t>(request.index)]);
  }
  return request.what == kSpill && SendSpill(socket);
}

}  // namespace assay::confine
