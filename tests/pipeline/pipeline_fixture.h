#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pose/pipeline.h"
#include "support/fake_models.h"
#include "support/files.h"

namespace pose::test {

/// A run with fake networks in a folder of its own.
class Pipeline : public testing::Test {
 protected:
  Pipeline() {
    options_.output.outdir = folder_ / "out";
    std::filesystem::create_directories(options_.output.outdir);
  }

  void add_photo(const std::string& name, int people) {
    write_fake_photo(folder_ / name, people, static_cast<int>(photos_.size()));
    photos_.push_back({folder_ / name, name});
  }

  RunSummary run() {
    RunInfo info;
    info.form = options_.output.format;
    info.boxes_file = options_.output.outdir + "/boxes.json";
    info.photos = photos_.size();
    Journal journal(options_.output.outdir, info, true);
    const RunSummary summary = run_pipeline(photos_, models_, options_, journal, hooks_);
    conclude(journal, options_.output.outdir, !summary.interrupted);
    return summary;
  }

  nlohmann::json report() const {
    return nlohmann::json::parse(read_text(options_.output.outdir + "/run.json"));
  }
  std::string results() const { return read_text(options_.output.outdir + "/alphapose-results.json"); }

  TempFolder folder_;
  std::vector<SourcePhoto> photos_;
  FakeModels fakes_ = fake_models();
  Models& models_ = fakes_.models;
  FakeDetector* detector_ = fakes_.detector;
  FakeNetwork* network_ = fakes_.network;
  RunOptions options_;
  RunHooks hooks_;
};

}  // namespace pose::test
