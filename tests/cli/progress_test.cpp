#include "cli/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

namespace pose {
namespace {

using nlohmann::json;

PhotoRecord photo_of(std::size_t people) {
  PhotoRecord photo;
  photo.people.resize(people);
  return photo;
}

TEST(State, InWords) {
  EXPECT_EQ(state_text({1000, 120, 300, 2, 0, 0, 12.5}),
            "120 of 1000 images, 9.6 images/s, 24.0 people/s, 2 failed, 1:32 left");
  EXPECT_EQ(state_text({1000, 120, 300, 0, 100, 250, 40}),
            "120 of 1000 images, 0.50 images/s, 1.2 people/s, 29:20 left")
      << "rates are of what was done now";
  EXPECT_EQ(state_text({1, 0, 0, 0, 0, 0, 3}), "0 of 1 image, 0.00 images/s, 0.0 people/s")
      << "nobody knows yet";
}

TEST(State, AsJson) {
  const json state = json::parse(state_json({1000, 120, 300, 2, 20, 100, 12.5}));
  EXPECT_EQ(state, json::parse(R"({"done": 120, "total": 1000, "people": 300, "failed": 2, "seconds": 12.5,
    "images_per_second": 8.0, "people_per_second": 16.0, "seconds_left": 110.0})"));
  EXPECT_TRUE(json::parse(state_json({10, 4, 0, 0, 4, 0, 1})).at("seconds_left").is_null());
}

TEST(ProgressForms, CountWhatWasDoneBeforeAndFailures) {
  testing::internal::CaptureStderr();
  Progress progress(ProgressForm::kJson);
  progress.begin(10, {3, 1, 7});
  progress.update(photo_of(2));
  PhotoRecord failed = photo_of(0);
  failed.error = Error::io("away");
  progress.update(failed);
  progress.tick();  // no second is over
  progress.end();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.find('\n'), said.size() - 1) << "one line: " << said;
  const json state = json::parse(said);
  EXPECT_EQ(state["done"], 5);
  EXPECT_EQ(state["people"], 9);
  EXPECT_EQ(state["failed"], 2);
}

TEST(ProgressForms, JsonComesOnceASecond) {
  testing::internal::CaptureStderr();
  Progress progress(ProgressForm::kJson);
  progress.begin(10, {});
  for (int i = 0; i < 24; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    progress.tick();
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
}

TEST(ProgressForms, TheBarShowsTheStateAndGoesAway) {
  testing::internal::CaptureStderr();
  {
    Progress progress(ProgressForm::kBar);
    progress.begin(2, {});
    progress.update(photo_of(1));
    progress.message("a word");
    progress.update(photo_of(1));
    progress.end();
    progress.print_state();
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("[##############..............] 1 of 2 images"), std::string::npos) << said;
  EXPECT_NE(said.find("\r\033[Kpose: a word\n"), std::string::npos) << said;
  EXPECT_NE(said.find("] 2 of 2 images"), std::string::npos) << said;
  EXPECT_NE(said.find("\r\033[Kpose: 2 of 2 images"), std::string::npos) << said;
}

}  // namespace
}  // namespace pose
