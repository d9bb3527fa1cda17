// The library's check of options: each range at both ends.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "estimator/load_models.h"
#include "options/option_table.h"
#include "pose/error.h"
#include "pose/estimator.h"
#include "pose/pipeline.h"
#include "pose/source.h"
#include "support/files.h"

namespace pose {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const Option& option(std::string_view name) {
  for (const Option& row : option_table())
    if (row.name == name) return row;
  throw std::runtime_error("no option " + std::string(name));
}

/// What the check says to `value` for a number; "" if it takes it.
template <typename Value>
std::string said_to(const Option& row, const Value& value) {
  RunOptions run;
  std::visit(
      [&](auto* place) {
        using Place = std::remove_pointer_t<decltype(place)>;
        if constexpr (std::is_same_v<Place, Value> ||
                      (std::is_arithmetic_v<Place> && std::is_arithmetic_v<Value>))
          *place = static_cast<Place>(value);
      },
      row.place(run));
  try {
    check_options(run);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUsage);
    return e.what();
  }
  return "";
}

struct NumberCase {
  std::string name;
  std::vector<double> good, bad;
};

TEST(CheckOptions, NumbersAtBothEndsOfTheirRanges) {
  const double most = 1e9;
  const std::vector<NumberCase> cases{
      {"max_pixels", {1, 1e15}, {0, -1}},
      {"inp_dim", {0, 64, 96, 4096}, {-32, 32, 63, 65, 100, 4095, 4128}},
      {"conf", {-1, 0, 1}, {-0.5, -1.001, -1e-9, 1.0000001, kNaN, kInf, -kInf}},
      {"nms", {-1, 0, 1}, {-0.5, -2, -1e-9, 1.0000001, kNaN, kInf, -kInf}},
      {"detbatch", {1, 1024}, {0, -1, 1025}},
      {"person_class", {-1, 0, most}, {-2}},
      {"posebatch", {1, 4096}, {0, -1, 4097}},
      {"pose_nms_delta1", {0, most}, {-1e-6, kNaN, kInf}},
      {"pose_nms_delta2", {0.001, most}, {0, 0.000999, -1, kNaN, kInf}},
      {"pose_nms_mu", {0, most}, {-1e-6, kNaN, kInf}},
      {"pose_nms_gamma", {0, most}, {-1e-6, kNaN, kInf}},
      {"pose_nms_score", {0, most}, {-1e-6, kNaN, kInf}},
      {"pose_nms_matches", {0, most}, {-1}},
      {"pose_nms_area", {0, most}, {-1e-6, kNaN, kInf}},
      {"pose_nms_alpha", {0, most}, {-1e-6, kNaN, kInf}},
      {"pose_nms_match_cap", {0, most}, {-1e-6, kNaN, kInf}},
      {"pose_nms_merge_cap", {0, most}, {-1e-6, kNaN, kInf}},
      {"oks_threshold", {0, 1}, {-1e-9, 1.0000001, kNaN, kInf}},
      {"in_vis_threshold", {0, most}, {-1e-9, kNaN, kInf}},
      {"soft_max_people", {1, most}, {0, -1}},
      {"tolerance_px", {0, most}, {-1e-9, kNaN, kInf}},
      {"tolerance_share", {0, most}, {-1e-9, kNaN, kInf}},
      {"tolerance_score", {0, most}, {-1e-9, kNaN, kInf}},
      {"tolerance_iou", {0, 1}, {-1e-9, 1.0000001, kNaN, kInf}},
      {"min_score", {-1, 0, most}, {-0.5, -2, kNaN, kInf}},
      {"threads", {0, 1024}, {-1, 1025}},
  };
  std::size_t numbers = 0;
  for (const Option& row : option_table()) numbers += !range_text(row).empty();
  EXPECT_EQ(cases.size(), numbers) << "each option that takes a number is in this test";
  for (const NumberCase& c : cases) {
    for (const double value : c.good) EXPECT_EQ(said_to(option(c.name), value), "") << c.name << " " << value;
    for (const double value : c.bad)
      EXPECT_EQ(said_to(option(c.name), value).find("--" + c.name + " must be "), 0u)
          << c.name << " " << value;
  }
}

TEST(CheckOptions, EveryNumberHasARangeAndEveryDefaultIsInIt) {
  RunOptions run;
  EXPECT_NO_THROW(check_options(run));
  for (const Option& row : option_table()) {
    const OptionPlace place = row.place(run);
    const bool number = std::holds_alternative<int*>(place) || std::holds_alternative<std::int64_t*>(place) ||
                        std::holds_alternative<float*>(place) || std::holds_alternative<double*>(place);
    EXPECT_EQ(range_text(row).empty(), !number) << row.name;
  }
}

TEST(CheckOptions, MessagesHaveOptionRangeAndValue) {
  EXPECT_EQ(said_to(option("conf"), 2.0), "--conf must be -1 or a number from 0 to 1, not 2");
  EXPECT_EQ(said_to(option("nms"), kNaN), "--nms must be -1 or a number from 0 to 1, not NaN");
  EXPECT_EQ(said_to(option("inp_dim"), 100),
            "--inp_dim must be 0 or a multiple of 32 from 64 to 4096, not 100");
  EXPECT_EQ(said_to(option("max_pixels"), 0), "--max_pixels must be a number of at least 1, not 0");
  EXPECT_EQ(said_to(option("pose_nms_mu"), -0.1f), "--pose_nms_mu must be a number of at least 0, not -0.1");
  EXPECT_EQ(said_to(option("outdir"), std::string()), "--outdir must be the name of a folder, not empty");
  EXPECT_EQ(said_to(option("format"), std::string()), "--format must be a name, not empty");
  EXPECT_EQ(said_to(option("detfile"), std::string("a\0b", 3)),
            "--detfile must be a text without NUL bytes, not 'a\\0...'");
}

TEST(CheckOptions, TextsAndListsWithoutNulBytes) {
  const std::string nul("x\0", 2);
  RunOptions run;
  for (const Option& row : option_table()) {
    const OptionPlace place = row.place(run);
    if (std::holds_alternative<std::string*>(place)) {
      EXPECT_NE(said_to(row, nul), "") << row.name;
      EXPECT_EQ(said_to(row, std::string("x")), "") << row.name;
      EXPECT_EQ(said_to(row, std::string()).empty(), default_text(row).empty())
          << row.name << ": a text with a default may not be empty";
    } else if (std::holds_alternative<std::vector<std::string>*>(place)) {
      using Texts = std::vector<std::string>;
      EXPECT_NE(said_to(row, Texts{"x", nul}), "") << row.name;
      EXPECT_NE(said_to(row, Texts{"x", ""}), "") << row.name;
      EXPECT_EQ(said_to(row, Texts{"x", "y"}), "") << row.name;
      EXPECT_EQ(said_to(row, Texts{}), "") << row.name;
    }
  }
}

TEST(CheckOptions, EachOwnerChecksItsOwn) {
  SourceOptions source;
  ModelOptions models;
  OutputOptions output;
  MachineOptions machine;
  EXPECT_NO_THROW(check_options(source));
  EXPECT_NO_THROW(check_options(models));
  EXPECT_NO_THROW(check_options(output));
  EXPECT_NO_THROW(check_options(machine));
  source.max_pixels = 0;
  models.suppress.gamma = -1;
  output.outdir = "";
  machine.threads = -1;
  EXPECT_THROW(check_options(source), Error);
  EXPECT_THROW(check_options(models), Error);
  EXPECT_THROW(check_options(output), Error);
  EXPECT_THROW(check_options(machine), Error);
}

template <typename Call>
void expect_refused(const std::string& name, Call call) {
  try {
    call();
    FAIL() << name << " was not refused";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kUsage);
    EXPECT_EQ(std::string(e.what()).find("--" + name + " must be "), 0u) << e.what();
  }
}

TEST(CheckOptions, TheLibraryChecksBeforeAnythingElse) {
  RunOptions bad;
  bad.source.max_pixels = 0;
  bad.models.conf = 2;
  bad.machine.posebatch = 0;
  Models none;
  const test::TempFolder folder;
  Journal journal(folder.path(), {}, false);
  expect_refused("max_pixels", [&] { collect_photos(bad.source); });
  expect_refused("conf", [&] { choose_models(bad.models); });
  expect_refused("conf", [&] { load_models({}, bad.models, {}); });
  expect_refused("posebatch", [&] { load_models({}, {}, bad.machine); });
  expect_refused("conf", [&] { const Estimator estimator(bad.models); });
  bad.source.max_pixels = 1;
  bad.models.conf = -1;
  expect_refused("posebatch", [&] { run_pipeline({}, none, bad, journal, {}); });
}

}  // namespace
}  // namespace pose
