#include "cli/get_weights.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "cli/download.h"
#include "cli/terminal.h"
#include "pose/error.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 64;

std::string megabytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

bool is_known(const WeightSource& source) { return source.bytes >= 0 || !source.sha256.empty(); }

/// What the card says of its files, each once.
std::vector<WeightSource> known_files(const ModelCard& card) {
  std::vector<WeightSource> all = card.sources, files;
  all.insert(all.begin(), {card.weights, card.weights_bytes, card.weights_sha256, card.license, ""});
  for (const WeightSource& source : all) {
    const bool is_new = std::none_of(files.begin(), files.end(), [&](const WeightSource& file) {
      return file.bytes == source.bytes && file.sha256 == source.sha256;
    });
    if (is_new && is_known(source)) files.push_back(source);
  }
  return files;
}

/// "" if the file is what the source says; otherwise what is wrong with it.
std::string fault_of(const WeightSource& source, const std::string& path, const std::string& hash) {
  const auto size = static_cast<std::int64_t>(fs::file_size(path));
  if (source.bytes >= 0 && size != source.bytes)
    return "is " + std::to_string(size) + " bytes, and should be " + std::to_string(source.bytes);
  if (hash.compare(0, source.sha256.size(), source.sha256) == 0) return "";
  return "has sha256 " + hash + ", and should have " + source.sha256 +
         (source.sha256.size() < kHashDigits ? "..." : "");
}

void report_progress(std::int64_t done, std::int64_t total) {
  static std::int64_t shown = -1;
  const std::int64_t percent = total > 0 ? done * 100 / total : done / 1000000;
  if (percent == shown || !isatty(STDERR_FILENO)) return;
  shown = percent;
  std::fprintf(stderr, total > 0 ? "\r\033[K%lld %% of %s" : "\r\033[K%lld MB",
               static_cast<long long>(percent), megabytes(total).c_str());
}

void copy_file(const std::string& path, PartialFile& part) {
  const auto file = MappedFile::open(path);
  const std::string_view bytes(reinterpret_cast<const char*>(file->data()), file->size());
  if (is_web_page(bytes)) throw Error::mismatch(path + " is a web page, not a weight file");
  part.begin({path, "", "", static_cast<std::int64_t>(bytes.size())});
  part.append(bytes);
}

/// Fetches from one source, checks, and puts the file in place.
void get_from(const WeightSource& source, const ModelCard& card, PartialFile& part, int stalled_seconds) {
  if (source.is_url())
    download(source.place, part, source.bytes, stalled_seconds, &report_progress);
  else
    copy_file(source.place, part);
  if (isatty(STDERR_FILENO)) std::fputs("\r\033[K", stderr);
  const std::string hash = sha256_of_file(part.path()), fault = fault_of(source, part.path(), hash);
  if (!fault.empty()) {
    part.clear();
    throw Error::mismatch("what came from " + source.place + " " + fault + "; it was not kept");
  }
  part.finish();
  std::printf("%s: %s (sha256 %s%s)\n", card.name.c_str(), card.weights.c_str(), hash.c_str(),
              source.sha256.empty()                ? ", the card states none to compare with"
              : source.sha256.size() < kHashDigits ? ", which begins as the card says"
                                                   : ", as the card says");
}

/// A file of the user's or of another place is any of those that the card knows.
void get_given(const std::string& from, const ModelCard& card, PartialFile& part, int stalled_seconds) {
  const std::vector<WeightSource> files = known_files(card);
  WeightSource source{from, -1, "", "", ""};
  if (files.size() == 1 || (!files.empty() && source.is_url())) source = files.front();
  source.place = from;
  if (!source.is_url() && !files.empty()) {
    const std::string hash = sha256_of_file(from);
    const auto same = std::find_if(files.begin(), files.end(), [&](const WeightSource& file) {
      return fault_of(file, from, hash).empty();
    });
    source = same != files.end() ? *same : files.front();
    source.place = from;
  }
  get_from(source, card, part, stalled_seconds);
}

/// "114.7 MB, sha256 19bc0837..., HRNet: MIT; a note"
std::string describe(const WeightSource& source) {
  std::string text = source.bytes >= 0 ? megabytes(source.bytes) : "size not known";
  text += source.sha256.empty() ? ", sha256 not known" : ", sha256 " + source.sha256.substr(0, 8) + "...";
  if (!source.license.empty()) text += ", licence " + source.license;
  return text + (source.note.empty() ? "" : "; " + source.note);
}

std::vector<WeightSource> urls_of(const ModelCard& card) {
  std::vector<WeightSource> urls;
  std::copy_if(card.sources.begin(), card.sources.end(), std::back_inserter(urls),
               [](const WeightSource& s) { return s.is_url(); });
  return urls;
}

/// Whether there is nothing to do, which is told.
bool is_there(const ModelCard& card) {
  std::string fault;
  const WeightsState state = check_weights_file(card, &fault);
  if (state == WeightsState::kMissing) return false;
  if (state == WeightsState::kWrong)
    throw Error::mismatch(card.weights + " is there, but " + fault +
                          "; move it away, or give it to a run with --pose_weights or --det_weights");
  std::printf("%s: %s is there already%s\n", card.name.c_str(), card.weights.c_str(),
              state == WeightsState::kRight ? "" : " (the card does not say what to compare it with)");
  return true;
}

bool is_full_disk(const Error& e) {
  return e.kind() == ErrorKind::kIo && std::string(e.what()).find("cannot write") == 0;
}

}  // namespace

WeightsState check_weights_file(const ModelCard& card, std::string* fault) {
  std::error_code error;
  if (!fs::is_regular_file(card.weights, error)) return WeightsState::kMissing;
  const std::vector<WeightSource> files = known_files(card);
  if (files.empty()) return WeightsState::kUnknown;
  const std::string hash = sha256_of_file(card.weights);
  std::string first;
  for (const WeightSource& file : files) {
    const std::string wrong = fault_of(file, card.weights, hash);
    if (wrong.empty()) return WeightsState::kRight;
    if (first.empty()) first = wrong;
  }
  const std::vector<WeightSource> urls = urls_of(card);
  if (!std::all_of(urls.begin(), urls.end(), &is_known)) return WeightsState::kUnknown;
  if (fault) *fault = first + (files.size() > 1 ? " (or be another of the files that its card knows)" : "");
  return WeightsState::kWrong;
}

std::string size_text(const ModelCard& card) {
  char text[32] = "";
  for (const WeightSource& file : known_files(card)) {
    if (file.bytes < 0) continue;
    std::snprintf(text, sizeof text, "%.1f", static_cast<double>(file.bytes) / 1e6);
    return text;
  }
  constexpr double kBytesOfF32 = 4;
  if (card.cost.million_parameters > 0)
    std::snprintf(text, sizeof text, "~%.0f", kBytesOfF32 * card.cost.million_parameters);
  return text;
}

void get_weights(const ModelCard& card, const std::string& from, int stalled_seconds) {
  if (is_there(card)) return;
  make_folders(fs::path(card.weights).parent_path().string());
  PartialFile part(card.weights);
  if (is_there(card)) return;  // another process was about to finish
  if (!from.empty()) return get_given(from, card, part, stalled_seconds);
  std::vector<WeightSource> urls = urls_of(card);
  std::stable_partition(urls.begin(), urls.end(),
                        [&](const WeightSource& s) { return s.place == part.origin().source; });
  std::string faults;
  for (const WeightSource& source : urls) {
    std::printf("%s: fetching %s (%s)\n", card.name.c_str(), source.place.c_str(), describe(source).c_str());
    std::fflush(stdout);
    try {
      return get_from(source, card, part, stalled_seconds);
    } catch (const Error& e) {
      if (is_full_disk(e)) throw;
      if (&source != &urls.back())
        std::printf("  %s; trying the next source\n", for_terminal(e.what()).c_str());
      faults += std::string("\n  ") + e.what();
    }
  }
  throw Error::not_found("none of the sources of '" + card.name + "' gave its weights" + faults + "\n  " +
                         missing_weights_message(card) + "\n  then: pose models get " + card.name +
                         " --from FILE");
}

void print_sources(const ModelCard& card) {
  std::string fault;
  const WeightsState state = check_weights_file(card, &fault);
  const std::vector<WeightSource> urls = urls_of(card);
  std::printf(
      "%s: %s %s\n", card.name.c_str(), card.weights.c_str(),
      state == WeightsState::kMissing
          ? (urls.empty() ? "is missing, and no link to it is known" : "is missing; these would be tried:")
      : state == WeightsState::kWrong ? ("is there, but " + fault + "; nothing would be fetched").c_str()
                                      : "is there; nothing would be fetched");
  if (state != WeightsState::kMissing) return;
  for (const WeightSource& source : card.sources)
    if (source.is_url())
      std::printf("  %s\n      %s\n", source.place.c_str(), describe(source).c_str());
    else
      std::printf("  (%s)\n", source.place.c_str());
}

}  // namespace pose
