#include "pose/error.h"

#include <gtest/gtest.h>

namespace pose {
namespace {

TEST(Error, ContextIsPutInFrontAndTheKindStays) {
  const Error error = Error::format("bad magic").with_context("reading a.weights");
  EXPECT_EQ(error.kind(), ErrorKind::kFormat);
  EXPECT_STREQ(error.what(), "reading a.weights: bad magic");
}

TEST(Error, CheckFailureIsInternal) {
  try {
    POSE_CHECK(1 == 2);
    FAIL() << "did not throw";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kInternal);
  }
}

}  // namespace
}  // namespace pose
