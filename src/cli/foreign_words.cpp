#include "cli/foreign_words.h"

#include <algorithm>
#include <filesystem>

#include "base/lookup.h"
#include "cli/switches.h"
#include "options/option_table.h"
#include "pose/error.h"

namespace pose {
namespace {

constexpr std::string_view kAlphaPose = "AlphaPose", kOpenPose = "OpenPose", kMMPose = "MMPose",
                           kUltralytics = "Ultralytics";
constexpr ForeignWordUse kTaken = ForeignWordUse::kTaken, kTranslated = ForeignWordUse::kTranslated,
                         kRefused = ForeignWordUse::kRefused;
constexpr bool kValue = true;

constexpr std::string_view kNoVideo =
    "videos are not read; make pictures of it first: ffmpeg -i {} frames/%06d.png, then pose --indir frames";
constexpr std::string_view kNoVideoOut =
    "videos are not written; --save_img draws every picture, ffmpeg makes a video of them";
constexpr std::string_view kNoCamera =
    "cameras are not read; save pictures to a folder, then pose --indir FOLDER";
constexpr std::string_view kNoTracking =
    "people are not followed from picture to picture: each picture stands for itself";
constexpr std::string_view kBodyOnly = "hands and faces have no joints here: networks find those of the body";

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// Options are written with underscores, as AlphaPose does; hyphens are taken as well.
std::string with_underscores(std::string name) {
  if (name.rfind("--", 0) == 0) std::replace(name.begin() + 2, name.end(), '-', '_');
  return name;
}

/// As a shell reads it back.
std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "_./:=,@%+-";
  const auto plain = [&](unsigned char c) {
    return std::isalnum(c) || c >= 0x80 || kPlain.find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// A value that is missing is some file.
std::string filled_in(std::string text, std::string value) {
  if (value.empty()) value = "FILE";
  for (std::size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}", at + value.size()))
    text.replace(at, 2, value);
  return text;
}

const ForeignWord* find_foreign(const std::string& word) {
  for (const ForeignWord& row : foreign_words()) {
    const bool assigned = row.word.back() == '=';
    if (assigned ? word.compare(0, row.word.size(), row.word) == 0 : word == row.word) return &row;
  }
  return nullptr;
}

/// How many words an option of ours takes after itself.
enum class Values { kUnknown, kNone, kOne, kMany };

Values values_of(const Option& option) {
  RunOptions run;
  if (option.is_switch()) return Values::kNone;
  return std::holds_alternative<std::vector<std::string>*>(option.place(run)) ? Values::kMany : Values::kOne;
}

Values values_of(const std::string& word) {
  for (const Option& option : option_table())
    if (!option.is_positional() &&
        (word == option.spelling() || (option.letter && word == std::string{'-', option.letter})))
      return values_of(option);
  for (const ProgramSwitch& row : kSwitches)
    if (word == "--" + std::string(row.name)) return Values::kNone;
  return Values::kUnknown;
}

/// Goes through a command line once, from left to right.
class Reader {
 public:
  Reader(const std::vector<std::string>& given, const std::vector<Command>& commands)
      : given_(given), commands_(commands) {}

  OwnWords read() {
    while (next_ < given_.size() && !rest_is_kept_) read_word(given_[next_++]);
    while (next_ < given_.size()) keep(given_[next_++]);
    if (!translated_.empty()) fail_translated();
    return own_;
  }

 private:
  void read_word(const std::string& word) {
    if (word == "--")
      rest_is_kept_ = true, keep(word);
    else if (word.size() > 1 && word[0] == '-')
      read_option(word);
    else
      read_name(word);
  }

  void read_option(const std::string& word) {
    const std::size_t equals = word.find('=');
    const bool has_value = equals != std::string::npos;
    const std::string name = with_underscores(word.substr(0, equals));
    refuse_one_dash(name);
    if (const ForeignWord* row = find_foreign(name)) {
      take_foreign(*row, word, has_value ? word.substr(equals + 1) : "", has_value);
      return;
    }
    keep(has_value ? name + word.substr(equals) : name);
    if (has_value) return;
    const Values values = values_of(name);
    if (name == "--flip" && !a_value_follows())
      keep("on");
    else if (values == Values::kOne && next_ < given_.size())
      keep(given_[next_++]);
    if (values == Values::kMany) keep_all([](const std::string& w) { return w.empty() || w[0] != '-'; });
  }

  /// "-indir photos" would be read as "-i ndir".
  static void refuse_one_dash(const std::string& name) {
    if (name.size() <= 2 || name[1] == '-') return;
    const std::string two_dashes = with_underscores("-" + name);
    if (values_of(two_dashes) != Values::kUnknown || find_foreign(two_dashes))
      throw Error::usage("unknown option " + name + "; did you mean " + two_dashes + "?");
  }

  bool a_value_follows() const {
    return next_ < given_.size() && given_[next_].rfind('-', 0) != 0 && !exists(given_[next_]);
  }

  void read_name(const std::string& word) {
    const ForeignWord* row = exists(word) ? nullptr : find_foreign(word);
    if (row && names_ && row->word.back() != '=') row = nullptr;
    if (is_command(word)) {
      read_command(word);
      return;
    } else if (row) {
      const std::size_t equals = word.find('=');
      take_foreign(*row, word, equals == std::string::npos ? "" : word.substr(equals + 1), true);
      return;
    } else if (!names_ && !exists(word)) {
      refuse_near_command(word);
    }
    names_ = true;
    keep(word);
  }

  /// All that follows is the command's.
  void read_command(const std::string& word) {
    keep(word);
    for (; next_ < given_.size() && given_[next_] != "--"; ++next_) {
      const std::size_t equals = std::min(given_[next_].find('='), given_[next_].size());
      keep(with_underscores(given_[next_].substr(0, equals)) + given_[next_].substr(equals));
    }
    rest_is_kept_ = true;
  }

  bool is_command(const std::string& word) const {
    return std::any_of(commands_.begin(), commands_.end(), [&](const Command& c) { return c.name == word; });
  }

  void refuse_near_command(const std::string& word) const {
    if (word.find_first_of("./") != std::string::npos) return;
    std::vector<std::string_view> known;
    for (const Command& command : commands_) known.push_back(command.name);
    const std::string nearest = nearest_name(word, known);
    if (!nearest.empty())
      throw Error::usage("'" + word + "' is no command and no file; did you mean 'pose " + nearest + "'?");
  }

  void take_foreign(const ForeignWord& row, const std::string& word, std::string value, bool has_value) {
    std::string typed = word;
    if (!has_value && next_ < given_.size() && (row.takes_value || is_truth(given_[next_]))) {
      value = given_[next_++];
      typed += " " + shell_word(value);
    }
    switch (row.use) {
      case kTaken: own_.remarks.push_back(word + ": " + std::string(row.text)); return;
      case kRefused:
        throw Error::usage(word + ": " +
                           filled_in(std::string(row.text), value.empty() ? "" : shell_word(value)));
      case kTranslated: translate(row, typed, value);
    }
  }

  /// Switches of other programs may be followed by one.
  static bool is_truth(const std::string& word) {
    return word == "True" || word == "False" || word == "true" || word == "false";
  }

  void translate(const ForeignWord& row, const std::string& typed, const std::string& value) {
    translated_ += (translated_.empty() ? "" : ", ") + typed;
    program_ = row.program;
    std::string_view text = row.text;
    if (text.empty()) left_out_ += (left_out_.empty() ? "" : ", ") + typed;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      const std::string word = filled_in(std::string(text.substr(0, end)), value);
      text.remove_prefix(std::min(end + 1, text.size()));
      const bool again =
          std::find(own_.arguments.begin(), own_.arguments.end(), word) != own_.arguments.end();
      if (word.rfind("--", 0) != 0 || !again)
        keep(word);
      else if (word == "--outdir")  // one folder has all results
        text.remove_prefix(std::min(text.find(' ') + 1, text.size()));
    }
    names_ = names_ || row.text == "{}";
  }

  [[noreturn]] void fail_translated() const {
    std::string line = "pose";
    for (const std::string& word : own_.arguments) line += " " + shell_word(word);
    std::string message = translated_;
    if (!program_.empty()) message += " (" + std::string(program_) + "'s words)";
    message += ": the same call here is\n  " + line;
    if (!left_out_.empty()) message += "\n  (without an equivalent, or not needed: " + left_out_ + ")";
    throw Error::usage(message);
  }

  void keep(const std::string& word) { own_.arguments.push_back(word); }

  template <typename Belongs>
  void keep_all(Belongs belongs) {
    while (next_ < given_.size() && belongs(given_[next_])) keep(given_[next_++]);
  }

  const std::vector<std::string>& given_;
  const std::vector<Command>& commands_;
  OwnWords own_;
  std::size_t next_ = 0;
  bool names_ = false;  ///< a photo, a folder or a command has been named
  bool rest_is_kept_ = false;
  std::string translated_, left_out_;  ///< as they were typed
  std::string_view program_;
};

}  // namespace

const std::vector<ForeignWord>& foreign_words() {
  static const std::vector<ForeignWord> table{
      {"--sp", kAlphaPose, kTaken, "not needed, everything runs in one process"},
      {"--gpus", kAlphaPose, kTaken, "not used, --device chooses (cpu, cuda, cuda:N)", kValue},
      {"--qsize", kAlphaPose, kTaken, "not needed, the queues have sizes that keep memory flat", kValue},
      {"--mode", kAlphaPose, kTaken, "not used, AlphaPose does not use it either", kValue},
      {"--fast_inference", kAlphaPose, kTaken, "not used, --flip chooses (off: AlphaPose's fast inference)",
       kValue},
      {"--vis", kAlphaPose, kTaken, "no windows here, --save_img draws the people into OUTDIR/vis"},
      {"--debug", kAlphaPose, kTaken, "not used, --verbose tells more and --dump_stages writes every stage"},
      {"--showbox", kAlphaPose, kTaken, "boxes are not drawn, --save_boxes FILE writes them"},
      {"--eval", kAlphaPose, kTranslated, "--format coco-eval"},
      {"--min_box_area", kAlphaPose, kRefused,
       "boxes are not dropped by their area; --pose_nms_area PIXELS drops people whose joints span less",
       kValue},
      {"--video", kAlphaPose, kRefused, kNoVideo, kValue},
      {"--webcam", kAlphaPose, kRefused, kNoCamera, kValue},
      {"--save_video", kAlphaPose, kRefused, kNoVideoOut},
      {"--pose_track", kAlphaPose, kRefused, kNoTracking},
      {"--pose_flow", kAlphaPose, kRefused, kNoTracking},
      {"--cfg", kAlphaPose, kRefused,
       "configurations of AlphaPose are not read; --pose_model CARD says what a network is ('pose models' "
       "lists cards, 'pose inspect CHECKPOINT' names the one that fits)",
       kValue},
      {"--checkpoint", kAlphaPose, kRefused,
       "use --pose_model CARD --pose_weights {}; 'pose inspect {}' names the card that fits", kValue},

      {"--image_dir", kOpenPose, kTranslated, "--indir {}", kValue},
      {"--image_path", kOpenPose, kTranslated, "{}", kValue},
      {"--write_json", kOpenPose, kTranslated, "--outdir {} --format open", kValue},
      {"--write_keypoint", kOpenPose, kTranslated, "--outdir {} --format open", kValue},
      {"--write_coco_json", kOpenPose, kTranslated, "--outdir {} --format coco-eval", kValue},
      {"--write_images", kOpenPose, kTranslated, "--outdir {} --save_img", kValue},
      {"--display", kOpenPose, kTranslated, "", kValue},
      {"--render_pose", kOpenPose, kTranslated, "", kValue},
      {"--model_pose", kOpenPose, kTranslated, "", kValue},
      {"--model_folder", kOpenPose, kTranslated, "", kValue},
      {"--net_resolution", kOpenPose, kTranslated, "", kValue},
      {"--number_people_max", kOpenPose, kTranslated, "", kValue},
      {"--num_gpu", kOpenPose, kTranslated, "", kValue},
      {"--logging_level", kOpenPose, kTranslated, "", kValue},
      {"--disable_blending", kOpenPose, kTranslated, ""},
      {"--hand", kOpenPose, kRefused, kBodyOnly},
      {"--face", kOpenPose, kRefused, kBodyOnly},
      {"--camera", kOpenPose, kRefused, kNoCamera, kValue},
      {"--ip_camera", kOpenPose, kRefused, kNoCamera, kValue},
      {"--write_video", kOpenPose, kRefused, kNoVideoOut, kValue},
      {"--tracking", kOpenPose, kRefused, kNoTracking, kValue},

      {"--input", kMMPose, kTranslated, "{}", kValue},
      {"--img_root", kMMPose, kTranslated, "--indir {}", kValue},
      {"--json_file", kMMPose, kTranslated, "--detfile {}", kValue},
      {"--output_root", kMMPose, kTranslated, "--outdir {}", kValue},
      {"--out_img_root", kMMPose, kTranslated, "--outdir {} --save_img", kValue},
      {"--pred_out_dir", kMMPose, kTranslated, "--outdir {}", kValue},
      {"--vis_out_dir", kMMPose, kTranslated, "--outdir {} --save_img", kValue},
      {"--pose2d", kMMPose, kTranslated, "--preset accurate", kValue},
      {"--pose2d_weights", kMMPose, kTranslated, "--pose_weights {}", kValue},
      {"--det_model", kMMPose, kTranslated, "", kValue},
      {"--det_cat_ids", kMMPose, kTranslated, "", kValue},
      {"--bbox_thr", kMMPose, kTranslated, "--conf {}", kValue},
      {"--nms_thr", kMMPose, kTranslated, "--nms {}", kValue},
      {"--kpt_thr", kMMPose, kTranslated, "", kValue},
      {"--save_predictions", kMMPose, kTranslated, ""},
      {"--draw_bbox", kMMPose, kTranslated, ""},
      {"--draw_heatmap", kMMPose, kTranslated, ""},
      {"--show", kMMPose, kTranslated, ""},

      {"yolo", kUltralytics, kTranslated, ""},
      {"pose", kUltralytics, kTranslated, ""},
      {"predict", kUltralytics, kTranslated, ""},
      {"source=", kUltralytics, kTranslated, "{}"},
      {"--source", kUltralytics, kTranslated, "{}", kValue},
      {"model=", kUltralytics, kTranslated, ""},
      {"task=", kUltralytics, kTranslated, ""},
      {"save=", kUltralytics, kTranslated, "--save_img"},
      {"conf=", kUltralytics, kTranslated, "--conf {}"},
      {"iou=", kUltralytics, kTranslated, "--nms {}"},
      {"imgsz=", kUltralytics, kTranslated, "--inp_dim {}"},
      {"project=", kUltralytics, kTranslated, "--outdir {}"},
      {"name=", kUltralytics, kTranslated, ""},
      {"device=", kUltralytics, kTranslated, ""},
      {"show=", kUltralytics, kTranslated, ""},
      {"track", kUltralytics, kRefused, kNoTracking},
      {"train", kUltralytics, kRefused, "networks are not trained here; 'pose models' lists trained ones"},
      {"export", kUltralytics, kRefused, "pose convert FILE OUT.safetensors rewrites weights"},

      {"run", "", kTranslated, ""},
      {"list", "", kTranslated, "models"},
      {"download", "", kTranslated, "models get"},
  };
  return table;
}

OwnWords in_own_words(const std::vector<std::string>& arguments, const std::vector<Command>& commands) {
  return Reader(arguments, commands).read();
}

}  // namespace pose
