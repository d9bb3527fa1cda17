#include "faults/run_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "results/journal_file.h"
#include "support/fake_models.h"

namespace pose::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kResults = "alphapose-results.json";
constexpr const char* kBoxes = "boxes.json";
constexpr const char* kReport = "run.json";

/// A photo's record without what differs from run to run.
std::string told(PhotoRecord photo) {
  photo.seconds = 0;
  photo.error.reset();
  return line_of(JournalRecord{photo, 0});
}

std::string without_times(const std::string& report) {
  json value = json::parse(report);
  for (json& image : value["images"]) image.erase("seconds");
  value["totals"].erase("seconds");
  return value.dump();
}

/// The names under which two folders hold something else.
std::string difference(std::map<std::string, std::string> some,
                       const std::map<std::string, std::string>& others) {
  some.insert(others.begin(), others.end());
  std::string names;
  for (const auto& [name, bytes] : some)
    if (const auto other = others.find(name); other == others.end() || other->second != bytes)
      names += name + " ";
  return names;
}

const char* reason_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kOpen: return "Too many open files";
    case FaultKind::kWrite: return "No space left on device";
    case FaultKind::kSync:
    case FaultKind::kRename: return "Input/output error";
    case FaultKind::kAllocate: return "not enough memory";
    case FaultKind::kForward: return "failed for three photos in a row";
  }
  return "";
}

}  // namespace

RunFolder::RunFolder(const std::string& form, int photos) : form_(form) {
  for (const char* name : {"earlier", "photos"}) fs::create_directories(folder_ / name);
  for (int i = 0; i < photos; ++i) {
    const std::string name = "/p" + std::to_string(i) + ".png";
    write_fake_photo((folder_ / "photos") + name, i * 7 % 4, i);
    if (i % 2 == 0) write_fake_photo((folder_ / "earlier") + name, 1 + i % 3, 100 + i);
  }
  const auto call = [&](const char* indir) -> std::vector<std::string> {
    return {"pose",       "--indir",      folder_ / indir,     "--outdir",   out_, "--format",    form,
            "--save_img", "--save_boxes", out_ + "/" + kBoxes, "--detbatch", "2",  "--posebatch", "3"};
  };
  command_ = call("earlier");
  EXPECT_EQ(start({}).wait().exit_code, 0);
  for (const auto& entry : fs::recursive_directory_iterator(out_))
    if (entry.is_regular_file())
      earlier_bytes_[fs::relative(entry.path(), out_).string()] = read_text(entry.path().string());
  before_ = contents();
  command_ = call("photos");
  EXPECT_EQ(start({}).wait().exit_code, 0);
  after_ = contents();
  for (const PhotoRecord& photo : records_of("journal.jsonl")) done_[photo.name] = told(photo);
  EXPECT_EQ(done_.size(), static_cast<std::size_t>(photos));
}

void RunFolder::restore() const {
  fs::remove_all(out_);
  for (const auto& [name, bytes] : earlier_bytes_) {
    fs::create_directories(fs::path(out_ + "/" + name).parent_path());
    write_text(out_ + "/" + name, bytes);
  }
}

void RunFolder::clear() const { fs::remove_all(out_); }

Program RunFolder::start(const std::optional<Fault>& fault, bool resume) const {
  std::vector<std::string> command = command_;
  if (resume) command.emplace_back("--resume");
  return Program(command, fault, folder_ / "log");
}

void RunFolder::expect_whole() const {
  EXPECT_EQ(difference(contents(), after_), "");
  EXPECT_EQ(records_of("journal.jsonl").size(), done_.size());
}

RunFolder::Files RunFolder::contents() const {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(out_)) {
    const std::string name = fs::relative(entry.path(), out_).string();
    if (!entry.is_regular_file() || name == kPartialJournal || name == kCompleteJournal) continue;
    const std::string bytes = read_text(entry.path().string());
    files[name] = name == kReport ? without_times(bytes) : bytes;
  }
  return files;
}

RunFolder::Records RunFolder::records_of(const std::string& journal) const {
  Records records;
  JournalReader reader(out_ + "/" + journal);
  for (std::string line; reader.next(line);) {
    const JournalLine parsed = reader.parse(line);
    if (std::holds_alternative<RunInfo>(parsed))
      records.clear();
    else
      records.push_back(std::get<JournalRecord>(parsed).photo);
  }
  return records;
}

void RunFolder::expect_as_undisturbed(const Records& records) const {
  for (const PhotoRecord& photo : records) {
    ASSERT_TRUE(done_.count(photo.name)) << photo.name;
    if (photo.ok() || !photo.people.empty())
      EXPECT_EQ(told(photo), done_.at(photo.name));
    else
      EXPECT_FALSE(std::string(photo.error->what()).empty());
  }
}

std::string RunFolder::text_of(const Records& records, const std::string& form) const {
  const TempFolder aside;
  const auto writer = result_form(form).write(aside / "text.json", skeleton("coco17"));
  for (const PhotoRecord& photo : records) writer->add(photo);
  writer->finish();
  return read_text(aside / "text.json");
}

void RunFolder::expect_results(const Ended& ended, const Fault& fault, const Files& files,
                               const Records& records) const {
  const bool killed = ended.signal != 0;
  const bool whole_run = records.size() == done_.size();
  std::size_t fresh = 0, stale = 0;
  for (const auto& [name, text] :
       Files{{kResults, text_of(records, form_)}, {kBoxes, text_of(records, "boxes")}}) {
    const bool is_new = whole_run && files.at(name) == text;
    EXPECT_TRUE(is_new || files.at(name) == before_.at(name)) << name << " is neither";
    ++(is_new ? fresh : stale);
  }
  const bool is_new = files.at(kReport) != before_.at(kReport);
  if (is_new) {
    EXPECT_EQ(json::parse(files.at(kReport))["totals"]["images"], done_.size());
  }
  ++(is_new ? fresh : stale);
  // Only between two renames there are files of both runs.
  if (!killed && fault.kind != FaultKind::kRename) {
    EXPECT_TRUE(fresh == 0 || stale == 0);
  }
  if (ended.exit_code == 0) {
    EXPECT_EQ(difference(files, after_), "");
  }
  if (ended.exit_code == 0 || ended.exit_code == 3) {
    EXPECT_EQ(stale, 0u);
  }
  const auto failed = std::count_if(records.begin(), records.end(), [](const auto& p) { return !p.ok(); });
  if (ended.exit_code == 3) {
    EXPECT_GT(failed, 0);
    EXPECT_EQ(json::parse(files.at(kReport))["totals"]["failed"], failed);
  }
  for (const auto& [name, bytes] : files) {
    if (name == kResults || name == kBoxes || name == kReport) continue;
    const auto old = before_.find(name), made = after_.find(name);
    if (killed && name.find(".tmp") != std::string::npos) continue;  // the next run takes it away
    EXPECT_TRUE((old != before_.end() && old->second == bytes) ||
                (made != after_.end() && made->second == bytes))
        << name << " is neither the earlier nor the new one";
  }
  for (const auto& [name, bytes] : before_) EXPECT_TRUE(files.count(name)) << name << " is lost";
}

void RunFolder::expect_finish(const Records& records) const {
  if (records.empty()) {  // what there is to finish is the earlier run
    finish_run(out_);
    const Files files = contents();
    for (const char* name : {kResults, kBoxes, kReport}) EXPECT_EQ(files.at(name), before_.at(name));
    return;
  }
  EXPECT_EQ(finish_run(out_).photos, records.size());
  EXPECT_EQ(read_text(out_ + "/" + kResults), text_of(records, form_));
  EXPECT_EQ(read_text(out_ + "/" + kBoxes), text_of(records, "boxes"));
}

void RunFolder::expect_sound(const Ended& ended, const Fault& fault) const {
  SCOPED_TRACE("the program said: " + ended.said);
  if (ended.signal == 0) {
    EXPECT_TRUE(ended.exit_code == 0 || ended.exit_code == 1 || ended.exit_code == 3) << ended.exit_code;
  }
  if (ended.exit_code == 1) {
    EXPECT_NE(ended.said.find(reason_of(fault.kind)), std::string::npos);
  }
  if (ended.exit_code == 3) {
    EXPECT_NE(ended.said.find("pose: failed: "), std::string::npos);
  }

  const bool partial = fs::exists(out_ + "/" + std::string(kPartialJournal));
  const bool untouched = !partial && read_text(out_ + "/journal.jsonl") == earlier_bytes_.at("journal.jsonl");
  EXPECT_FALSE(ended.exit_code == 0 && (partial || untouched));
  const Records records =
      untouched ? Records() : records_of(std::string(partial ? kPartialJournal : kCompleteJournal));
  // nlohmann::json's destructor needs memory and may not throw: what reads the journal at the end can die of
  // it.
  const bool died_in_json = fault.kind == FaultKind::kAllocate && records.size() == done_.size();
  if (!died_in_json || ended.signal != SIGABRT) {
    EXPECT_EQ(ended.signal, fault.shape == FaultShape::kKill ? SIGKILL : 0);
  }
  expect_as_undisturbed(records);
  expect_results(ended, fault, contents(), records);
  if (partial) expect_finish(records);
  if (ended.exit_code == 0) return;
  const Ended again = start({}).wait();
  EXPECT_EQ(again.exit_code, 0) << again.said;
  EXPECT_EQ(difference(contents(), after_), "") << "after the same call once more";
}

}  // namespace pose::test
