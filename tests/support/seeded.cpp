#include "support/seeded.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace pose::test {
namespace {

std::uint64_t fnv1a64(std::string_view text) {
  std::uint64_t h = 14695981039346656037ULL;
  for (const char c : text) h = (h ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
  return h;
}

double uniform_at(std::uint64_t h, std::uint64_t i) {
  std::uint64_t z = h + (i + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z = z ^ (z >> 31);
  return static_cast<double>(z >> 40) / 16777216.0;
}

std::int64_t product(const std::vector<std::int64_t>& shape) {
  std::int64_t n = 1;
  for (const auto d : shape) n *= d;
  return n;
}

}  // namespace

std::vector<double> seeded_uniform(std::string_view key, std::int64_t count) {
  const std::uint64_t h = fnv1a64(key);
  std::vector<double> u(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < u.size(); ++i) u[i] = uniform_at(h, i);
  return u;
}

std::vector<float> seeded_tensor(std::string_view key, const std::vector<std::int64_t>& shape, double gain,
                                 bool transposed) {
  const std::string_view kind = key.substr(key.rfind('.') + 1);
  const std::int64_t count = product(shape);
  std::vector<float> values(static_cast<std::size_t>(count), 0.0f);
  if (kind == "num_batches_tracked") return values;
  double factor = 0, offset = 0;
  if (kind == "weight" && shape.size() >= 2) {
    const double fan_in = static_cast<double>(count) / static_cast<double>(shape[transposed ? 1 : 0]);
    factor = std::sqrt(3.0 * gain / fan_in);
  } else if (kind == "bias" || kind == "running_mean") {
    factor = 0.1;
  } else if (kind == "weight" || kind == "running_var") {
    offset = 0.75;
  } else {
    throw std::invalid_argument("no rule for tensor " + std::string(key));
  }
  const std::uint64_t h = fnv1a64(key);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double u = uniform_at(h, i);
    values[i] = static_cast<float>(offset > 0 ? offset + 0.5 * u : (2.0 * u - 1.0) * factor);
  }
  return values;
}

Blob seeded_blob(std::string_view key, const std::vector<std::int64_t>& shape, double lo, double hi) {
  const std::uint64_t h = fnv1a64(key);
  Blob blob(shape);
  for (std::int64_t i = 0; i < blob.elements(); ++i)
    blob.data()[i] = static_cast<float>(lo + (hi - lo) * uniform_at(h, static_cast<std::uint64_t>(i)));
  return blob;
}

std::vector<std::uint8_t> seeded_picture(std::string_view key, int width, int height) {
  const std::uint64_t h = fnv1a64(key);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(width) * height * 3);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(
        std::floor(256.0 * static_cast<double>(static_cast<float>(uniform_at(h, i)))));
  return bytes;
}

}  // namespace pose::test
