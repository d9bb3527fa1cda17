// What threads do to each other: a stop at any moment, a failure in any of them, a journal that several
// write. Worth most under the thread sanitizer (preset `tsan`).

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "pipeline/pipeline_fixture.h"
#include "pose/pipeline.h"
#include "results/journal_file.h"
#include "support/errors.h"

namespace pose {
namespace {

using test::Pipeline;

class PipelineThreads : public Pipeline {
 protected:
  PipelineThreads() {
    for (int i = 0; i < 24; ++i) add_photo("p" + std::to_string(i) + ".png", i % 3);
  }
};

TEST_F(PipelineThreads, WhateverAPhotosBytesThrowCostsThatPhoto) {
  photos_[7].read = [](const SourcePhoto&) -> PhotoBytes { throw 7; };
  const RunSummary summary = run();
  ASSERT_EQ(summary.failed.size(), 1u);
  EXPECT_EQ(summary.failed[0].name, "p7.png");
  EXPECT_EQ(summary.photos, 24u);
}

TEST_F(PipelineThreads, AFailureWhileComputingEndsReadingAndWriting) {
  detector_->fails = [&](const DetectorInput& input) { return std::stoi(input.name.substr(1)) >= 15; };
  test::expect_error(ErrorKind::kMemory, "three photos in a row", [&] { run(); });
  EXPECT_GE(finish_run(options_.output.outdir).photos, 2u);
}

TEST_F(PipelineThreads, AFailureWhileWritingEndsReadingAndComputing) {
  hooks_.on_photo = [](const PhotoRecord&, std::size_t done, std::size_t) {
    if (done == 5) throw Error::io("the terminal is gone");
  };
  test::expect_error(ErrorKind::kIo, "the terminal is gone", [&] { run(); });
  EXPECT_EQ(finish_run(options_.output.outdir).photos, 5u);
}

TEST_F(PipelineThreads, AJournalThatIsClosedMeanwhileEndsTheRun) {
  RunInfo info;
  info.photos = photos_.size();
  Journal journal(options_.output.outdir, info, true);
  hooks_.on_photo = [&](const PhotoRecord&, std::size_t done, std::size_t) {
    if (done == 3) std::thread([&] { conclude(journal, options_.output.outdir, false); }).join();
  };
  test::expect_error(ErrorKind::kUsage, "closed",
                     [&] { run_pipeline(photos_, models_, options_, journal, hooks_); });
  EXPECT_EQ(journal.count().photos, 3u);
  EXPECT_EQ(report()["images"].size(), 3u) << "what was there is written, though the run goes on";
}

TEST_F(PipelineThreads, AStopFromOutsideAtAnyMomentLeavesWholeRecords) {
  for (int wait = 0; wait < 20; ++wait) {
    std::atomic<bool> stop{false};
    hooks_.stop = &stop;
    std::thread outside([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(400 * wait));
      stop = true;
    });
    const RunSummary summary = run();
    outside.join();
    EXPECT_EQ(summary.interrupted, summary.photos < photos_.size());
    EXPECT_TRUE(summary.failed.empty());
  }
}

TEST(JournalThreads, LinesOfSeveralStayWhole) {
  constexpr std::size_t kThreads = 4, kEach = 50;
  const test::TempFolder folder;
  RunInfo info;
  info.photos = kThreads * kEach;
  Journal journal(folder.path(), info, false);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < kEach; ++i) {
        PhotoRecord photo;
        photo.index = t * kEach + i;
        photo.name = std::to_string(photo.index) + ".jpg";
        journal.append(photo);
        if (journal.sync_due() && i % 16 == 0) journal.sync();
        EXPECT_GT(journal.count().photos, i);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(journal.count().photos, kThreads * kEach);
  JournalReader reader(journal.path());
  std::set<std::size_t> seen;
  std::string line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_TRUE(begins_run(line));
  while (reader.next(line)) seen.insert(std::get<JournalRecord>(reader.parse(line)).photo.index);
  EXPECT_EQ(seen.size(), kThreads * kEach);
}

}  // namespace
}  // namespace pose
