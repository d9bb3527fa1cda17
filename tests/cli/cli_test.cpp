// The real program on small pictures and small networks that the tests write themselves.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "base/sha256.h"
#include "graph/architectures.h"
#include "pose/image.h"
#include "pose/source.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"
#include "support/torch_files.h"

namespace pose {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct Outcome {
  int exit_code = -1;
  std::string out;  ///< standard output and error together
};

Outcome shell(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.out.append(buffer.data(), n);
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

ArchitectureSpec tiny_hrnet() {
  return {"",
          {{"width", {8}},
           {"stem", {16}},
           {"layer1_planes", {16}},
           {"layer1_blocks", {1}},
           {"modules", {1, 1, 1}},
           {"blocks", {1}}},
          64,
          64,
          17};
}

/// A folder with a tiny HRNet (seeded weights, old torch.save layout), a tiny YOLO and three photos.
class Cli : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    fs::create_directories(*folder_ / "models");
    fs::create_directories(*folder_ / "photos");
    write_models();
    for (int i = 0; i < 3; ++i) write_photo("photo" + std::to_string(i * 5) + ".png", 120 + 40 * i, 160);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static void write_photo(const std::string& name, int width, int height) {
    std::vector<std::uint8_t> bytes = test::seeded_picture(name, width, height);
    write_image(*folder_ / ("photos/" + name), cv::Mat(height, width, CV_8UC3, bytes.data()));
  }

  static void write_models() {
    test::write_legacy_pth(*folder_ / "models/tiny.pth",
                           test::saved_tensors(test::seeded_graph(build_hrnet(tiny_hrnet()), 1.0)));
    json card{{"card", 1},
              {"name", "tiny"},
              {"role", "pose"},
              {"architecture", "hrnet"},
              {"params",
               {{"width", 8},
                {"stem", 16},
                {"layer1_planes", 16},
                {"layer1_blocks", 1},
                {"modules", {1, 1, 1}},
                {"blocks", 1}}},
              {"input", {{"width", 64}, {"height", 64}}},
              {"output", {{"channels", 17}, {"width", 16}, {"height", 16}}},
              {"skeleton", "coco17"},
              {"crop", "affine"},
              {"decoder", "quarter-shift"},
              {"pose_nms", "oks"},
              {"description", "for tests"},
              {"weights", {{"file", "tiny.pth"}, {"sources", {"https://example.invalid/tiny.pth"}}}}};
    test::write_text(*folder_ / "models/tiny.json", card.dump());
    card["name"] = "gone";
    card["params"]["width"] = 12;
    card["weights"]["file"] = "gone.pth";
    test::write_text(*folder_ / "models/gone.json", card.dump());
    card["name"] = "wider";
    card["params"]["width"] = 16;
    card["weights"]["file"] = "tiny.pth";
    test::write_text(*folder_ / "models/wider.json", card.dump());
  }

  /// Runs the program with the test models; `out` is the name of its output folder.
  static Outcome pose(const std::string& arguments, const std::string& out = "out") {
    std::error_code ignored;
    fs::remove_all(*folder_ / out, ignored);
    return shell(std::string(POSE_PROGRAM) + " --threads 1 --models_dir " + path("models") +
                 " --pose_model tiny --detector whole-image --outdir " + path(out) + " " + arguments);
  }

  static json report(const std::string& out = "out") {
    return json::parse(test::read_text(*folder_ / (out + "/run.json")));
  }
  static json results(const std::string& out = "out") {
    return json::parse(test::read_text(*folder_ / (out + "/alphapose-results.json")));
  }
  static std::string path(const std::string& name) { return *folder_ / name; }

  static std::unique_ptr<test::TempFolder> folder_;
};

std::unique_ptr<test::TempFolder> Cli::folder_;

/// `pose` with the test models and `arguments`, as a shell writes it; nothing is removed before.
std::string call(const std::string& models, const std::string& arguments) {
  return std::string(POSE_PROGRAM) + " --threads 1 --models_dir " + models +
         " --pose_model tiny --detector whole-image " + arguments;
}

TEST_F(Cli, AFolderBecomesJsonAndPictures) {
  const Outcome run = pose("--indir " + path("photos") + " --save_img");
  EXPECT_EQ(run.exit_code, 0) << run.out;
  ASSERT_EQ(results().size(), 3u);
  EXPECT_EQ(results()[0]["image_id"], "photo0.png");
  EXPECT_EQ(results()[1]["image_id"], "photo5.png");
  EXPECT_EQ(results()[2]["image_id"], "photo10.png") << "natural order";
  EXPECT_EQ(results()[0]["keypoints"].size(), 51u);
  for (const char* name : {"photo0.png", "photo5.png", "photo10.png"}) {
    const cv::Mat drawn = read_image(path(std::string("out/vis/") + name)),
                  photo = read_image(path(std::string("photos/") + name));
    EXPECT_EQ(drawn.size(), photo.size());
    EXPECT_GT(cv::norm(drawn, photo, cv::NORM_INF), 0) << "nothing was drawn";
  }
  EXPECT_EQ(report()["totals"]["images"], 3);
  EXPECT_EQ(report()["models"][0]["name"], "tiny");
  EXPECT_EQ(report()["models"][0]["sha256"].get<std::string>().size(), 64u);
  const json options = report()["options"];
  EXPECT_EQ(options["inputs"], "");
  EXPECT_EQ(options["conf"], -1);
  EXPECT_EQ(options["pose_nms_alpha"], 0.1);
  EXPECT_EQ(options["profile"], false);
  EXPECT_EQ(options["save_img"], true);
  EXPECT_EQ(options["recursive"], false);
  EXPECT_EQ(options["image"], "");
  EXPECT_FALSE(options.contains("help"));
}

TEST_F(Cli, ResultsAreTheSameBytesEachTimeAndWhateverTheBatch) {
  pose("--indir " + path("photos"));
  const std::string first = test::read_text(path("out/alphapose-results.json"));
  for (const char* options : {"", " --posebatch 1", " --posebatch 2 --detbatch 3"}) {
    pose("--indir " + path("photos") + options);
    EXPECT_EQ(test::read_text(path("out/alphapose-results.json")), first) << options;
  }
}

TEST_F(Cli, PositionalFilesListsAndHyphensWork) {
  test::write_text(path("list.txt"), "photo5.png\nphoto0.png\n");
  EXPECT_EQ(pose(path("photos/photo5.png") + " " + path("photos/photo0.png")).exit_code, 0);
  EXPECT_EQ(results()[0]["image_id"], "photo5.png");
  EXPECT_EQ(pose("--list " + path("list.txt") + " --indir " + path("photos") + " --save-img").exit_code, 0);
  EXPECT_EQ(results()[1]["image_id"], "photo0.png");
  EXPECT_TRUE(fs::exists(path("out/vis/photo5.png")));
  EXPECT_EQ(shell("cat " + path("list.txt") + " | " + POSE_PROGRAM + " --list - --indir " + path("photos") +
                  " --detector whole-image --models_dir " + path("models") + " --pose_model tiny --outdir " +
                  path("out"))
                .exit_code,
            0);
  EXPECT_EQ(results().size(), 2u);
}

TEST_F(Cli, AnArchiveMayComeThroughAPipe) {
  EXPECT_EQ(shell("tar -czf - -C " + path("photos") + " . | " + POSE_PROGRAM +
                  " - --detector whole-image --models_dir " + path("models") + " --pose_model tiny --outdir " +
                  path("out"))
                .exit_code,
            0);
  EXPECT_EQ(results().size(), 3u);
  EXPECT_EQ(results()[0]["image_id"].get<std::string>().substr(0, 11), "stdin/photo");
}

TEST_F(Cli, AFolderMayBeItsOwnOutputFolder) {
  fs::remove_all(path("both"));
  fs::copy(path("photos"), path("both"));
  const std::string photo = test::read_text(path("both/photo0.png"));
  const std::string call_again =
      call(path("models"), "-i " + path("both") + " -o " + path("both") + " --save_img --recursive --sp");
  for (int i = 0; i < 2; ++i) {
    const Outcome run = shell(call_again);
    EXPECT_EQ(run.exit_code, 0) << run.out;
    EXPECT_NE(run.out.find("warning: --sp: not needed"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("pose: 3 images, 3 people, 0 failed"), std::string::npos) << run.out;
    EXPECT_EQ(test::read_text(path("both/photo0.png")), photo);
  }
  EXPECT_EQ(results("both").size(), 3u);
}

TEST_F(Cli, NamesWithControlCharactersAreShownEscaped) {
  test::write_text(path("bad\n\x1b[2Jname.jpg"), "no picture");
  const Outcome run = pose("'" + path("bad\n\x1b[2Jname.jpg") + "' " + path("photos/photo0.png"));
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.out.find("failed: " + path("bad\\n\\x1b[2Jname.jpg")), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find('\x1b'), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("pose: 2 images, 1 person, 1 failed"), std::string::npos) << run.out;
}

TEST_F(Cli, BadPhotosAreListedAndTheRestIsThere) {
  fs::remove_all(path("mixed"));
  fs::copy(path("photos"), path("mixed"));
  test::write_text(path("mixed/broken.jpg"), "not a picture");
  test::write_text(path("mixed/empty.png"), "");
  const Outcome run = pose("--indir " + path("mixed"));
  EXPECT_EQ(run.exit_code, 3) << run.out;
  EXPECT_NE(run.out.find("broken.jpg: not a picture"), std::string::npos) << run.out;
  EXPECT_EQ(results().size(), 3u);
  EXPECT_EQ(report()["totals"]["failed"], 2);
}

TEST_F(Cli, SharedBadImagesMixedWithGoodPhotos) {
  const std::string bad = test::shared_path("bad_images");
  if (bad.empty()) GTEST_SKIP() << "the collection of broken pictures is not here";
  const Outcome run = pose(bad + " " + path("photos") + " --save_img");
  EXPECT_EQ(run.exit_code, 3) << run.out;
  const json account = report()["images"];
  std::size_t failed = 0;
  for (const json& image : account) {
    failed += image["status"] == "failed";
    EXPECT_EQ(fs::exists(path("out/vis/" + vis_name(image["name"]))), image["status"] == "ok")
        << image["name"];
  }
  // Damaged or no pictures: truncated_header, empty, text, html, zeros, both claims, truncated.png,
  // bad_ihdr_crc, animated gif and webp.
  EXPECT_GE(failed, 8u);
  EXPECT_LE(failed, 11u);
  EXPECT_EQ(results().size(), account.size() - failed)
      << "whole-image makes one person per picture that can be read";
}

TEST_F(Cli, UsageErrorsExitWith2AndSayWhat) {
  const std::string photos = "--indir " + path("photos") + " ";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "nothing to read"},
      {photos + "--no_such_option", "no_such_option"},
      {photos + "--format xml", "unknown output format 'xml'"},
      {photos + "--vis_style nice", "unknown drawing style 'nice'"},
      {photos + "--decoder drak", "did you mean 'dark'"},
      {photos + "--pose_nms okss", "did you mean 'oks'"},
      {photos + "--flip maybe", "unknown flip test"},
      {photos + "--inp_dim 100", "multiple of 32"},
      {photos + "--conf 2", "--conf must be -1 or a number from 0 to 1, not 2"},
      {photos + "--posebatch 0", "--posebatch must be a number from 1 to 4096, not 0"},
      {photos + "--pose_nms_mu nan", "--pose_nms_mu must be a number of at least 0, not NaN"},
      {photos + "--device tpu", "--device takes cpu"},
      {photos + "--device cuda:99", "--device cuda:99"},
      {photos + "--pose_model tinny", "did you mean 'tiny'"},
      {photos + "--matching", "--matching"},
      {"--indir " + path("models"), "no pictures"},
  };
  for (const auto& [arguments, message] : cases) {
    const Outcome run = pose(arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments << "\n" << run.out;
    EXPECT_NE(run.out.find(message), std::string::npos) << arguments << "\n" << run.out;
  }
}

TEST_F(Cli, MissingAndWrongWeightsAreExplained) {
  Outcome run = pose("--indir " + path("photos") + " --pose_model gone");
  EXPECT_EQ(run.exit_code, 1);
  for (const char* part : {"gone.pth", "https://example.invalid/tiny.pth", "put it at"})
    EXPECT_NE(run.out.find(part), std::string::npos) << run.out;
  run = pose("--indir " + path("photos") + " --pose_model wider");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.out.find("tensors of another shape"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("the nearest card is 'tiny'"), std::string::npos) << run.out;
  test::write_text(path("garbage.pth"), "garbage");
  EXPECT_EQ(pose("--indir " + path("photos") + " --pose_weights " + path("garbage.pth")).exit_code, 1);
}

TEST_F(Cli, AnOutputFolderThatCannotBeWrittenIsFatal) {
  test::write_text(path("file"), "");
  const Outcome run = pose("--indir " + path("photos"), "file/out");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.out.find("file/out"), std::string::npos) << run.out;
}

TEST_F(Cli, EveryFormDecoderSuppressorAndStyleRuns) {
  for (const char* options :
       {"--format cmu", "--format open", "--decoder dark", "--decoder argmax", "--decoder alphapose",
        "--pose_nms parametric", "--pose_nms soft-oks", "--pose_nms none",
        "--pose_nms parametric --pose_nms_scale person", "--flip on", "--flip shift", "--save_img --vis_fast",
        "--save_img --vis_style alphapose", "--profile", "--quiet", "--verbose"}) {
    const Outcome run = pose("--indir " + path("photos") + " " + options);
    EXPECT_EQ(run.exit_code, 0) << options << "\n" << run.out;
  }
}

TEST_F(Cli, MakesAReportOnRequest) {
  const Outcome run = pose("--indir " + path("photos") + " --report");
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_NE(run.out.find("/report/index.html"), std::string::npos) << run.out;
  EXPECT_EQ(shell(POSE_PROGRAM " report " + path("out")).exit_code, 0) << "in place of the first";
}

TEST_F(Cli, BoxesCanBeSavedAndGivenBack) {
  ASSERT_EQ(pose("--indir " + path("photos") + " --save_boxes " + path("boxes.json")).exit_code, 0);
  const json expected = results();
  json boxes = json::parse(test::read_text(path("boxes.json")));
  ASSERT_EQ(boxes.size(), 3u);
  ASSERT_EQ(pose("--indir " + path("photos") + " --detfile " + path("boxes.json")).exit_code, 0);
  EXPECT_EQ(results(), expected);
  const json models = report()["models"];
  ASSERT_EQ(models.size(), 2u);
  ASSERT_EQ(pose("--indir " + path("photos") + " --boxes_only --pose_weights gone.pth", "boxes").exit_code,
            0);
  EXPECT_EQ(test::read_text(path("boxes/alphapose-results.json")), test::read_text(path("boxes.json")));
  EXPECT_TRUE(report("boxes")["models"].empty()) << "whole-image, and no pose network";
  EXPECT_EQ(pose("--indir " + path("photos") + " --boxes_only --format cmu", "boxes").exit_code, 2);
  EXPECT_EQ(models[0]["name"], "detfile");
  EXPECT_EQ(models[0]["sha256"], sha256_of_file(path("boxes.json")))
      << "so that an unfinished run is not gone on with other boxes";
  ASSERT_EQ(shell("cp " + path("out/journal.jsonl") + " " + path("boxes.jsonl")).exit_code, 0);
  ASSERT_EQ(pose("--indir " + path("photos") + " --detfile " + path("boxes.jsonl")).exit_code, 0);
  EXPECT_EQ(results(), expected) << "a journal has the boxes";
  boxes.erase(1);
  boxes[0]["bbox"] = {10.1, 10.2, 50.3, 100.4};
  test::write_text(path("boxes.json"), boxes.dump());
  ASSERT_EQ(pose("--indir " + path("photos") + " --detfile " + path("boxes.json")).exit_code, 0);
  EXPECT_EQ(results().size(), 2u) << "nobody is invented for the photo without a box";
  ASSERT_EQ(pose("--indir " + path("photos") + " --detfile " + path("boxes.json") + " --save_boxes " +
                 path("again.json"))
                .exit_code,
            0);
  EXPECT_EQ(json::parse(test::read_text(path("again.json"))), boxes) << "to the last digit";
  for (json& box : boxes) box["image_id"] = "of_another_folder.png";
  test::write_text(path("boxes.json"), boxes.dump());
  const Outcome strangers = pose("--indir " + path("photos") + " --detfile " + path("boxes.json"));
  EXPECT_EQ(strangers.exit_code, 0);
  EXPECT_NE(strangers.out.find("gave no people for these photos"), std::string::npos) << strangers.out;
  test::write_text(path("boxes.json"), "[{]");
  EXPECT_EQ(pose("--indir " + path("photos") + " --detfile " + path("boxes.json")).exit_code, 1);
}

TEST_F(Cli, StagesAreDumped) {
  const std::string left_over = path("stages/photo0.png/.pose-abcdefgh23456723.tmp");
  fs::create_directories(path("stages/photo0.png"));
  test::write_text(left_over, "of a killed run");
  ASSERT_EQ(pose(path("photos/photo0.png") + " --dump_stages " + path("stages")).exit_code, 0);
  EXPECT_FALSE(fs::exists(left_over));
  EXPECT_TRUE(fs::exists(path("stages/photo0.png/heatmaps.npy")));
  EXPECT_EQ(json::parse(test::read_text(path("stages/photo0.png/people.json"))).size(), 1u);
}

TEST_F(Cli, RecursiveRunsKeepTheTreeInside) {
  fs::create_directories(path("tree/a/b"));
  fs::copy_file(path("photos/photo0.png"), path("tree/x.png"), fs::copy_options::overwrite_existing);
  fs::copy_file(path("photos/photo0.png"), path("tree/a/b/x.png"), fs::copy_options::overwrite_existing);
  const std::string left_over = path("out/vis/a/b/.pose-abcdefgh23456723.tmp");
  fs::create_directories(path("out/vis/a/b"));
  test::write_text(left_over, "of a killed run");
  ASSERT_EQ(pose("--indir " + path("tree") + " --recursive --save_img").exit_code, 0);
  EXPECT_TRUE(fs::exists(path("out/vis/a/b/x.png")));
  EXPECT_FALSE(fs::exists(left_over));
  EXPECT_EQ(results()[1]["image_id"], "a/b/x.png");
}

TEST_F(Cli, AnInterruptFinishesWhatIsInHand) {
  std::string many;
  for (int i = 0; i < 400; ++i) many += " " + path("photos/photo0.png");
  // The signal comes when the first results are being written.
  const std::string folder = path("stopped");
  const Outcome run = shell("{ " + std::string(POSE_PROGRAM) + " --threads 1 --models_dir " + path("models") +
                            " --pose_model tiny --detector whole-image --flip on --save_img --outdir " +
                            folder + many + " & pid=$!; while kill -0 $pid && [ ! -e " + folder +
                            "/vis ]; do sleep 0.05; done; kill -TERM $pid; wait $pid; }");
  const json account = report("stopped");
  if (run.exit_code == 0) GTEST_SKIP() << "this machine finished before it could be interrupted";
  EXPECT_EQ(run.exit_code, 130) << run.out;
  EXPECT_EQ(account["interrupted"], true);
  EXPECT_EQ(results("stopped").size(), account["images"].size());
}

TEST_F(Cli, CallsThatCannotBeMeantTouchNoResults) {
  ASSERT_EQ(pose("--indir " + path("photos"), "kept").exit_code, 0);
  const std::string people = test::read_text(path("kept/alphapose-results.json")),
                    account = test::read_text(path("kept/run.json"));
  const std::string photos = "--indir " + path("photos") + " ";
  for (const std::string& arguments :
       {std::string("nosuch.jpg"), std::string("help"), std::string("--image nosuch.jpg"),
        std::string("--indir nosuch"), photos + "--format xml", photos + "--posebatch 0",
        photos + "--pose_model gone", photos + "--pose_model wider"}) {
    const Outcome run = shell(call(path("models"), arguments + " --outdir " + path("kept")));
    EXPECT_NE(run.exit_code, 0) << arguments;
    EXPECT_EQ(test::read_text(path("kept/alphapose-results.json")), people) << arguments;
    EXPECT_EQ(test::read_text(path("kept/run.json")), account) << arguments;
    EXPECT_FALSE(fs::exists(path("kept/journal.partial.jsonl"))) << arguments;
  }
  EXPECT_EQ(shell(call(path("models"), "nosuch.jpg --outdir " + path("nowhere"))).exit_code, 2);
  EXPECT_FALSE(fs::exists(path("nowhere")));
}

TEST_F(Cli, ARunThatWasKilledIsFinishedOrGoneOnWith) {
  ASSERT_EQ(
      pose("--indir " + path("photos") + " --save_boxes " + path("whole-boxes.json"), "whole").exit_code, 0);
  // A journal with two of the three photos, as kill -9 leaves it.
  fs::create_directories(path("killed"));
  const std::string journal = test::read_text(path("whole/journal.jsonl"));
  const std::size_t third = journal.rfind('\n', journal.size() - 2) + 1;
  test::write_text(path("killed/journal.partial.jsonl"), journal.substr(0, third + 30));
  const Outcome finished = shell(std::string(POSE_PROGRAM) + " finish " + path("killed"));
  EXPECT_EQ(finished.exit_code, 0) << finished.out;
  ASSERT_EQ(results("killed").size(), 2u);
  EXPECT_EQ(results("killed")[1], results("whole")[1]);
  EXPECT_EQ(report("killed")["interrupted"], true);
  const std::string again = "--indir " + path("photos") + " --outdir " + path("killed");
  const Outcome other = shell(call(path("models"), again + " --decoder dark"));
  EXPECT_EQ(other.exit_code, 2);
  for (const char* part : {"--decoder", "'dark'", "--overwrite", "pose finish", "2 of 3"})
    EXPECT_NE(other.out.find(part), std::string::npos) << other.out;
  EXPECT_EQ(results("killed").size(), 2u);
  EXPECT_EQ(shell(call(path("models"), again + " --resume --overwrite")).exit_code, 2);
  const Outcome resumed = shell(call(path("models"), again + " --resume"));
  EXPECT_EQ(resumed.exit_code, 0) << resumed.out;
  EXPECT_NE(resumed.out.find("2 of 3 images are done"), std::string::npos) << resumed.out;
  EXPECT_NE(resumed.out.find("pose: 3 images"), std::string::npos) << resumed.out;
  EXPECT_EQ(results("killed"), results("whole"));
  EXPECT_EQ(report("killed")["options"].count("resume"), 0u) << "a resumed run is told as one that was not";
  EXPECT_NE(shell(call(path("models"), again + " --resume")).out.find("3 of 3 images are done"),
            std::string::npos);
  const Outcome drawn = shell(call(path("models"), again + " --resume --save_img"));
  EXPECT_EQ(drawn.exit_code, 2);
  EXPECT_NE(drawn.out.find("--save_img was 'false' and is 'true'"), std::string::npos) << drawn.out;
  test::write_text(path("killed/journal.partial.jsonl"), journal.substr(0, third + 30));
  const Outcome anew = shell(call(path("models"), again));
  EXPECT_EQ(anew.exit_code, 0);
  EXPECT_NE(anew.out.find("2 images done: they are done again; the same call with --resume goes on"),
            std::string::npos)
      << anew.out;
  EXPECT_EQ(test::read_text(path("killed/alphapose-results.json")),
            test::read_text(path("whole/alphapose-results.json")));
  EXPECT_FALSE(fs::exists(path("killed/journal.partial.jsonl")));
  test::write_text(path("killed/journal.partial.jsonl"), journal.substr(0, third));
  EXPECT_EQ(shell(call(path("models"), again + " --decoder dark --overwrite")).exit_code, 0);
  EXPECT_EQ(shell(std::string(POSE_PROGRAM) + " finish " + path("photos")).exit_code, 1);
}

TEST_F(Cli, ResultsAreComparedWithAReference) {
  ASSERT_EQ(pose("--indir " + path("photos"), "reference").exit_code, 0);
  json moved = results("reference");
  moved[1]["keypoints"][0] = moved[1]["keypoints"][0].get<double>() + 3;
  test::write_text(path("moved.json"), moved.dump());
  const std::string against = "--indir " + path("photos") + " --against ";
  EXPECT_EQ(pose(against + path("reference")).exit_code, 0);
  const Outcome other = pose(against + path("moved.json") + " --quiet");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_NE(other.out.find("photo5.png, person 1, nose: moved by 3 px"), std::string::npos) << other.out;
  EXPECT_EQ(pose(against + path("moved.json") + " --tolerance_px 3.1").exit_code, 0);
  test::write_text(path("photos/broken.jpg"), "no picture");
  EXPECT_EQ(pose(against + path("reference")).exit_code, 3) << "as without a reference";
  EXPECT_EQ(pose(against + path("moved.json")).exit_code, 1);
  fs::remove(path("photos/broken.jpg"));
  EXPECT_EQ(pose(against + path("missing.json")).exit_code, 1);
  EXPECT_FALSE(fs::exists(path("out"))) << "said before anything is done";
}

TEST_F(Cli, NamesOfAnyBytesComeBack) {
  fs::create_directories(path("bytes"));
  const std::string name = "caf\xE9 \xEE\xBE\x93 \"q\".png";
  fs::copy_file(path("photos/photo0.png"), path("bytes/" + name), fs::copy_options::overwrite_existing);
  ASSERT_EQ(pose("--indir " + path("bytes") + " --save_img --save_boxes " + path("bytes.json")).exit_code, 0);
  EXPECT_TRUE(fs::exists(path("out/vis/" + name)));
  const json expected = results();
  ASSERT_EQ(expected.size(), 1u);
  EXPECT_EQ(report()["images"][0]["name"], expected[0]["image_id"]);
  ASSERT_EQ(pose("--indir " + path("bytes") + " --detfile " + path("bytes.json")).exit_code, 0);
  EXPECT_EQ(results(), expected) << "the boxes are found by the name";
}

TEST_F(Cli, BoxesGoToPipesAndThroughLinks) {
  const std::string photo = path("photos/photo0.png") + " --quiet --outdir " + path("streams");
  const Outcome piped = shell(call(path("models"), photo + " --save_boxes /dev/stdout | cat"));
  ASSERT_EQ(piped.exit_code, 0) << piped.out;
  EXPECT_EQ(json::parse(piped.out).size(), 1u) << piped.out;
  test::write_text(path("log"), "before\n");
  EXPECT_EQ(shell("{ " + call(path("models"), photo + " --save_boxes /dev/stdout >> " + path("log")) + "; }")
                .exit_code,
            0);
  EXPECT_EQ(test::read_text(path("log")).rfind("before\n[{", 0), 0u)
      << "a shell's redirection is not replaced";
  fs::remove(path("link"));
  fs::create_symlink("elsewhere.json", path("link"));
  EXPECT_EQ(shell(call(path("models"), photo + " --save_boxes " + path("link"))).exit_code, 0);
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(json::parse(test::read_text(path("elsewhere.json"))).size(), 1u);
}

TEST_F(Cli, OddPhotosCostOnlyThemselves) {
  fs::remove_all(path("odd"));
  fs::copy(path("photos"), path("odd"));
  pose("--indir " + path("odd"));
  const json expected = results();
  write_photo("../odd/panorama.png", 40000, 8);
  ASSERT_EQ(mkfifo(path("odd/pipe.jpg").c_str(), 0600), 0);
  fs::create_directory(path("odd/folder.jpg"));
  fs::create_symlink("nowhere", path("odd/dangling.jpg"));
  fs::copy_file(path("photos/photo0.png"), path("odd/" + std::string(246, 'l') + ".png"));
  const Outcome run = pose("--indir " + path("odd") + " --save_img");
  EXPECT_EQ(run.exit_code, 3) << run.out;
  json kept = json::array();
  for (const json& person : results())
    if (person["image_id"].get<std::string>().rfind("photo", 0) == 0) kept.push_back(person);
  EXPECT_EQ(kept, expected) << "the good ones' results are what they were";
  EXPECT_EQ(results().size(), expected.size() + 2) << "the panorama and the long name have somebody";
  EXPECT_EQ(report()["totals"]["failed"], 2) << run.out;
  EXPECT_EQ(pose(path("odd") + " --format open").exit_code, 3);
  EXPECT_TRUE(fs::exists(path("out/sep-json/" + std::string(246, 'l') + ".json")));
}

TEST_F(Cli, NamesThatAFormCannotHoldAreToldBeforeTheRun) {
  fs::remove_all(path("numbers"));
  fs::create_directories(path("numbers"));
  for (const char* name : {"COCO_0001.png", "holiday.png", "COCO_0002.png"})
    fs::copy_file(path("photos/photo0.png"), path(std::string("numbers/") + name));
  const Outcome run = pose("--indir " + path("numbers") + " --format coco-eval");
  EXPECT_EQ(run.exit_code, 3) << run.out;
  EXPECT_EQ(run.out.find("pose: warning: cannot write results of " + path("numbers/holiday.png")), 0u)
      << run.out;
  ASSERT_EQ(results().size(), 2u);
  const std::string text = test::read_text(path("out/alphapose-results.json"));
  // The whole picture, 120 x 160, grown to a square and by 1.25.
  EXPECT_EQ(results()[0]["center"], (json{60.0, 80.0}));
  EXPECT_EQ(results()[0]["scale"], (json{1.0, 1.0}));
  EXPECT_EQ(shell(std::string(POSE_PROGRAM) + " finish " + path("out")).exit_code, 3);
  EXPECT_EQ(test::read_text(path("out/alphapose-results.json")), text) << "the journal has it all";
  EXPECT_EQ(pose(path("numbers/holiday.png") + " --format coco-eval", "never").exit_code, 2);
}

TEST_F(Cli, TwoProcessesDoNotShareAFolder) {
  std::string many;
  for (int i = 0; i < 200; ++i) many += " " + path("photos/photo0.png");
  const std::string folder = path("shared-folder");
  fs::remove_all(folder);
  const std::string command = call(path("models"), "--flip on --outdir " + folder + many);
  const Outcome both =
      shell("{ " + command + " & pid=$!; while kill -0 $pid && [ ! -s " + folder +
            "/journal.partial.jsonl ]; do sleep 0.02; done; " + command + "; echo second $?; wait $pid; }");
  EXPECT_EQ(both.exit_code, 0) << both.out;
  if (both.out.find("second 0") != std::string::npos) GTEST_SKIP() << "the first was done too soon";
  EXPECT_NE(both.out.find("second 2"), std::string::npos) << both.out;
  EXPECT_NE(both.out.find("another pose is at work in " + folder), std::string::npos) << both.out;
  EXPECT_EQ(results("shared-folder").size(), 200u);
}

TEST_F(Cli, AStopHelpsEvenWhereAThreadHangs) {
  // A picture that goes to a pipe which is open and never read: its writer hangs for ever.
  fs::remove_all(path("hang"));
  fs::create_directories(path("hang/vis"));
  const std::string pipe = path("hang/vis/photo5.png");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string command =
      call(path("models"), "--save_img --indir " + path("photos") + " --outdir " + path("hang"));
  const Outcome run =
      shell("{ exec 7<>" + pipe + "; " + command +
            " & pid=$!; sleep 1.5; kill -TERM $pid; (sleep 20; kill -KILL $pid 2> /dev/null) & wait $pid; }");
  EXPECT_EQ(run.exit_code, 130) << run.out;
  EXPECT_EQ(report("hang")["interrupted"], true) << run.out;
  EXPECT_EQ(results("hang").size(), 1u) << "what was finished is there: " << run.out;
}

TEST_F(Cli, WeightsOfAllFormatsGiveTheSamePeople) {
  pose("--indir " + path("photos"));
  const std::string expected = test::read_text(path("out/alphapose-results.json"));
  const std::string program = POSE_PROGRAM;
  ASSERT_EQ(shell(program + " convert " + path("models/tiny.pth") + " " + path("tiny.safetensors")).exit_code,
            0);
  test::write_zip_pth(path("tiny_zip.pt"),
                      test::saved_tensors(test::seeded_graph(build_hrnet(tiny_hrnet()), 1.0)));
  for (const char* file : {"tiny.safetensors", "tiny_zip.pt"}) {
    ASSERT_EQ(pose("--indir " + path("photos") + " --pose_weights " + path(file)).exit_code, 0) << file;
    EXPECT_EQ(test::read_text(path("out/alphapose-results.json")), expected) << file;
  }
  const Outcome half =
      shell(program + " convert --half " + path("models/tiny.pth") + " " + path("half.safetensors"));
  EXPECT_EQ(half.exit_code, 0) << half.out;
  EXPECT_LT(fs::file_size(path("half.safetensors")), fs::file_size(path("tiny.safetensors")) * 6 / 10);
}

TEST_F(Cli, InspectShowsFilesCardsAndCfgs) {
  const std::string inspect = std::string("POSE_MODELS=") + path("models") + " " + POSE_PROGRAM + " inspect ";
  const Outcome file = shell(inspect + path("models/tiny.pth"));
  EXPECT_EQ(file.exit_code, 0);
  for (const char* part : {"pth-legacy", "fits        tiny", "conv1.weight", "sha256"})
    EXPECT_NE(file.out.find(part), std::string::npos) << file.out.substr(0, 800);
  const json as_json = json::parse(shell(inspect + "--json " + path("models/tiny.pth")).out);
  EXPECT_EQ(as_json["format"], "pth-legacy");
  EXPECT_EQ(as_json["fits"][0], "tiny");
  const Outcome card = shell(inspect + "hrnet-w32-256x192");
  EXPECT_NE(card.out.find("28536113 parameters, 7.645 GMACs"), std::string::npos) << card.out;
  EXPECT_EQ(json::parse(shell(inspect + "--json hrnet-w32-256x192").out)["conv_macs"], 7645003776);
  EXPECT_EQ(shell(inspect + "/no/such/file.pth").exit_code, 1);
  EXPECT_EQ(shell(inspect + "no-such-card").exit_code, 2);
}

TEST_F(Cli, InspectShowsTheFilesNameEscaped) {
  const std::string header = R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})";
  test::write_text(path("odd\tname.safetensors"),
                   std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header + "1234");
  const Outcome shown = shell(std::string(POSE_PROGRAM) + " inspect '" + path("odd\tname.safetensors") + "'");
  EXPECT_EQ(shown.exit_code, 0) << shown.out;
  EXPECT_EQ(shown.out.rfind(path("odd\\tname.safetensors") + "\n", 0), 0u) << shown.out;
}

TEST_F(Cli, HelpVersionAndModelsAnswerAtOnce) {
  for (const char* arguments : {"--help", "--version", "models", "models --help", "inspect --help"})
    EXPECT_EQ(shell(std::string(POSE_PROGRAM) + " " + arguments).exit_code, 0) << arguments;
  EXPECT_NE(shell(std::string(POSE_PROGRAM) + " models").out.find("hrnet-w48-384x288"), std::string::npos);
}

}  // namespace
}  // namespace pose
