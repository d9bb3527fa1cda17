// What run.json and the start of a journal say about options.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "options/option_table.h"

namespace pose {
namespace {

std::map<std::string, std::string> values_of(const RunOptions& run) {
  std::map<std::string, std::string> values;
  for (const OptionValue& option : option_values(run)) values[option.name] = option.value;
  return values;
}

TEST(OptionValues, OneForEachRowInItsOrder) {
  const std::vector<OptionValue> values = option_values({});
  ASSERT_EQ(values.size(), option_table().size());
  std::set<std::string> names;
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i].name, option_table()[i].name);
    EXPECT_EQ(values[i].shapes_results, option_table()[i].shapes_results);
    names.insert(values[i].name);
  }
  EXPECT_EQ(names.size(), values.size()) << "no name twice";
}

TEST(OptionValues, DefaultsArePlain) {
  std::map<std::string, std::string> values = values_of({});
  EXPECT_EQ(values["inputs"], "");
  EXPECT_EQ(values["recursive"], "false");
  EXPECT_EQ(values["max_pixels"], "134217728");
  EXPECT_EQ(values["outdir"], "pose-out");
  EXPECT_EQ(values["conf"], "-1");
  EXPECT_EQ(values["pose_nms_scale"], "pixel");
  EXPECT_EQ(values["pose_nms_delta1"], "1");
  EXPECT_EQ(values["pose_nms_gamma"], "22.48");
  EXPECT_EQ(values["pose_nms_alpha"], "0.1");
  EXPECT_EQ(values["oks_threshold"], "0.9");
  EXPECT_EQ(values["threads"], "0");
}

TEST(OptionValues, GivenOnesAreCanonical) {
  RunOptions run;
  run.source.inputs = {"a.jpg", "b c.jpg"};
  run.source.max_pixels = std::int64_t{1} << 60;
  run.source.recursive = true;
  run.models.conf = 0.40;
  run.models.nms = 1;
  run.models.suppress.alpha = 0.30000001f;
  run.models.suppress.area_threshold = 1e20f;
  run.models.suppress.mu = 1e-5f;
  run.models.suppress.delta1 = -0.0f;
  run.models.suppress.scale_by_person = true;
  std::map<std::string, std::string> values = values_of(run);
  EXPECT_EQ(values["inputs"], "a.jpg b c.jpg");
  EXPECT_EQ(values["max_pixels"], "1152921504606846976");
  EXPECT_EQ(values["recursive"], "true");
  EXPECT_EQ(values["conf"], "0.4");
  EXPECT_EQ(values["nms"], "1");
  EXPECT_EQ(values["pose_nms_alpha"], "0.3");
  EXPECT_EQ(values["pose_nms_area"], "1e+20");
  EXPECT_EQ(values["pose_nms_mu"], "1e-05");
  EXPECT_EQ(values["pose_nms_delta1"], "0");
  EXPECT_EQ(values["pose_nms_scale"], "person");
}

TEST(OptionValues, OnlyTheseLeavePeopleAsTheyAre) {
  std::set<std::string> keeping;
  for (const OptionValue& option : option_values({}))
    if (!option.shapes_results) keeping.insert(option.name);
  EXPECT_EQ(keeping, (std::set<std::string>{
                         "outdir",    "overwrite",    "resume",          "save_img",        "vis_style",
                         "vis_fast",  "report",       "save_boxes",      "dump_stages",     "detbatch",
                         "posebatch", "preset",       "progress",        "memory",          "threads",
                         "against",   "tolerance_px", "tolerance_share", "tolerance_score", "tolerance_iou",
                         "min_score"}));
}

TEST(OptionTable, GroupsStandTogetherAndEveryRowIsDescribed) {
  std::set<std::string_view> seen;
  std::string_view last;
  for (const Option& option : option_table()) {
    EXPECT_FALSE(option.help.empty()) << option.name;
    if (option.group != last) {
      EXPECT_TRUE(seen.insert(option.group).second) << option.group << " comes twice";
    }
    last = option.group;
  }
}

}  // namespace
}  // namespace pose
