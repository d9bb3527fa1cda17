#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faults/program.h"
#include "pose/results.h"
#include "support/files.h"

namespace pose::test {

/// Photos, an output folder with the results of an earlier run, and the knowledge of what an undisturbed run
/// over it makes.
class RunFolder {
 public:
  RunFolder(const std::string& form, int photos);

  /// Puts the earlier results back, and nothing else.
  void restore() const;
  /// Leaves nothing.
  void clear() const;
  Program start(const std::optional<Fault>& fault, bool resume = false) const;
  /// Expects that the folder is as an undisturbed run makes it.
  void expect_whole() const;
  /// Expects that the folder is as `ended` may leave it after a fault of this kind, that `finish` gives the
  /// people of exactly the photos that were done, and that the same call again makes the folder whole.
  void expect_sound(const Ended& ended, const Fault& fault) const;

 private:
  /// Contents by name below the output folder; what no two runs share, times, left out of `run.json`.
  using Files = std::map<std::string, std::string>;
  using Records = std::vector<PhotoRecord>;

  Files contents() const;
  Records records_of(const std::string& journal) const;
  /// Expects that what was done of each photo is what the undisturbed run has of it.
  void expect_as_undisturbed(const Records& records) const;
  /// The text that records have in a form.
  std::string text_of(const Records& records, const std::string& form) const;
  void expect_results(const Ended& ended, const Fault& fault, const Files& files,
                      const Records& records) const;
  void expect_finish(const Records& records) const;

  TempFolder folder_;
  const std::string form_, out_ = folder_ / "out";
  std::vector<std::string> command_;
  Files earlier_bytes_;  ///< as they are
  Files before_, after_;
  std::map<std::string, std::string> done_;  ///< photo -> its line in the journal, without times and errors
};

}  // namespace pose::test
