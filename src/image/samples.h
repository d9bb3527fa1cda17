#pragma once

#include <string>
#include <vector>

#include "pose/image.h"

namespace pose {

/// A kind of picture file, and whether this program reads it on this machine.
struct PictureKind {
  std::string name;   ///< "JPEG"
  std::string fault;  ///< why not; "" if it does
};

/// Reads a small file of each kind, which the program brings.
std::vector<PictureKind> picture_kinds();

/// A small photo with one person, 112 x 112 pixels: the nose is at 48, 27.
DecodedImage photo_of_a_person();

}  // namespace pose
