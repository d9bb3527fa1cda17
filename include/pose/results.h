#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pose/box.h"
#include "pose/error.h"
#include "pose/file_stamp.h"
#include "pose/person.h"
#include "pose/skeleton.h"

namespace pose {

// What a run knows, and the files that hold it. See src/results/README.md.

/// All that a run knows of one photo: one line of the journal, and what every result file is made of.
struct PhotoRecord {
  std::size_t index = 0;         ///< position in the run
  std::string path;              ///< where it was read from
  std::string name;              ///< as written in results: relative, '/'-separated, unique in the run
  FileStamp file;                ///< of what was read
  Size size;                     ///< upright, pixels; 0x0 if it could not be read
  std::vector<Detection> boxes;  ///< everybody whom the detector found
  std::vector<Person> people;    ///< ranked, after pose NMS
  double seconds = 0;            ///< work spent on this photo in all stages
  std::string warning;           ///< what is odd about a photo that was done; "" for most
  /// Why it failed, if it did. A photo whose picture alone could not be written has people all the same.
  std::optional<Error> error;

  bool ok() const { return !error.has_value(); }
};

/// Whether all numbers of a record are numbers: JSON has no others.
bool is_finite(const PhotoRecord& photo);

/// A model of a run, as results name it.
struct ModelInfo {
  std::string role, name, weights, sha256;
};

/// One option of a run and its value.
struct Setting {
  std::string name;
  std::string value;           ///< as text; numbers and truth values stand bare in run.json
  bool shapes_results = true;  ///< false for those that change no number: where, how fast, how loud
  bool shapes_files = false;   ///< whether files per photo depend on it; known of this process's run alone
};

/// What a run is: the first line of its journal.
struct RunInfo {
  std::string version;            ///< of pose
  std::vector<Setting> settings;  ///< in the order to be written
  std::vector<ModelInfo> models;
  std::string skeleton = "coco17";  ///< row of the table of skeletons
  std::string form = "coco";        ///< row of the table of forms, for the people
  std::string boxes_file;           ///< absolute path for the boxes, or ""
  std::size_t photos = 0;           ///< that are to be done
  std::size_t whole = 0;            ///< of a shard: photos of all shards together; else 0
  double seconds_before = 0;        ///< that earlier runs took whose records were taken over
  std::string note;                 ///< what whoever compares results should know, or ""

  /// Photos have places from 0 to this.
  std::size_t places() const { return whole > 0 ? whole : photos; }
};

/// The value of an option in a run, "" if it has none of this name.
std::string setting(const RunInfo& run, std::string_view name);

/// The first thing in which two runs differ that changes results, or with `files` also files per photo, as
/// "--conf was '0.5' and is '0.6'"; "" if nothing does.
std::string difference(const RunInfo& before, const RunInfo& now, bool files);

struct EarlierRun;

/// What a journal holds.
struct JournalCount {
  std::size_t photos = 0, failed = 0, people = 0;
};

/// The record of a run in the making: `OUTDIR/journal.partial.jsonl`, one line per photo, so that whatever
/// ends the run leaves what was finished. It is `OUTDIR/journal.jsonl` once the run is complete. Safe from
/// any thread.
class Journal {
 public:
  /// Takes the folder for this run until the object or the process is gone. An unfinished journal of the same
  /// run is gone on with; `overwrite` gives up one of any other. Throws `kUsage` if another process works in
  /// `outdir` or the folder holds an unfinished run of other options, `kIo`, `kFormat` (a journal that is
  /// none).
  Journal(const std::string& outdir, RunInfo run, bool overwrite);
  ~Journal();

  const std::string& path() const;
  const RunInfo& run() const;
  /// Of this run: what was kept and what was appended.
  JournalCount count() const;

  /// Photos that the unfinished run found in the folder had done; 0 if there is none or it was given up.
  std::size_t unfinished() const;
  /// Where in this run a photo stands whose record is as good as new; nothing for one to be done again.
  using PlaceOf = std::function<std::optional<std::size_t>(const PhotoRecord&)>;
  /// Goes on with the unfinished run in the folder, else with the complete one, else begins: keeps what
  /// `place_of` places, of several records of a photo the last. To be called before anything is appended.
  /// Throws `kUsage` with the option or model in which that run differs, `kIo`, `kFormat`.
  void resume(const PlaceOf& place_of);
  /// Keeps records of several runs, which the caller has found fit: they become one. Otherwise as `resume`.
  void take_over(const std::vector<EarlierRun>& runs);
  /// Whether the photo at this place of the run was kept by `resume`.
  bool keeps(std::size_t place) const;
  /// Photos among them that failed, for reasons that stay.
  const std::vector<PhotoRecord>& kept_failures() const;

  /// Writes what the run is, unless the first record has done so.
  void begin();
  /// Adds one line, which a crash of the process cannot take back. Throws `kIo`, `kUsage` after `close`.
  void append(const PhotoRecord& photo);
  /// Seconds until `sync` should be called, so that not even a power cut takes more than two seconds of work.
  /// Nothing if all is on the disk.
  std::optional<double> sync_due() const;
  void sync();
  /// Refuses what is appended from now on.
  void close();
  /// The run is complete: takes the name that says so, in place of an earlier run's journal.
  void complete();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// How much of a journal: a run that was broken off and started again has several beginnings in it.
enum class JournalPart {
  kLastRun,  ///< the records since the last beginning
  kAllRuns,  ///< the last record of every photo; one that failed does not replace one that was done
};

/// Makes the result files of a run from its journal: people, boxes and run.json, each whole or not at all,
/// and none before all are written. Records are streamed: memory does not grow with people. Throws `kIo`,
/// `kFormat` with file and line.
JournalCount make_results(const std::string& journal, const std::string& outdir, JournalPart part);

/// Whether `outdir` holds result files of a run that came to its end.
bool has_complete_results(const std::string& outdir);

/// How the end of a run was.
struct Conclusion {
  JournalCount count;         ///< of this run
  bool made_results = false;  ///< false: earlier results of a complete run stay as they are
};

/// The end of a run: no more records, and result files are made. A run that is not `complete` never replaces
/// the results of one that was; its journal stays, for `make_results` when somebody asks for it.
Conclusion conclude(Journal& journal, const std::string& outdir, bool complete);

/// Makes the result files of what the journal in `outdir` holds, of a run that was broken off or of a
/// complete one. Throws `kNotFound` if there is no journal with a photo in it, `kUsage` if a run is at work
/// there, and like `make_results`.
JournalCount finish_run(const std::string& outdir);

/// Checks before a run that its result files can be written: folders, permissions, a skeleton that the form
/// can hold. Throws `kIo`, `kUsage`.
void check_places(const RunInfo& run, const std::string& outdir);

/// Writes records as a file of some form while they stream by: memory stays flat, and the file appears whole,
/// in `publish`. Records must be added in their final order. All functions throw `kIo`.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual void add(const PhotoRecord& photo) = 0;
  /// Writes the end and waits for the disk: a full one is found out here, while the earlier file stands.
  virtual void seal() = 0;
  /// Renames into place, after `seal`. Without it nothing but the temporary file's removal happens.
  virtual void publish() = 0;
  void finish() {
    seal();
    publish();
  }
};

/// What a file of results says of one photo.
struct PhotoPeople {
  std::string name;                    ///< "" where the form has numbers
  std::optional<std::int64_t> number;  ///< COCO's number of an image
  Size size;                           ///< pixels; 0x0 where the form does not say
  /// As far as the form holds them: a box alone is a person without joints, joints alone have an empty box.
  std::vector<Person> people;
  std::vector<Person> crowds;  ///< regions of people that nobody counted (`iscrowd`)
};

/// A file or folder of results, read.
struct Results {
  std::string form;  ///< row of the table of forms
  /// Row of the table of skeletons; "" if there is none with these joints, or nobody has any.
  std::string skeleton;
  std::vector<std::string> joint_names;  ///< the file's own, else the skeleton's; may be empty
  std::vector<std::pair<int, int>> limbs;
  /// Whether the third number of a joint is COCO's visibility, not a score: 0 not labelled, 1 hidden, 2
  /// visible.
  bool visibility = false;
  bool in_shares = false;           ///< of the photos' sides, not pixels: never what `read_results` gives
  std::vector<PhotoPeople> photos;  ///< in the order of the file; of a folder, in the order of the names
};

/// Reads results that any program wrote, in each form of the table (src/results/README.md, 8): a file, also
/// compressed by gzip, JSON Lines of the entries of a list, a folder with a run's results in it, or a folder
/// of files with one photo each. The form is known by the content. All people have equally many joints.
/// `photos` is the folder of the photos, or "": names that are parts of theirs are made whole, and sizes that
/// the results do not have are theirs. Throws `kNotFound`, `kIo`, `kFormat` with the place in the file,
/// `kUnsupported` for files above 1 GB.
Results read_results(const std::string& path, const std::string& photos = "");

/// What a form has a place for.
enum Holds : unsigned {
  kJoints = 1,
  kJointScores = 2,
  kVisibility = 4,  ///< of joints, in the place of a score
  kPersonScores = 8,
  kBoxes = 16,
  kTracks = 32,   ///< numbers of people over photos
  kNames = 64,    ///< of photos
  kNobody = 128,  ///< photos with nobody on them
  kCrowds = 256,
  kBoxesAlone = 512,  ///< people without joints
  kMixed = 1024       ///< those beside people with joints
};

/// One row of the table of forms: a way to write people, and to read them back.
struct ResultForm {
  std::string_view name;
  std::string_view help;
  bool one_photo;  ///< a file is of one photo, and called like it where it does not say
  unsigned holds;  ///< of `Holds`
  /// Whether `document` looks like this form. Never throws. Null for forms that are no JSON.
  bool (*recognise)(const nlohmann::json& document);
  /// The people of a document, photos in the order of their first appearance. `file` is the name for
  /// messages. Throws `kFormat` with the place in the JSON.
  Results (*read)(const nlohmann::json& document, const std::string& file);
  /// Makes a writer of the file `path`; forms of several files put the others beside it. Null for forms that
  /// a run does not write. Throws `kIo` if it cannot be written, `kUsage` if the skeleton does not fit.
  std::unique_ptr<ResultWriter> (*write)(const std::string& path, const Skeleton& skeleton);
  /// "" if a photo of this name can stand in results of this form; otherwise why not.
  std::string (*name_fault)(const std::string& name);
  /// Writes results as a whole, where `write` does not: to the file `path`, or into the folder.
  void (*convert)(const Results& results, const std::string& path) = nullptr;
  /// The skeleton that results must be brought to, or ""; null if any will do.
  std::string (*skeleton_for)(const Results& results) = nullptr;
  /// As `recognise` and `read`, for texts.
  bool (*recognise_text)(std::string_view text) = nullptr;
  Results (*read_text)(std::string_view text, const std::string& file) = nullptr;
};

/// What came of a conversion.
struct ConvertedResults {
  std::size_t photos = 0, people = 0;
  std::vector<std::string> left_out;  ///< kinds of things that the form has no place for, in words
};

/// Writes results as the form of that name: to the file `path`, or a file per photo into the folder `path`.
/// `skeleton` is what the joints are brought to, "" as far as the form needs it. Throws `kUsage` (names,
/// photos that the form cannot hold), `kMismatch` (joints that cannot be brought to the skeleton), `kIo`.
ConvertedResults convert_results(Results results, const std::string& path, const std::string& form,
                                 const std::string& skeleton = "");

/// The table of forms, in the order in which a document is tried.
const std::vector<ResultForm>& result_forms();

/// A row that a run writes, by its name. Throws `kUsage` with the nearest name.
const ResultForm& result_form(std::string_view name);

/// The row that recognises `document`, or null.
const ResultForm* recognise_form(const nlohmann::json& document);

}  // namespace pose
