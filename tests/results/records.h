#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "pose/results.h"

namespace pose::test {

/// Records made of random numbers, the same for the same seed: with and without people, some failed.
class RandomRecords {
 public:
  explicit RandomRecords(unsigned seed) : random_(seed) {}

  PhotoRecord record(std::size_t index, const std::string& name) {
    PhotoRecord photo;
    photo.index = index;
    photo.name = name;
    photo.path = "photos/" + name;
    photo.file = {static_cast<std::int64_t>(random_() % 100'000),
                  static_cast<std::int64_t>(random_()) * 1'000'003};
    photo.size = {static_cast<int>(random_() % 4000 + 1), static_cast<int>(random_() % 4000 + 1)};
    photo.seconds = number() / 7;
    const std::size_t people = random_() % 4;
    const bool from_file = random_() % 2 == 0;
    for (std::size_t i = 0; i < people; ++i) photo.boxes.push_back(detection());
    if (from_file)
      for (Detection& d : photo.boxes) {
        d.given = Rect{number() / 3.0, number() / 3.0, std::abs(number()) / 3.0, 1 / 3.0};
        d.box = d.given->corners();
      }
    for (std::size_t i = 0; i < people; ++i)
      photo.people.push_back(person(photo.boxes[i], static_cast<int>(i)));
    return photo;
  }

  /// Between -1000 and 1000, as f32.
  float number() { return std::uniform_real_distribution<float>(-1000, 1000)(random_); }

 private:
  Detection detection() {
    const float x = number(), y = number();
    return {{x, y, x + std::abs(number()), y + std::abs(number())},
            number() / 1000,
            number() / 1000,
            static_cast<int>(random_() % 80)};
  }

  Person person(const Detection& box, int index) {
    Person person;
    person.detection = box;
    person.index = index;
    person.merged = {index, index + 3};
    person.score = double{number()} / 3;
    person.area = std::abs(double{number()}) / 3;
    if (random_() % 2 == 0) person.center_scale = {number(), number(), number(), number()};
    for (int k = 0; k < 17; ++k) person.joints.push_back({number(), number(), number() / 1000});
    return person;
  }

  std::mt19937 random_;
};

inline void expect_same(const Detection& a, const Detection& b) {
  EXPECT_EQ(a.box.x1, b.box.x1);
  EXPECT_EQ(a.box.y1, b.box.y1);
  EXPECT_EQ(a.box.x2, b.box.x2);
  EXPECT_EQ(a.box.y2, b.box.y2);
  EXPECT_EQ(a.score, b.score);
  EXPECT_EQ(a.rect().x, b.rect().x);
  EXPECT_EQ(a.rect().y, b.rect().y);
  EXPECT_EQ(a.rect().width, b.rect().width);
  EXPECT_EQ(a.rect().height, b.rect().height);
}

inline void expect_same_joints(const Person& a, const Person& b) {
  ASSERT_EQ(a.joints.size(), b.joints.size());
  for (std::size_t k = 0; k < a.joints.size(); ++k) {
    EXPECT_EQ(a.joints[k].x, b.joints[k].x);
    EXPECT_EQ(a.joints[k].y, b.joints[k].y);
    EXPECT_EQ(a.joints[k].score, b.joints[k].score);
  }
}

}  // namespace pose::test
