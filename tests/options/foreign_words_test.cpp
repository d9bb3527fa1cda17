// Words of other programs, and slips of the pen, against the real tables of options and commands.

#include "cli/foreign_words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "cli/commands.h"
#include "options/option_table.h"
#include "pose/error.h"
#include "support/files.h"

namespace pose {
namespace {

using Words = std::vector<std::string>;

OwnWords read(const Words& arguments) { return in_own_words(arguments, commands()); }

/// The message of the usage error that `arguments` are.
std::string refusal(const Words& arguments) {
  try {
    read(arguments);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUsage);
    return e.what();
  }
  ADD_FAILURE() << arguments.front() << " was taken";
  return "";
}

/// The call that a refusal proposes, without "pose".
Words proposed(const std::string& message) {
  const std::size_t start = message.find("\n  pose");
  EXPECT_NE(start, std::string::npos) << message;
  std::istringstream line(message.substr(start + 7, message.find('\n', start + 1) - start - 7));
  Words words;
  for (std::string word; line >> word;) words.push_back(word);
  return words;
}

ParseResult parse(const Words& arguments, const std::vector<Command>& known) {
  std::vector<const char*> words{"pose"};
  for (const std::string& word : arguments) words.push_back(word.c_str());
  return parse_command_line(static_cast<int>(words.size()), words.data(), known);
}

/// A row's word as somebody types it, with a value that the options for it take.
Words typed(const ForeignWord& row) {
  const std::string text(row.text);
  const bool number = text.find("--conf") == 0 || text.find("--nms") == 0;
  const std::string value = number ? "0.5" : text.find("--inp_dim") == 0 ? "64" : "some-thing";
  if (row.word.back() == '=') return {std::string(row.word) + value};
  return row.takes_value ? Words{std::string(row.word), value} : Words{std::string(row.word)};
}

TEST(ForeignWords, EveryRowDoesWhatItSays) {
  const std::vector<Command> known = commands();
  for (const ForeignWord& row : foreign_words()) {
    SCOPED_TRACE(row.word);
    Words arguments = typed(row);
    const std::string value = arguments.back();
    const bool named = std::string(row.text).find("{}") != std::string::npos;
    const std::string last = row.word == "list" ? "models" : "yolov4";
    if (row.word != "list") arguments.push_back(last);
    if (row.use == ForeignWordUse::kTaken) {
      const OwnWords words = read(arguments);
      EXPECT_EQ(words.arguments, Words{"yolov4"});
      ASSERT_EQ(words.remarks.size(), 1u);
      EXPECT_EQ(words.remarks[0], std::string(row.word) + ": " + std::string(row.text));
    } else if (row.use == ForeignWordUse::kRefused) {
      const std::string message = refusal(arguments);
      EXPECT_EQ(message.rfind(std::string(row.word) + ": ", 0), 0u) << message;
      EXPECT_EQ(message.find("{}"), std::string::npos) << message;
      EXPECT_EQ(row.takes_value && message.find(value) != std::string::npos, named) << message;
    } else {
      const std::string message = refusal(arguments);
      EXPECT_NE(message.find(row.program), std::string::npos) << message;
      const Words call = proposed(message);
      EXPECT_EQ(call.back(), last) << message;
      const ParseResult result = parse(call, known);
      EXPECT_FALSE(result.done) << message;
      const std::string in_call = value.substr(value.find('=') + 1);
      EXPECT_EQ(std::find(call.begin(), call.end(), in_call) != call.end(), named) << message;
      EXPECT_EQ(message.find("without an equivalent") != std::string::npos, row.text.empty()) << message;
    }
  }
}

TEST(ForeignWords, AValueThatIsMissingIsSomeFile) {
  EXPECT_EQ(proposed(refusal({"--image_dir"})), (Words{"--indir", "FILE"}));
  EXPECT_NE(refusal({"--checkpoint"}).find("'pose inspect FILE'"), std::string::npos);
}

TEST(ForeignWords, NoneIsAWordOfOurs) {
  std::vector<std::string> all;
  for (const ForeignWord& row : foreign_words()) {
    const std::string word(row.word);
    for (const Option& option : option_table()) EXPECT_NE(option.spelling(), word);
    for (const Command& command : commands()) EXPECT_NE(command.name, word);
    EXPECT_EQ(std::count(all.begin(), all.end(), word), 0) << word;
    all.push_back(word);
  }
}

TEST(ForeignWords, WholeLinesAreTranslated) {
  EXPECT_EQ(refusal({"--image_dir", "my photos", "--write_json", "out", "--write_images", "drawn",
                     "--display", "0", "--render-pose=0"}),
            "--image_dir 'my photos', --write_json out, --write_images drawn, --display 0, --render-pose=0 "
            "(OpenPose's words): the same call here is\n"
            "  pose --indir 'my photos' --outdir out --format open --save_img\n"
            "  (without an equivalent, or not needed: --display 0, --render-pose=0)");
  EXPECT_EQ(proposed(refusal(
                {"--input", "a.jpg", "--output-root", "vis", "--pose2d", "human", "--device", "cuda:1"})),
            (Words{"a.jpg", "--outdir", "vis", "--preset", "accurate", "--device", "cuda:1"}));
  EXPECT_EQ(proposed(refusal({"pose", "predict", "model=x.pt", "source=photos", "save=True", "conf=0.3"})),
            (Words{"photos", "--save_img", "--conf", "0.3"}));
  EXPECT_EQ(proposed(refusal({"--image_dir", "it's"})), (Words{"--indir", "'it'\\''s'"}));
}

TEST(ForeignWords, AlphaPosesCallRuns) {
  const OwnWords words = read({"--indir", "a", "--sp", "--gpus", "-1", "--debug", "True",
                               "--fast-inference=False", "--flip", "--vis", "--save_img"});
  EXPECT_EQ(words.arguments, (Words{"--indir", "a", "--flip", "on", "--save_img"}));
  EXPECT_EQ(words.remarks.size(), 5u);
  EXPECT_EQ(parse({"--sp", "a"}, {}).line.remarks.size(), 1u);
}

TEST(ForeignWords, FlipWithoutAValueIsAlphaPoses) {
  const test::TempFolder folder;
  test::write_text(folder / "a.jpg", "");
  EXPECT_EQ(read({"--flip"}).arguments, (Words{"--flip", "on"}));
  EXPECT_EQ(read({"--flip", folder / "a.jpg"}).arguments, (Words{"--flip", "on", folder / "a.jpg"}));
  for (const char* value : {"off", "shift", "shfit"})
    EXPECT_EQ(read({"--flip", value}).arguments, (Words{"--flip", value}));
  EXPECT_EQ(read({"--flip=shift"}).arguments, (Words{"--flip=shift"}));
}

TEST(ForeignWords, ValuesOfOurOptionsAndWhatFollowsAreLeftAlone) {
  for (const Words& kept : {Words{"--outdir", "predict"},
                            {"-o", "--image_dir"},
                            {"--models_dir", "train", "run"},
                            {"--", "predict", "--image_dir"},
                            {"photo.jpg", "predict"},
                            {"inspect", "predict", "--input"}})
    EXPECT_EQ(read(kept).arguments, kept) << kept[0];
  EXPECT_EQ(read({"models", "--models-dir", "a-b", "--", "--c-d"}).arguments,
            (Words{"models", "--models_dir", "a-b", "--", "--c-d"}));
}

TEST(ForeignWords, AFirstWordNearACommandIsNoPhoto) {
  EXPECT_EQ(refusal({"model", "get", "x"}), "'model' is no command and no file; did you mean 'pose models'?");
  EXPECT_EQ(refusal({"--save_img", "inspct"}),
            "'inspct' is no command and no file; did you mean 'pose inspect'?");
  EXPECT_EQ(read({"model.jpg"}).arguments, Words{"model.jpg"});
  EXPECT_EQ(read({"holiday"}).arguments, Words{"holiday"}) << "near nothing";
  EXPECT_EQ(refusal({"-indir", "x"}), "unknown option -indir; did you mean --indir?");
  EXPECT_NE(refusal({"-image_dir", "x"}).find("did you mean --image_dir?"), std::string::npos);
}

std::string said(const Words& arguments) {
  testing::internal::CaptureStderr();
  const std::vector<Command> known = commands();
  const ParseResult result = parse(arguments, known);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(result.done && result.exit_code == 2);
  return text.substr(0, text.find('\n'));
}

TEST(UnknownOptions, GetTheNearestName) {
  EXPECT_EQ(said({"--outdr", "x"}), "pose: unknown option --outdr; did you mean --outdir?");
  EXPECT_EQ(said({"a.jpg", "--save-imgs=1"}), "pose: unknown option --save_imgs=1; did you mean --save_img?");
  EXPECT_EQ(said({"models", "get", "x", "--frm", "y"}), "pose: unknown option --frm; did you mean --from?");
  EXPECT_EQ(said({"--something_else"}), "pose: unknown option --something_else");
  EXPECT_EQ(said({"inspect", "a", "b"}), "pose: 'b' is one word too many");
}

TEST(ShortOptions, Work) {
  const ParseResult result = parse({"-i", "photos", "-o", "out", "-v"}, {});
  EXPECT_EQ(result.line.run.source.indir, "photos");
  EXPECT_EQ(result.line.run.output.outdir, "out");
  testing::internal::CaptureStdout();
  EXPECT_TRUE(parse({"-V"}, {}).done);
  EXPECT_EQ(testing::internal::GetCapturedStdout().rfind("pose ", 0), 0u);
}

TEST(HelpCommand, SaysWhatACommandTakes) {
  const auto run = [](const Words& arguments) {
    const std::vector<Command> known = commands();
    const ParseResult result = parse(arguments, known);
    testing::internal::CaptureStdout();
    EXPECT_EQ(result.line.command(), 0);
    return testing::internal::GetCapturedStdout();
  };
  EXPECT_NE(run({"help"}).find("--indir"), std::string::npos);
  EXPECT_NE(run({"help", "models", "get"}).find("pose models get"), std::string::npos);
  EXPECT_EQ(run({"version"}).rfind("pose ", 0), 0u);
  const std::vector<Command> known = commands();
  EXPECT_THROW(parse({"help", "inspct"}, known).line.command(), Error);
}

}  // namespace
}  // namespace pose
