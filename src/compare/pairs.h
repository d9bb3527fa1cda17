#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "pose/results.h"

namespace pose {

/// What belongs together on two sides, and what is on one side alone. Positions count from 0.
struct Pairs {
  std::vector<std::pair<std::size_t, std::size_t>> both;
  std::vector<std::size_t> only_a, only_b;
};

/// Photos by name, by COCO's number, by the name without folders, and without its ending: the first of these
/// that one photo of B alone has. Source: src/compare/README.md, 1.
Pairs pair_photos(const std::vector<PhotoPeople>& a, const std::vector<PhotoPeople>& b);

/// People of one photo, the most similar first; `skeleton` has their joints. Source:
/// src/compare/README.md, 2.
Pairs pair_people(const std::vector<Person>& a, const std::vector<Person>& b, const Skeleton& skeleton);

/// The square root of the area of the person's box, or of what the joints span; at least a pixel.
double size_of(const Person& person);

}  // namespace pose
