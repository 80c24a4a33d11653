#include "verifier/confine/frames.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

namespace assay::confine {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() {
    ::close(ends[0]);
    CloseWriter();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void CloseWriter() {
    if (ends[1] >= 0) {
      ::close(ends[1]);
      ends[1] = -1;
    }
  }
  std::array<int, 2> ends = {};
};

TEST(FramesTest, ComeInOrderHoweverTheyAreCut) {
  Pipe whole;
  FrameWriter writer(whole.ends[1]);
  writer.Send(FrameKind::kReady, {});
  writer.Send(FrameKind::kNode, AsBytes("node"));
  writer.Send(AsBytes("head"), AsBytes("content"));
  writer.Flush();
  std::array<std::uint8_t, 256> bytes = {};
  const ssize_t size = ::read(whole.ends[0], bytes.data(), bytes.size());
  ASSERT_GT(size, 0);
  std::string seen;
  Pipe piecewise;
  FrameReader reader;
  for (ssize_t i = 0; i < size; ++i) {
    ASSERT_EQ(
        ::write(piecewise.ends[1], &bytes[static_cast<std::size_t>(i)], 1), 1);
    ASSERT_TRUE(reader.Fill(piecewise.ends[0]));
    while (const auto frame = reader.Next()) {
      seen += std::to_string(static_cast<int>(frame->kind)) + ":" +
              std::string(AsText(frame->payload)) + " ";
    }
  }
  EXPECT_EQ(seen, "0: 4:node 6:head 5:content 7: ");
  piecewise.CloseWriter();
  EXPECT_FALSE(reader.Fill(piecewise.ends[0]));
  EXPECT_FALSE(reader.malformed());
}

TEST(FramesTest, LengthsAndKindsThatAreNoneEndTheStream) {
  for (const Bytes& head :
       {Bytes{0xFF, 0xFF, 0xFF, 0xFF, 4}, Bytes{1, 0, 0, 8, 4},
        Bytes{1, 0, 0, 0, 10, 9}, Bytes{0, 0, 0, 0, 0xFF}}) {
    Pipe pipe;
    ASSERT_EQ(::write(pipe.ends[1], head.data(), head.size()),
              static_cast<ssize_t>(head.size()));
    FrameReader reader;
    ASSERT_TRUE(reader.Fill(pipe.ends[0]));
    EXPECT_FALSE(reader.Next());
    EXPECT_TRUE(reader.malformed());
  }
}

}  // namespace
}  // namespace assay::confine
