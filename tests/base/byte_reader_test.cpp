#include "base/byte_reader.h"

#include <gtest/gtest.h>

#include <functional>

namespace pose {
namespace {

ByteReader reader_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), "FILE"};
}

std::string failure_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormat);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(ByteReader, TakesWhatIsThereAndNotAByteMore) {
  ByteReader in = reader_of("abcde");
  EXPECT_EQ(in.size(), 5u);
  EXPECT_EQ(in.text(2), "ab");
  EXPECT_EQ(in.position(), 2u);
  EXPECT_EQ(in.remaining(), 3u);
  EXPECT_EQ(failure_of([&] { in.take(4); }),
            "FILE, byte 2: needs 4 more bytes, but only 3 are left (truncated or damaged file?)");
  EXPECT_EQ(in.position(), 2u) << "a refused read takes nothing";
  EXPECT_EQ(in.text(3), "cde");
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_NO_THROW(in.take(0));
  EXPECT_NE(failure_of([&] { in.take(~std::uint64_t{0}); }).find("needs 18446744073709551615 more"),
            std::string::npos);
}

TEST(ByteReader, SeeksUpToTheEnd) {
  ByteReader in = reader_of("abc");
  in.seek(3);
  EXPECT_EQ(in.remaining(), 0u);
  in.seek(1);
  EXPECT_EQ(in.text(2), "bc");
  EXPECT_EQ(failure_of([&] { in.seek(4); }), "FILE, byte 3: points to byte 4, behind the end of 3 bytes");
}

TEST(ByteReader, NumbersAreLittleEndian) {
  ByteReader in = reader_of(std::string_view("\x01\x02\x03\x04\xfe\xff\x00\x00\x80\x3f", 10));
  EXPECT_EQ(in.read<std::uint32_t>(), 0x04030201u);
  EXPECT_EQ(in.read<std::int16_t>(), -2);
  EXPECT_EQ(in.read<float>(), 1.0f);
}

TEST(ByteReader, LinesEndAtALineFeedThatBelongsToNeither) {
  ByteReader in = reader_of("one\n\ntwo\nrest");
  EXPECT_EQ(in.line(), "one");
  EXPECT_EQ(in.line(), "");
  EXPECT_EQ(in.line(), "two");
  EXPECT_EQ(failure_of([&] { in.line(); }), "FILE, byte 9: a line without an end");
}

}  // namespace
}  // namespace pose
