#pragma once

// The real program on small pictures and small networks that the tests write themselves.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "graph/architectures.h"
#include "pose/image.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"
#include "support/torch_files.h"

namespace pose {

namespace fs = std::filesystem;
using nlohmann::json;

struct Outcome {
  int exit_code = -1;
  std::string out;  ///< standard output and error together
};

inline Outcome shell(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.out.append(buffer.data(), n);
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

inline ArchitectureSpec tiny_hrnet() {
  return {"",
          {{"width", {8}},
           {"stem", {16}},
           {"layer1_planes", {16}},
           {"layer1_blocks", {1}},
           {"modules", {1, 1, 1}},
           {"blocks", {1}}},
          64,
          64,
          17};
}

/// A folder with a tiny HRNet (seeded weights, old torch.save layout), a tiny YOLO and three photos.
class Cli : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    fs::create_directories(*folder_ / "models");
    fs::create_directories(*folder_ / "photos");
    write_models();
    for (int i = 0; i < 3; ++i) write_photo("photo" + std::to_string(i * 5) + ".png", 120 + 40 * i, 160);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static void write_photo(const std::string& name, int width, int height) {
    std::vector<std::uint8_t> bytes = test::seeded_picture(name, width, height);
    write_image(*folder_ / ("photos/" + name), cv::Mat(height, width, CV_8UC3, bytes.data()));
  }

  static void write_models() {
    test::write_legacy_pth(*folder_ / "models/tiny.pth",
                           test::saved_tensors(test::seeded_graph(build_hrnet(tiny_hrnet()), 1.0)));
    json card{{"card", 1},
              {"name", "tiny"},
              {"role", "pose"},
              {"architecture", "hrnet"},
              {"params",
               {{"width", 8},
                {"stem", 16},
                {"layer1_planes", 16},
                {"layer1_blocks", 1},
                {"modules", {1, 1, 1}},
                {"blocks", 1}}},
              {"input", {{"width", 64}, {"height", 64}}},
              {"output", {{"channels", 17}, {"width", 16}, {"height", 16}}},
              {"skeleton", "coco17"},
              {"crop", "affine"},
              {"decoder", "quarter-shift"},
              {"pose_nms", "oks"},
              {"description", "for tests"},
              {"weights", {{"file", "tiny.pth"}, {"sources", {"https://example.invalid/tiny.pth"}}}}};
    test::write_text(*folder_ / "models/tiny.json", card.dump());
    card["name"] = "gone";
    card["params"]["width"] = 12;
    card["weights"]["file"] = "gone.pth";
    test::write_text(*folder_ / "models/gone.json", card.dump());
    card["name"] = "wider";
    card["params"]["width"] = 16;
    card["weights"]["file"] = "tiny.pth";
    test::write_text(*folder_ / "models/wider.json", card.dump());
  }

  /// Runs the program with the test models; `out` is the name of its output folder.
  static Outcome pose(const std::string& arguments, const std::string& out = "out") {
    std::error_code ignored;
    fs::remove_all(*folder_ / out, ignored);
    return shell(std::string(POSE_PROGRAM) + " --threads 1 --models_dir " + path("models") +
                 " --pose_model tiny --detector whole-image --outdir " + path(out) + " " + arguments);
  }

  static json report(const std::string& out = "out") {
    return json::parse(test::read_text(*folder_ / (out + "/run.json")));
  }
  static json results(const std::string& out = "out") {
    return json::parse(test::read_text(*folder_ / (out + "/alphapose-results.json")));
  }
  static std::string path(const std::string& name) { return *folder_ / name; }

  static std::unique_ptr<test::TempFolder> folder_;
};

inline std::unique_ptr<test::TempFolder> Cli::folder_;

/// `pose` with the test models and `arguments`, as a shell writes it; nothing is removed before.
inline std::string call(const std::string& models, const std::string& arguments) {
  return std::string(POSE_PROGRAM) + " --threads 1 --models_dir " + models +
         " --pose_model tiny --detector whole-image " + arguments;
}

}  // namespace pose
