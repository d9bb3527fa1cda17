// The program's parser against the table of options.

#include <gtest/gtest.h>

#include "cli/options.h"
#include "cli/switches.h"
#include "options/option_table.h"
#include "options/presets.h"
#include "pose/error.h"

namespace pose {
namespace {

ParseResult parse(std::vector<std::string> arguments, const std::vector<Command>& commands = {}) {
  arguments.insert(arguments.begin(), "pose");
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto take_output = [] {
    return testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  };
  try {
    ParseResult result = parse_command_line(static_cast<int>(pointers.size()), pointers.data(), commands);
    take_output();
    return result;
  } catch (...) {
    take_output();
    throw;
  }
}

std::string help_text() {
  const char* arguments[]{"pose", "--help"};
  testing::internal::CaptureStdout();
  parse_command_line(2, arguments);
  return testing::internal::GetCapturedStdout();
}

bool takes_whole_numbers(const Option& option) {
  RunOptions run;
  const OptionPlace place = option.place(run);
  return std::holds_alternative<int*>(place) || std::holds_alternative<std::int64_t*>(place);
}

/// A value in range that is not the default, as it is given and as it is told afterwards.
std::pair<std::string, std::string> other_value(const Option& option) {
  const bool default_is_one = default_text(option) == "1";
  if (option.is_switch()) return {"", "true"};
  if (const std::size_t bar = option.value_name.find('|'); bar != std::string_view::npos) {
    const std::string word(option.value_name.substr(bar + 1));
    return {word, word};
  }
  if (range_text(option).empty()) return {"some-thing", "some-thing"};
  if (option.range.multiple > 1) return {"64", "64"};
  if (takes_whole_numbers(option)) return default_is_one ? std::pair("2", "2") : std::pair("1", "1");
  return default_is_one ? std::pair("0.50", "0.5") : std::pair("1.0", "1");
}

TEST(Parser, EveryRowOfTheTableIsReached) {
  for (const Option& option : option_table()) {
    if (option.name == "preset") continue;  // stands for others
    const auto [given, told] = other_value(option);
    std::vector<std::string> arguments;
    if (!option.is_positional()) arguments.push_back(option.spelling());
    if (!given.empty()) arguments.push_back(given);
    const ParseResult result = parse(arguments);
    ASSERT_FALSE(result.done) << option.name;
    for (const Option& row : option_table())
      EXPECT_EQ(value_text(row, result.line.run), row.name == option.name ? told : default_text(row))
          << row.name << " after " << option.name;
  }
}

TEST(Parser, APresetGivesWhatNoOptionSays) {
  const RunOptions all = parse({"--preset", "accurate"}).line.run;
  EXPECT_EQ(all.preset, "accurate");
  EXPECT_EQ(all.models.detector, "yolov4");
  EXPECT_EQ(all.models.pose_model, "hrnet-w48-384x288");
  EXPECT_EQ(all.models.flip, "shift");
  const RunOptions some =
      parse({"--flip", "off", "--detector", "person-small", "--preset", "accurate"}).line.run;
  EXPECT_EQ(some.models.detector, "person-small") << "given, although it is the default";
  EXPECT_EQ(some.models.pose_model, "hrnet-w48-384x288");
  EXPECT_EQ(some.models.flip, "off");
  for (const char* other : {"--det_cfg", "--detfile"})
    EXPECT_EQ(parse({"--preset", "fast", other, "x"}).line.run.models.detector, ModelOptions().detector)
        << other;
  EXPECT_THROW(parse({"--preset", "acurate"}), Error);
}

TEST(Parser, HelpNamesEveryPreset) {
  const std::string help = help_text();
  for (const Preset& preset : presets()) EXPECT_NE(help.find(preset.name), std::string::npos) << preset.name;
}

TEST(Parser, TheFirstPresetIsWhatRunsWithoutOptions) {
  const ModelOptions small = preset_models(presets().front().name), none;
  EXPECT_EQ(RunOptions().preset, presets().front().name);
  EXPECT_EQ(small.detector, none.detector);
  EXPECT_EQ(small.pose_model, none.pose_model);
  EXPECT_EQ(small.flip, none.flip);
}

TEST(Parser, NothingGivenIsAllDefaults) {
  const ParseResult result = parse({});
  for (const Option& option : option_table())
    EXPECT_EQ(value_text(option, result.line.run), default_text(option)) << option.name;
}

TEST(Parser, SpellingAndRepeats) {
  const CommandLine line = parse({"--models_dir", "a", "b", "--models-dir", "c", "--save-img",
                                  "--max-pixels=5", "--conf", "0.3", "--conf=.40", "--", "--save-img"})
                               .line;
  EXPECT_TRUE(line.run.output.save_img);
  EXPECT_EQ(line.run.source.max_pixels, 5);
  EXPECT_EQ(line.run.models.conf, 0.4) << "later repeats win";
  EXPECT_EQ(line.run.models.models_dir, (std::vector<std::string>{"a", "b", "c"})) << "lists collect";
  EXPECT_EQ(line.run.source.inputs, (std::vector<std::string>{"--save-img"}));
  EXPECT_FALSE(parse({"--save_img", "--save_img=false"}).line.run.output.save_img);
}

TEST(Parser, ValuesThatCannotBe) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--conf", "2"},
                                                    {"--nms", "nan"},
                                                    {"--threads", "-1"},
                                                    {"--outdir", ""},
                                                    {"--pose_nms_mu", "inf"},
                                                    {"--pose_nms_scale", "pixels"}})
    EXPECT_THROW(parse(arguments), Error) << arguments[0];
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--conf", "much"},
                                                    {"--threads", "1.5"},
                                                    {"--threads", "99999999999"},
                                                    {"--nothing"}}) {
    const ParseResult result = parse(arguments);
    EXPECT_TRUE(result.done && result.exit_code == 2) << arguments[0];
  }
}

TEST(Parser, HelpListsEveryOptionWithItsDefault) {
  const std::string help = help_text();
  for (const Option& option : option_table()) {
    std::string entry = "\n  " + option.flags();
    if (!option.is_switch()) entry += " " + std::string(option.value_name);
    const std::string value = option.is_switch() ? "" : default_text(option);
    // CLI11 writes "=value", from 2.4 on " [value]".
    const bool there = value.empty() ? help.find(entry) != std::string::npos
                                     : help.find(entry + "=" + value) != std::string::npos ||
                                           help.find(entry + " [" + value + "]") != std::string::npos;
    EXPECT_TRUE(there) << entry << " " << value;
    EXPECT_NE(help.find(option.help), std::string::npos) << option.help;
  }
  for (const ProgramSwitch& row : kSwitches)
    EXPECT_NE(help.find("\n  " + row.spelling() + " "), std::string::npos) << row.name;
}

struct Given {
  std::string file;
  std::vector<std::string> folders;
  int top = 5;
  double share = 0.5;
  bool json = false;
};

Given g_given;

/// `outer FILE --folder ... --json` and `outer inner FILE --top --share --folder`, which keep what they were
/// given.
std::vector<Command> two_commands() {
  const auto keep = [](const Given& given) {
    g_given = given;
    return given.file == "inner.txt" ? 7 : 6;
  };
  const auto values = std::make_shared<Given>();
  const Field<Given> file{"FILE", "", "a file", &Given::file, true};
  const Field<Given> folders{"--folder", "DIR", "folders", &Given::folders};
  return {
      make_command<Given>("outer", "the outer one", {{"--json", "", "as JSON", &Given::json}, folders}, keep,
                          values),
      make_command<Given>(
          "outer inner", "the inner one",
          {file, {"--top", "N", "how many", &Given::top}, folders, {"--share", "S", "of all", &Given::share}},
          keep, values)};
}

TEST(Parser, ACommandIsBoundToItsValues) {
  const std::vector<Command> commands = two_commands();
  const ParseResult outer = parse({"outer", "--folder", "a", "--json"}, commands);
  ASSERT_TRUE(outer.line.command);
  EXPECT_EQ(outer.line.command(), 6);
  EXPECT_TRUE(g_given.json);
  EXPECT_EQ(g_given.folders, std::vector<std::string>{"a"});

  const std::vector<Command> others = two_commands();
  const ParseResult inner = parse({"outer", "inner", "inner.txt", "--top=9", "--share", "0.25"}, others);
  ASSERT_TRUE(inner.line.command);
  EXPECT_EQ(inner.line.command(), 7);
  EXPECT_EQ(g_given.top, 9);
  EXPECT_EQ(g_given.share, 0.25);
  EXPECT_FALSE(g_given.json);
}

TEST(Parser, ACommandWithoutWhatItNeedsIsAnErrorOfUsage) {
  EXPECT_EQ(parse({"outer", "inner"}, two_commands()).exit_code, 2);
  EXPECT_EQ(parse({"outer", "--nothing"}, two_commands()).exit_code, 2);
  EXPECT_FALSE(parse({"--indir", "a"}, two_commands()).line.command);
}

}  // namespace
}  // namespace pose
