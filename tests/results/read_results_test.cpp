// Results as many programs write them, whole and damaged.

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

#include "pose/results.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

/// Joint `k` is at (10 + k, 20 + k) with a score of 0.5.
std::string joints(int count) {
  std::string text = "[";
  for (int k = 0; k < count; ++k)
    text += (k ? ", " : "") + std::to_string(10 + k) + ", " + std::to_string(20 + k) + ", 0.5";
  return text + "]";
}

std::string entry(const std::string& id, int count = 17, const std::string& more = "") {
  return R"({"image_id": )" + id + R"(, "category_id": 1, "keypoints": )" + joints(count) +
         R"(, "score": 1.5)" + more + "}";
}

std::string openpose(int count) {
  return R"({"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": )" + joints(count) +
         R"(, "face_keypoints_2d": []}]})";
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

const char* const kDataset = R"({"info": {}, "images": [
  {"id": 7, "file_name": "d/a.jpg", "width": 640, "height": 480}, {"id": 9, "file_name": "b.jpg"}],
 "annotations": [
  {"id": 1, "image_id": 9, "category_id": 4, "bbox": [1, 2, 3, 4], "keypoints": [5, 6, 2, 0, 0, 0], "area": 8},
  {"id": 2, "image_id": 9, "category_id": 4, "bbox": [1, 2, 30, 40], "iscrowd": 1},
  {"id": 3, "image_id": 9, "category_id": 3, "bbox": [0, 0, 9, 9]}],
 "categories": [{"id": 3, "name": "dog"}, {"id": 4, "name": "person", "keypoints": ["top", "tail"],
                 "skeleton": [[2, 1]]}]})";

class ReadResults : public testing::Test {
 protected:
  Results read(const std::string& text) {
    test::write_text(folder_ / "p.json", text);
    return read_results(folder_ / "p.json");
  }

  void refused(const std::string& text, const std::string& part) {
    SCOPED_TRACE(text.substr(0, 200));
    test::expect_error(ErrorKind::kFormat, part, [&] { read(text); });
  }

  const test::TempFolder folder_;
};

TEST_F(ReadResults, ListsOfPeople) {
  const Results read_list = read("[" + entry("\"a.jpg\"") + ", " + entry("\"b.jpg\"") + "]");
  EXPECT_EQ(read_list.form, "coco");
  EXPECT_EQ(read_list.skeleton, "coco17");
  EXPECT_EQ(read_list.joint_names.at(16), "right_ankle");
  EXPECT_EQ(read_list.limbs, skeleton("coco17").limbs);
  ASSERT_EQ(read_list.photos.size(), 2u);
  EXPECT_EQ(read_list.photos[1].name, "b.jpg");
  EXPECT_EQ(read_list.photos[1].people.at(0).joints.at(16).y, 36);
  EXPECT_EQ(read_list.photos[1].people[0].score, 1.5);
  EXPECT_EQ(read("[" + entry("42") + "]").photos.at(0).number, 42);
  const Results strange = read("[" + entry("42", 5) + "]");
  EXPECT_EQ(strange.skeleton, "");
  EXPECT_TRUE(strange.joint_names.empty());
}

TEST_F(ReadResults, ListsOfAlphaPoseMaster) {
  const Results results =
      read("[" + entry("\"a.jpg\"", 17, R"(, "box": [1, 2, 30, 40], "idx": [3.0])") + "]");
  EXPECT_EQ(results.form, "alphapose-master");
  const Person& person = results.photos.at(0).people.at(0);
  EXPECT_EQ(person.index, 3);
  EXPECT_EQ(person.detection.box.x2, 31);
  EXPECT_EQ(person.detection.box.y2, 42);
  EXPECT_EQ(read("[" + entry("\"a.jpg\"", 17, R"(, "idx": 7)") + "]").photos[0].people[0].index, 7);
  refused("[" + entry("\"a.jpg\"", 17, R"(, "box": [1, 2, -1, 4])") + "]", "[0].box[2] is out of range");
  refused("[" + entry("\"a.jpg\"", 17, R"(, "idx": [])") + "]", "[0].idx must be a number");
}

TEST_F(ReadResults, NobodyAtAll) {
  EXPECT_EQ(read("[]").form, "coco");
  EXPECT_TRUE(read("[]").photos.empty());
  EXPECT_EQ(read("{}").form, "open");
  EXPECT_TRUE(read(R"({"images": [], "annotations": []})").photos.empty());
}

TEST_F(ReadResults, DataSets) {
  const Results results = read(kDataset);
  EXPECT_EQ(results.form, "coco-dataset");
  EXPECT_EQ(results.skeleton, "");
  EXPECT_EQ(results.joint_names, (std::vector<std::string>{"top", "tail"}));
  EXPECT_EQ(results.limbs, (std::vector<std::pair<int, int>>{{1, 0}}));
  ASSERT_EQ(results.photos.size(), 2u);
  const PhotoPeople &a = results.photos[0], &b = results.photos[1];
  EXPECT_EQ(a.name, "d/a.jpg");
  EXPECT_EQ(a.number, 7);
  EXPECT_EQ(a.size.width, 640);
  EXPECT_EQ(a.size.height, 480);
  EXPECT_TRUE(a.people.empty());
  EXPECT_EQ(b.size.width, 0);
  ASSERT_EQ(b.people.size(), 1u);
  EXPECT_EQ(b.people[0].area, 8);
  EXPECT_EQ(b.people[0].detection.box.x2, 4);
  EXPECT_EQ(b.people[0].joints.at(0).score, 2);
  ASSERT_EQ(b.crowds.size(), 1u);
  EXPECT_EQ(b.crowds[0].detection.box.y2, 42);
}

TEST_F(ReadResults, TheCategoryOfPeopleIsFound) {
  const auto with = [](const std::string& categories) {
    return R"({"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 1, "category_id": 5,
               "bbox": [0, 0, 1, 1]}], "categories": )" +
           categories + "}";
  };
  const auto people = [&](const std::string& categories) {
    return read(with(categories)).photos.at(0).people.size();
  };
  EXPECT_EQ(people(R"([{"id": 5, "name": "human"}])"), 1u);
  EXPECT_EQ(people(R"([{"id": 6, "name": "person"}, {"id": 5, "name": "dog"}])"), 0u);
  EXPECT_EQ(people(R"([{"id": 6, "name": "car"}, {"id": 5, "name": "man", "keypoints": ["nose"]}])"), 1u);
  refused(with(R"([{"id": 5, "name": "a"}, {"id": 6, "name": "b"}])"), "categories has no 'person'");
}

TEST_F(ReadResults, FilesOfOpenPose) {
  for (const int count : {18, 25}) {
    fs::create_directories(folder_ / "d");
    test::write_text(folder_ / "d/street.v2_keypoints.json", openpose(count));
    const Results results = read_results(folder_ / "d/street.v2_keypoints.json");
    EXPECT_EQ(results.form, "openpose");
    EXPECT_EQ(results.skeleton, "openpose" + std::to_string(count));
    EXPECT_EQ(results.photos.at(0).name, "street.v2");
    EXPECT_EQ(results.photos[0].people.at(0).joints.size(), static_cast<std::size_t>(count));
  }
  refused(openpose(15), "p.json: people[0].pose_keypoints_2d has 15 joints: only");
  EXPECT_TRUE(read(R"({"people": [{"pose_keypoints_2d": []}]})").photos.at(0).people.empty());
}

TEST_F(ReadResults, FoldersOfFilesPerPhoto) {
  test::write_text(folder_ / "b_keypoints.json", openpose(25));
  fs::create_directory(folder_ / "c");
  test::write_text(folder_ / "c/a_keypoints.json.gz", gzip(openpose(25)));
  test::write_text(folder_ / "readme.txt", "no results");
  const Results results = read_results(folder_.path());
  ASSERT_EQ(results.photos.size(), 2u);
  EXPECT_EQ(results.photos[0].name, "b");
  EXPECT_EQ(results.photos[1].name, "c/a");
  EXPECT_EQ(results.skeleton, "openpose25");
  test::write_text(folder_ / "d_keypoints.json", openpose(18));
  test::expect_error(ErrorKind::kFormat, "person 1 of photo 'd' has 18 joints, and people before have 25",
                     [&] { read_results(folder_.path()); });
  test::write_text(folder_ / "a.json", "[" + entry("\"a.jpg\"") + "]");
  test::expect_error(ErrorKind::kFormat, "a.json is of many photos; name that file itself",
                     [&] { read_results(folder_.path()); });
}

TEST_F(ReadResults, FoldersOfRuns) {
  test::expect_error(ErrorKind::kNotFound, "neither alphapose-results.json nor",
                     [&] { read_results(folder_.path()); });
  test::write_text(folder_ / "run.json", R"({"images": []})");
  test::write_text(folder_ / "alphapose-results.json", "[" + entry("\"a.jpg\"") + "]");
  EXPECT_EQ(read_results(folder_.path()).photos.at(0).name, "a.jpg");
  test::expect_error(ErrorKind::kNotFound, "no such file", [&] { read_results(folder_ / "missing"); });
}

TEST_F(ReadResults, CompressedAndAsLines) {
  const std::string one = entry("\"a.jpg\""), two = entry("\"b.jpg\"");
  EXPECT_EQ(read(gzip("[" + one + "]")).photos.at(0).name, "a.jpg");
  EXPECT_EQ(read(gzip("[" + one) + gzip("]")).photos.at(0).name, "a.jpg") << "two members";
  EXPECT_EQ(read(one + "\r\n\n" + two + "\n").photos.at(1).name, "b.jpg");
  EXPECT_EQ(read(one).photos.at(0).name, "a.jpg");
  EXPECT_EQ(read("\xEF\xBB\xBF[" + one + "]").photos.at(0).name, "a.jpg") << "a byte order mark";
  refused(one + "\n" + one + "\n{\"image_id\": \n", "p.json, line 3: not JSON: it ends in the middle");
  refused(one + "\n{}", "[1].bbox is missing");
}

TEST_F(ReadResults, DamagedFilesAreNamedWithTheRemedy) {
  const std::string good = "[" + entry("\"a.jpg\"") + "]", packed = gzip(good);
  refused("", "p.json: not JSON: it is empty");
  refused(good.substr(0, good.size() / 2), "it ends in the middle, after");
  refused("[\n {\"image_id\": NaN}]", "line 2, byte 15: 'NaN' is no number of JSON");
  refused("[1 2]", "line 1, byte 4: '2' cannot stand here");
  refused(packed.substr(0, packed.size() - 5), "its gzip data is cut off");
  refused(packed.substr(0, packed.size() / 2), "its gzip data is cut off");
  refused(packed + "x", "its gzip data is");
  std::string flipped = packed;
  flipped[packed.size() / 2] ^= 0x55;
  refused(flipped, "its gzip data is damaged");
  refused("\x1f\x8b", "its gzip data is cut off");
}

TEST_F(ReadResults, ContradictionsAreNamed) {
  refused("[" + entry("\"a.jpg\"") + ", " + entry("7") + "]",
          "image_id is 'a.jpg' of one person and 7 of another");
  refused("[" + entry("\"a.jpg\"") + ", " + entry("\"b.jpg\"", 16) + "]",
          "person 1 of photo 'b.jpg' has 16 joints, and people before have 17");
  refused("[" + entry("\"a.jpg\"") +
              R"(, {"image_id": "a.jpg", "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}])",
          "person 2 of photo 'a.jpg' has no joints, and others of the file have");
  refused(R"({"runs": 1})", "no results in a form that is read here");
  refused("7", "no results in a form that is read here");
  refused("[7]", "[0] must be an object");
}

TEST_F(ReadResults, FaultsOfDataSetsAreNamed) {
  const auto dataset = [](const std::string& images, const std::string& annotations,
                          const std::string& joints = R"(["a"])") {
    return R"({"images": )" + images + R"(, "annotations": )" + annotations +
           R"(, "categories": [{"id": 1, "name": "person", "keypoints": )" + joints + "}]}";
  };
  const std::string images = R"([{"id": 1, "file_name": "a.jpg"}])";
  refused(dataset(R"([{"id": 1}])", "[]"), "images[0].file_name is missing");
  refused(dataset(R"([{"id": "1a", "file_name": "a"}])", "[]"), "images[0].id must be a whole number");
  refused(dataset(R"([{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}])", "[]"),
          "images[1].id stands twice");
  refused(dataset(R"([{"id": 1, "file_name": "a"}, {"id": 2, "file_name": "a"}])", "[]"),
          "images[1].file_name stands twice: 'a'");
  refused(dataset(R"([{"id": 1, "file_name": "a", "width": -1}])", "[]"), "images[0].width is out of range");
  refused(dataset(images, R"([{"image_id": 2}])"), "annotations[0].image_id is not the id of an image");
  refused(dataset(images, R"([{"image_id": 1, "keypoints": [1, 2, 2, 3, 4, 2]}])"),
          "annotations[0].keypoints has 2 joints, and the category has 1");
  refused(dataset(images, R"([{"image_id": 1, "bbox": [1, 2, 3]}])"),
          "annotations[0].bbox must be [x, y, width, height]");
  refused(dataset(images, "[]", "[1]"), "categories[0].keypoints must be a list of names");
  refused(dataset(images, "[]", R"(["a"], "skeleton": [[1, 2]])"), "categories[0].skeleton names a joint");
}

TEST_F(ReadResults, LabelsOfCoco) {
  const std::string path = test::shared_path("train_pool/annotations_val.json");
  if (path.empty()) GTEST_SKIP() << "needs the shared check data";
  const Results results = read_results(path);
  EXPECT_EQ(results.skeleton, "coco17");
  EXPECT_GT(results.photos.size(), 100u);
}

}  // namespace
}  // namespace pose
