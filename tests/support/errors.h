#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "pose/error.h"

namespace pose::test {

/// `call` throws an `Error` of this kind whose message has `part` in it.
inline void expect_error(ErrorKind kind, const std::string& part, const std::function<void()>& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

}  // namespace pose::test
