// Folders of odd names and photos, runs that are stopped, killed or meet each other.

#include <sys/stat.h>

#include "cli/program.h"

namespace pose {
namespace {

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

}  // namespace
}  // namespace pose
