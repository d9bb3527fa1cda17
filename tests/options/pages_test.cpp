// Man page and completions, as they were made for this build.

#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/switches.h"
#include "options/option_table.h"
#include "support/files.h"

namespace pose {
namespace {

std::string page(const std::string& name) { return test::read_text(std::string(POSE_PAGES) + "/" + name); }

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const Option& option : option_table())
    if (!option.is_positional()) names.emplace_back(option.name);
  for (const ProgramSwitch& row : kSwitches) names.emplace_back(row.name);
  return names;
}

/// How often `text` is in `page`.
std::size_t count(const std::string& page, const std::string& text) {
  std::size_t n = 0;
  for (std::size_t at = page.find(text); at != std::string::npos; at = page.find(text, at + 1)) ++n;
  return n;
}

TEST(Pages, TheManPageDescribesEveryOptionOnce) {
  const std::string all = page("pose.1"), man = all.substr(all.find(".SH OPTIONS"));
  for (const std::string& name : all_names()) EXPECT_EQ(count(man, "\\-\\-" + name + "\\fR"), 1u) << name;
  for (const Option& option : option_table())
    EXPECT_EQ(count(man, ".SS " + std::string(option.group) + "\n"), 1u);
  EXPECT_NE(man.find("\\fB\\-\\-conf\\fR \\fISCORE\\fR\n\\&score threshold"), std::string::npos);
  EXPECT_NE(man.find("(default: \\-1; \\-1 or a number from 0 to 1)"), std::string::npos);
  EXPECT_EQ(all.find('@'), std::string::npos) << "a placeholder is left";
}

TEST(Pages, TheManPageDescribesEveryCommand) {
  const std::string man = page("pose.1");
  for (const Command& command : commands()) {
    std::string name = command.name;
    if (const std::size_t hyphen = name.find('-'); hyphen != std::string::npos) name.insert(hyphen, "\\");
    EXPECT_EQ(count(man, "\n.SS " + name + "\n"), 1u) << name;
    EXPECT_EQ(count(man, "\n.br\n\\fBpose " + name + "\\fR"), 1u) << name;
  }
  EXPECT_NE(man.find("\\fBpose inspect\\fR \\fIFILE\\fR [\\fB\\-\\-plan\\fR]"), std::string::npos);
  EXPECT_NE(page("pose.bash").find("'finish merge inspect convert models"), std::string::npos);
}

TEST(Pages, EveryCompletionOffersEveryOption) {
  const std::string bash = page("pose.bash"), zsh = page("_pose"), fish = page("pose.fish");
  for (const std::string& name : all_names()) {
    EXPECT_EQ(
        count(bash, " --" + name + " ") + count(bash, "'--" + name + " ") + count(bash, " --" + name + "'"),
        1u)
        << name;
    EXPECT_EQ(count(zsh, "\n    '--" + name + ":"), 1u) << name;
    EXPECT_EQ(count(fish, "\ncomplete -c pose -l " + name + " "), 1u) << name;
  }
  EXPECT_NE(bash.find("    --detector|--pose_model|get)"), std::string::npos);
  EXPECT_NE(bash.find("    --indir|--outdir|--dump_stages|--models_dir)"), std::string::npos);
  EXPECT_NE(zsh.find("AlphaPose'\\''s multi-peak"), std::string::npos);
  EXPECT_NE(fish.find("AlphaPose\\'s multi-peak"), std::string::npos);
  for (const std::string& text : {bash, zsh, fish}) EXPECT_EQ(text.find("OPTIONS@"), std::string::npos);
}

}  // namespace
}  // namespace pose
