#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pose/error.h"
#include "pose/image.h"
#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

/// What became of one photo.
struct PhotoResult {
  std::string path;            ///< where it was read from
  std::string name;            ///< as written in results: relative, '/'-separated, unique in the run
  Size size;                   ///< upright; 0x0 if it could not be read
  std::vector<Person> people;  ///< ranked
  double seconds = 0;          ///< work spent on this photo in all stages
  std::optional<Error> error;  ///< why it failed, if it did

  bool ok() const { return !error.has_value(); }
};

}  // namespace pose
