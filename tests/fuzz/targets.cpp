#include "fuzz/targets.h"

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json_reader.h"
#include "base/json_scanner.h"
#include "base/lookup.h"
#include "detect/given_boxes.h"
#include "estimator/usable_cards.h"
#include "graph/darknet.h"
#include "image/codec.h"
#include "image/orientation.h"
#include "pose/error.h"
#include "pose/evaluate.h"
#include "pose/image.h"
#include "pose/model_card.h"
#include "pose/results.h"
#include "results/journal_file.h"
#include "results/read_results.h"
#include "source/archive.h"
#include "source/names.h"
#include "source/photo_list.h"
#include "support/files.h"
#include "support/torch_files.h"
#include "weights/darknet_cfg.h"
#include "weights/darknet_weights.h"
#include "weights/formats.h"
#include "weights/readers.h"
#include "weights/zip.h"

namespace pose::test {
namespace {

std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Reads every element of small tensors, so that a view outside its storage is seen by the address sanitizer.
void touch(const TensorFile& file) {
  constexpr std::int64_t kMostElements = 1 << 16;
  for (const TensorView& view : file.tensors()) {
    if (view.elements() > kMostElements) continue;
    std::vector<float> values(static_cast<std::size_t>(view.elements()));
    copy_as_f32(view, values.data());
  }
}

/// The input is the pickle of a zip checkpoint with three storages of its own.
void pickle(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::string> storages = {std::string(64, 'a'), std::string(8, 'b'), ""};
  const std::string archive = zip_checkpoint(std::string(as_text(data, size)), storages).finish();
  touch(read_torch_zip(
            {reinterpret_cast<const std::uint8_t*>(archive.data()), archive.size(), "input", nullptr})
            .tensors);
}

void zip(const std::uint8_t* data, std::size_t size) {
  const ZipArchive archive(data, size, "input");
  for (const ZipEntry& entry : archive.entries()) {
    try {
      archive.content(entry);
    } catch (const Error&) {  // one entry may be compressed or damaged, the next one not
    }
  }
  touch(read_tensor_bytes({data, size, "input", nullptr}));
}

void legacy(const std::uint8_t* data, std::size_t size) {
  touch(read_torch_legacy({data, size, "input", nullptr}).tensors);
}

void safetensors(const std::uint8_t* data, std::size_t size) {
  touch(read_safetensors({data, size, "input", nullptr}).tensors);
}

void darknet_cfg(const std::uint8_t* data, std::size_t size) {
  build_darknet(parse_darknet_cfg(as_text(data, size), "input"), 0, darknet_style("darknet"));
}

void darknet_weights(const std::uint8_t* data, std::size_t size) {
  const WeightBytes file{data, size, "input", nullptr};
  if (is_darknet_weights(file)) read_darknet_facts(file);
  touch(parse_darknet_weights(data, size, nullptr, {{"0.conv.weight", {2, 1, 1, 1}}, {"0.conv.bias", {2}}},
                              "input"));
}

void model_card(const std::uint8_t* data, std::size_t size) {
  const ModelCard card = parse_model_card(as_text(data, size), "input.json");
  check_card_names(card);
  if (card.role == ModelRole::kPose) check_card_network(card, 0);  // a detector's would need its cfg
}

void boxes_json(const std::uint8_t* data, std::size_t size) {
  parse_given_boxes(as_text(data, size), "input", 0.1f);
}

void image_header(const std::uint8_t* data, std::size_t size) { recognise_codec(skip_blanks({data, size})); }

void exif(const std::uint8_t* data, std::size_t size) {
  for (const int orientation : {exif_orientation({data, size}), xmp_orientation(as_text(data, size))})
    POSE_CHECK(orientation >= 1 && orientation <= 8);
}

void image_decode(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kMostPixels = 1 << 16;
  decode_image({data, data + size}, kMostPixels);
}

/// Every member of an archive is read or refused, and all names are ways down.
void archive(const std::uint8_t* data, std::size_t size) {
  const TempFolder folder;
  write_text(folder / "a", std::string(as_text(data, size)));
  if (!is_archive(folder / "a")) return;
  SourceOptions options;
  options.inputs = {folder / "a"};
  for (const SourcePhoto& photo : collect_photos(options)) {
    POSE_CHECK(photo.name.substr(0, 2) == "a/" && ("/" + photo.name + "/").find("/../") == std::string::npos);
    try {
      read_photo_bytes(photo);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kInternal) throw;
    }
  }
}

/// A name holds no line end and none is empty; written as a list, the names come back.
void photo_list(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::string> names = parse_photo_list(as_text(data, size), "input");
  ResultNames results;
  std::string again;
  for (const std::string& name : names) {
    again += name + "\r\n";
    const std::string result = results.add(name);
    POSE_CHECK(!result.empty() && result[0] != '/' && ("/" + result + "/").find("/../") == std::string::npos);
  }
  POSE_CHECK(parse_photo_list(again, "input") == names);
}

/// Every line of a journal; then results are made of it, as `pose finish` does. A journal that names a place
/// for boxes would write there.
void journal(const std::uint8_t* data, std::size_t size) {
  const TempFolder folder;
  const std::string path = folder / "journal.jsonl";
  write_text(path, std::string(as_text(data, size)));
  JournalReader reader(path);
  bool writes_elsewhere = false;
  for (std::string line; reader.next(line);) {
    const JournalLine parsed = reader.parse(line);
    if (const auto* run = std::get_if<RunInfo>(&parsed)) {
      POSE_CHECK(line_of(std::get<RunInfo>(parse_journal_line(line_of(*run), path))) == line_of(*run));
      writes_elsewhere |= !run->boxes_file.empty();
    } else {
      const auto& record = std::get<JournalRecord>(parsed);
      POSE_CHECK(line_of(std::get<JournalRecord>(parse_journal_line(line_of(record), path))) ==
                 line_of(record));
    }
  }
  if (writes_elsewhere) return;
  for (const JournalPart part : {JournalPart::kLastRun, JournalPart::kAllRuns}) {
    const JournalCount count = make_results(path, folder.path(), part);
    const nlohmann::json report = nlohmann::json::parse(read_text(folder / "run.json"));
    POSE_CHECK(report["images"].size() == count.photos && report["totals"]["failed"] == count.failed);
  }
}

/// Whichever form the document has, every reader refuses or reads it.
void forms(const std::uint8_t* data, std::size_t size) {
  try {
    parse_results({{data, data + size}, {}}, "input");
  } catch (const Error& error) {
    POSE_CHECK(error.kind() == ErrorKind::kFormat || error.kind() == ErrorKind::kUnsupported);
  }
  const nlohmann::json document = parse_strictly(as_text(data, size), "input");
  const ResultForm* recognised = recognise_form(document);
  for (const ResultForm& form : result_forms()) {
    if (!form.recognise) continue;
    POSE_CHECK(!form.recognise(document) || recognised);
    try {
      form.read(document, "input");
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kFormat) throw Error::internal(error.what());
    }
  }
}

/// Takes what a reader of whole documents takes, but for what is nested more deeply.
void json_scanner(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(data, size);
  const bool good = nlohmann::json::accept(text.begin(), text.end());
  JsonScanner scanner(text, "input");
  try {
    scanner.skip();
    scanner.finish();
  } catch (const Error& error) {
    POSE_CHECK(!good || std::string_view(error.what()).find("deeply") != std::string_view::npos);
    return;
  }
  POSE_CHECK(good);
}

/// The input is a ground truth, then results for one of them.
void evaluation(const std::uint8_t* data, std::size_t size) {
  const TempFolder folder;
  write_text(folder / "input.json", std::string(as_text(data, size)));
  const std::string truth = data_path("fuzz/evaluation/truth.json");
  for (const auto& [gt, results] :
       {std::pair{folder / "input.json", data_path("fuzz/evaluation/results.json")},
        std::pair{truth, folder / "input.json"}}) {
    try {
      for (const Metric& metric : evaluate_keypoints(gt, results).metrics)
        POSE_CHECK(metric.value == -1 || (metric.value >= 0 && metric.value <= 1));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kInternal) throw;
    }
  }
}

}  // namespace

const std::vector<FuzzTarget>& fuzz_targets() {
  static const std::vector<FuzzTarget> kTargets = {{"pickle", &pickle},
                                                   {"zip", &zip},
                                                   {"legacy", &legacy},
                                                   {"safetensors", &safetensors},
                                                   {"darknet_cfg", &darknet_cfg},
                                                   {"darknet_weights", &darknet_weights},
                                                   {"model_card", &model_card},
                                                   {"boxes_json", &boxes_json},
                                                   {"image_header", &image_header},
                                                   {"exif", &exif},
                                                   {"image_decode", &image_decode},
                                                   {"archive", &archive},
                                                   {"photo_list", &photo_list},
                                                   {"journal", &journal},
                                                   {"forms", &forms},
                                                   {"json_scanner", &json_scanner},
                                                   {"evaluation", &evaluation}};
  return kTargets;
}

void run_fuzz_target(std::string_view name, const std::uint8_t* data, std::size_t size) {
  try {
    lookup(fuzz_targets(), name, "fuzz target").run(data, size);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) throw;
  }
}

}  // namespace pose::test
