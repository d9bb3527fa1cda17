#include "support/heatmaps.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/seeded.h"

namespace pose::test {

using nlohmann::json;

Blob alphapose_heatmaps(const json& person, const std::string& case_name, int person_index, double noise) {
  constexpr int kJoints = 17, kHeight = 80, kWidth = 64;
  Blob maps({kJoints, kHeight, kWidth});
  for (int j = 0; j < kJoints; ++j) {
    const json& joint = person["joints"][static_cast<std::size_t>(j)];
    const std::vector<double> u = seeded_uniform(
        "alphapose.decode." + case_name + "." + std::to_string(person_index) + "." + std::to_string(j),
        kHeight * kWidth);
    float* map = maps[j].data();
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        double value = joint.value("base", 0.0);
        for (const json& b : joint.value("bumps", json::array())) {
          const double dx = x - b[0].get<double>(), dy = y - b[1].get<double>(), sigma = b[3];
          value += b[2].get<double>() * std::exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
        }
        value += noise * (u[static_cast<std::size_t>(kWidth * y + x)] - 0.5);
        map[kWidth * y + x] = static_cast<float>(value);
      }
    }
    for (const json& p : joint.value("points", json::array()))
      map[kWidth * p[1].get<int>() + p[0].get<int>()] = p[2].get<float>();
  }
  return maps;
}

Blob hrnet_heatmaps(const json& description) {
  const auto shape = description["shape"].get<std::vector<std::int64_t>>();
  Blob maps(shape);
  const auto height = static_cast<int>(shape[1]), width = static_cast<int>(shape[2]);
  const std::vector<double> u = seeded_uniform(description["noise_key"].get<std::string>(), maps.elements());
  for (std::int64_t j = 0; j < shape[0]; ++j) {
    const json& joint = description["joints"][static_cast<std::size_t>(j)];
    float* map = maps[j].data();
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        double value = 0;
        for (const json& b : joint.value("bumps", json::array())) {
          const double dx = x - b[1].get<double>(), dy = y - b[2].get<double>(), sigma = b[3];
          value += b[0].get<double>() * std::exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
        }
        const std::size_t flat = static_cast<std::size_t>((j * height + y) * width + x);
        value += joint.value("noise", 0.0) * (2 * u[flat] - 1) + joint.value("offset", 0.0);
        map[width * y + x] = static_cast<float>(value);
      }
    }
    for (const json& p : joint.value("points", json::array()))
      map[width * p[1].get<int>() + p[0].get<int>()] = p[2].get<float>();
  }
  return maps;
}

}  // namespace pose::test
