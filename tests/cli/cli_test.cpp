// What the program does with photos, models and options.

#include "base/sha256.h"
#include "cli/program.h"
#include "pose/source.h"

namespace pose {
namespace {

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
                  " - --detector whole-image --models_dir " + path("models") +
                  " --pose_model tiny --outdir " + path("out"))
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
