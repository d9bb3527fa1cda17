#include "pose/source.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "pose/error.h"
#include "source/kinds.h"
#include "source/names.h"
#include "source/photo_list.h"
#include "support/files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const SourceOptions& options) {
  std::vector<std::string> names;
  for (const SourcePhoto& photo : collect_photos(options)) names.push_back(photo.name);
  return names;
}

Error error_of(const SourceOptions& options) {
  try {
    collect_photos(options);
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "did not throw";
  return Error::internal("");
}

ErrorKind kind_of(const SourceOptions& options) { return error_of(options).kind(); }
std::string message_of(const SourceOptions& options) { return error_of(options).what(); }

using Names = std::vector<std::string>;

class Inputs : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text = "x") {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    test::write_text(folder_ / name, text);
  }
  SourceOptions indir(bool recursive = false) const {
    SourceOptions options;
    options.indir = folder_.path();
    options.recursive = recursive;
    return options;
  }
  test::TempFolder folder_;
};

TEST_F(Inputs, AFolderGivesItsPicturesInNaturalOrder) {
  for (const char* name :
       {"img10.jpg", "img2.JPG", "img1.png", "notes.txt", ".hidden.jpg", "no_extension", "ü ber.jpg"})
    put(name);
  fs::create_directories(folder_ / "folder.jpg");
  put("sub/deep.jpg");
  EXPECT_EQ(names_of(indir()), (Names{"img1.png", "img2.JPG", "img10.jpg", "ü ber.jpg"}));
}

TEST_F(Inputs, RecursiveKeepsTheTreeAndSurvivesLoops) {
  put("b.jpg");
  put("sub/a.jpg");
  put("sub/deeper/c.jpg");
  fs::create_directory_symlink(folder_.path(), folder_ / "sub/loop");
  EXPECT_EQ(names_of(indir(true)), (Names{"b.jpg", "sub/a.jpg", "sub/deeper/c.jpg"}));
}

TEST_F(Inputs, ListNamesAreJoinedToIndirAndKeptInOrder) {
  put("z.jpg");
  put("list.txt", "z.jpg\r\n\nsub/q.jpg\n/elsewhere/k.jpg");
  SourceOptions options = indir();
  options.list = folder_ / "list.txt";
  const std::vector<SourcePhoto> photos = collect_photos(options);
  ASSERT_EQ(photos.size(), 3u);
  EXPECT_EQ(photos[0].path, folder_ / "z.jpg");
  EXPECT_EQ(photos[1].name, "sub/q.jpg");
  EXPECT_EQ(photos[2].path, "/elsewhere/k.jpg");
  EXPECT_EQ(photos[2].name, "elsewhere/k.jpg");
}

TEST_F(Inputs, NamesThatWouldCollideAreKeptApart) {
  put("one/a.jpg");
  put("two/a.jpg");
  put("two/a_2.jpg");
  SourceOptions options;
  options.inputs = {folder_ / "one", folder_ / "two/a.jpg", folder_ / "two"};
  EXPECT_EQ(names_of(options), (Names{"a.jpg", "a_2.jpg", "a_2_2.jpg"}));
}

TEST_F(Inputs, NoNameLeavesTheOutputFolder) {
  put("list.txt", "../../etc/passwd.jpg\n..\n./a/../../b.jpg\n");
  SourceOptions options;
  options.list = folder_ / "list.txt";
  for (const std::string& name : names_of(options)) {
    EXPECT_EQ(name.find(".."), std::string::npos) << name;
    EXPECT_NE(name[0], '/') << name;
  }
}

TEST_F(Inputs, NothingToReadIsAUsageError) {
  for (const SourceOptions& options : {SourceOptions{}, indir()})
    EXPECT_EQ(kind_of(options), ErrorKind::kUsage);
}

TEST_F(Inputs, WhereNothingThatWasNamedExistsThereIsNoRun) {
  SourceOptions positional, image, list;
  positional.inputs = {folder_ / "nosuch.jpg"};
  image.image = {folder_ / "nosuch.jpg"};
  put("list.txt", "nosuch.jpg\nnor/this.jpg\n");
  list.indir = folder_.path();
  list.list = folder_ / "list.txt";
  for (const SourceOptions& options : {positional, image, list}) {
    EXPECT_EQ(kind_of(options), ErrorKind::kUsage);
    EXPECT_NE(message_of(options).find("no such file: " + folder_ / "nosuch.jpg"), std::string::npos);
  }
  positional.inputs = {"/no/1.jpg", "/no/2.jpg", "/no/3.jpg", "/no/4.jpg", "/no/5.jpg"};
  EXPECT_EQ(message_of(positional),
            "nothing to read: no such file: /no/1.jpg, /no/2.jpg, /no/3.jpg and 2 more");
  SourceOptions missing;
  missing.indir = "/no/such/folder";
  EXPECT_EQ(kind_of(missing), ErrorKind::kNotFound);
  put("a.txt");
  missing.indir = folder_ / "a.txt";
  EXPECT_EQ(kind_of(missing), ErrorKind::kUsage);
}

TEST_F(Inputs, AMissingFileAmongOthersIsLeftToTheReader) {
  put("there.jpg");
  SourceOptions options;
  options.inputs = {"/no/such/photo.jpg", folder_ / "there.jpg"};
  EXPECT_EQ(names_of(options), (Names{"photo.jpg", "there.jpg"}));
  options.inputs.pop_back();
  options.indir = folder_.path();
  EXPECT_EQ(names_of(options), (Names{"photo.jpg", "there.jpg"}));
}

TEST_F(Inputs, NobodyWaitsForAPipe) {
  put("a.jpg");
  for (const char* name : {"pipe.txt", "pipe.jpg", "z"}) ASSERT_EQ(mkfifo((folder_ / name).c_str(), 0600), 0);
  EXPECT_EQ(names_of(indir()), (Names{"a.jpg", "pipe.jpg"}));
  SourceOptions options;
  options.inputs = {folder_ / "z"};
  const std::vector<SourcePhoto> photos = collect_photos(options);
  ASSERT_EQ(photos.size(), 1u);
  try {
    read_photo_bytes(photos[0]);
    ADD_FAILURE() << "did not throw";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kIo);
    EXPECT_NE(std::string(e.what()).find("it is a pipe"), std::string::npos);
  }
}

TEST_F(Inputs, APictureIsKnownByItsContentToo) {
  put("scan.dat", "P5 2 1 255\nab");
  put("text.dat", "P5 is a car");
  EXPECT_EQ(names_of(indir()), (Names{"scan.dat"}));
}

TEST_F(Inputs, NamesThatAreNotUtf8StayAsTheyAre) {
  const std::string name = "caf\xE9 \xFF.jpg";
  put(name);
  EXPECT_EQ(names_of(indir()), (Names{name}));
  put("list.txt", name + "\n");
  SourceOptions options = indir();
  options.list = folder_ / "list.txt";
  EXPECT_EQ(collect_photos(options).at(0).path, folder_ / name);
}

TEST_F(Inputs, AFolderIsListedOnceHoweverOftenItIsNamed) {
  put("sub/a.jpg");
  SourceOptions options;
  options.recursive = true;
  options.inputs = {folder_.path(), folder_ / "sub", folder_ / "sub/"};
  EXPECT_EQ(names_of(options), (Names{"sub/a.jpg"}));
}

TEST_F(Inputs, EachPhotoKnowsItsPlaceInItsSource) {
  put("one/a.jpg");
  put("one/b.jpg");
  put("two/c.jpg");
  SourceOptions options;
  options.inputs = {folder_ / "one", folder_ / "two"};
  std::vector<std::size_t> places;
  for (const SourcePhoto& photo : collect_photos(options)) places.push_back(photo.index);
  EXPECT_EQ(places, (std::vector<std::size_t>{0, 1, 0}));
}

TEST(ResultNames, ThousandsOfEqualNamesCostNoMoreThanOthers) {
  ResultNames names;
  std::string last;
  for (int i = 0; i < 50'000; ++i) last = names.add("a.jpg");
  EXPECT_EQ(last, "a_50000.jpg");
}

TEST_F(Inputs, APhotoNamedTwiceComesOnceWhateverTheWay) {
  put("sub/a.jpg");
  put("b.jpg");
  put("list.txt", "b.jpg\nsub/../b.jpg\n./b.jpg\nsub/a.jpg\nway/a.jpg\nlink.jpg\nno/../b.jpg\nb.jpg\n");
  fs::create_directory_symlink("sub", folder_ / "way");
  fs::create_symlink("b.jpg", folder_ / "link.jpg");
  SourceOptions options = indir();
  options.list = folder_ / "list.txt";
  options.image = {fs::relative(folder_ / "b.jpg").string()};
  EXPECT_EQ(names_of(options), (Names{"b.jpg", "sub/a.jpg", "link.jpg"})) << "a link has a name of its own";
  EXPECT_EQ(collect_photos(options)[2].index, 5u) << "its place in the list";
}

TEST_F(Inputs, ListsMayHaveComments) {
  put("#1.jpg");
  put("list.txt", "\xEF\xBB\xBF# photos of May\r\n#1.jpg\n#2.jpg\na.jpg#3\n");
  SourceOptions options = indir();
  options.list = folder_ / "list.txt";
  EXPECT_EQ(names_of(options), (Names{"#1.jpg", "a.jpg#3"})) << "a name where there is such a file";
  put("list.txt", "\xEF\xBB\xBF#1.jpg");
  EXPECT_EQ(names_of(options), Names{"#1.jpg"});
}

TEST_F(Inputs, NamesThatEndWithNulMayHoldLineEnds) {
  put("a\nb.jpg");
  put("list0", std::string("a\nb.jpg\0\0#c.jpg\0d.jpg", 22));
  SourceOptions options = indir();
  options.list0 = folder_ / "list0";
  EXPECT_EQ(names_of(options), (Names{"a\nb.jpg", "#c.jpg", "d.jpg"}));
  options.list = folder_ / "list0";
  EXPECT_NE(message_of(options).find("--list0"), std::string::npos);
}

TEST_F(Inputs, DrawnPicturesOfEarlierRunsAreNoPhotos) {
  const std::pair<const char*, const char*> beginnings[]{{"journal.jsonl", "{\"journal\": 1"},
                                                         {"journal.partial.jsonl", "{\"journal\": 1"},
                                                         {"run.json", "{\n\"version\": \"0.1.0\""}};
  for (const auto& [file, text] : beginnings) {
    const test::TempFolder root;
    fs::create_directories(root / "out/vis/vis");
    for (const char* photo : {"a.jpg", "out/mine.jpg", "out/vis/a.jpg", "out/vis/vis/a.jpg"})
      test::write_text(root / photo, "x");
    SourceOptions options;
    options.recursive = true;
    options.indir = root.path();
    EXPECT_EQ(names_of(options).size(), 4u) << "vis may be a folder of photos";
    test::write_text(root / ("out/" + std::string(file)), "{\"other\": 1}");
    EXPECT_EQ(names_of(options).size(), 4u) << file << " of another program";
    test::write_text(root / ("out/" + std::string(file)), text);
    EXPECT_EQ(names_of(options), (Names{"a.jpg", "out/mine.jpg"})) << file;
    options.indir = root / "out/vis";
    EXPECT_EQ(names_of(options), (Names{"a.jpg", "vis/a.jpg"})) << "asked for by name";
  }
}

TEST_F(Inputs, APhotoIsReadByWhatItsSourceGives) {
  put("a.ppm", "P6 1 1 255\nabc");
  const SourcePhoto file{folder_ / "a.ppm", "a.ppm"};
  EXPECT_EQ(read_photo_bytes(file).bytes.size(), 14u);
  EXPECT_EQ(read_photo_bytes(file).stamp.bytes, 14);
  SourcePhoto entry{"archive.tar", "b.jpg", 7};
  entry.read = [](const SourcePhoto& photo) {
    return PhotoBytes{{static_cast<std::uint8_t>(photo.index)}, {1, 2}};
  };
  EXPECT_EQ(read_photo_bytes(entry).bytes, std::vector<std::uint8_t>{7});
}

TEST_F(Inputs, WhatIsNoPictureIsRefusedByItsFirstBytes) {
  put("film.jpg", "not a picture");
  fs::resize_file(folder_ / "film.jpg", std::uintmax_t{1} << 40);
  put("empty.jpg", "");
  for (const char* name : {"film.jpg", "empty.jpg"}) {
    try {
      read_photo_bytes({folder_ / name, name});
      ADD_FAILURE() << "did not throw";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::kFormat) << name;
    }
  }
}

TEST(PhotoList, HoldsOneNameALine) {
  EXPECT_EQ(parse_photo_list("", "l"), Names{});
  EXPECT_EQ(parse_photo_list("\n\r\n\n", "l"), Names{});
  EXPECT_EQ(parse_photo_list("a b.jpg\r\n\n \xFF\nlast", "l"), (Names{"a b.jpg", " \xFF", "last"}));
  EXPECT_EQ(parse_photo_list("a\rb\n", "l"), Names{"a\rb"});
  EXPECT_THROW(parse_photo_list(std::string("a\0b", 3), "l"), Error);
}

TEST_F(Inputs, AListThatCannotBeReadSaysSo) {
  SourceOptions options;
  options.list = "/no/such/list.txt";
  EXPECT_EQ(kind_of(options), ErrorKind::kNotFound);
  options.list = folder_.path();
  EXPECT_EQ(kind_of(options), ErrorKind::kIo);
}

TEST(SourceKinds, PathsAreRecognisedInTheOrderOfTheTable) {
  const test::TempFolder folder;
  EXPECT_EQ(recognise_source(folder.path()).name, "folder");
  EXPECT_EQ(recognise_source(folder / "a.txt").name, "file");
  EXPECT_EQ(source_kind("list").name, "list");
  EXPECT_THROW(source_kind("lisst"), Error);
}

TEST(VisName, KeepsEndingsThatCanBeWritten) {
  EXPECT_EQ(vis_name("a/b.JPG"), "a/b.JPG");
  EXPECT_EQ(vis_name("a.gif"), "a.gif.jpg");
  EXPECT_EQ(vis_name("photo"), "photo.jpg");
}

/// Few different characters, so that names are often nearly the same.
Names random_names(std::size_t count) {
  std::mt19937 random(7);
  Names names;
  for (std::size_t i = 0; i < count; ++i) {
    std::string name;
    for (std::size_t length = random() % 7; length > 0; --length) name += "0012aA._\xE9"[random() % 9];
    names.push_back(name);
  }
  return names;
}

TEST(NaturalLess, IsATotalOrderOnAnyNames) {
  const Names names = random_names(120);
  for (const std::string& a : names)
    for (const std::string& b : names) {
      ASSERT_EQ(natural_less(a, b) + natural_less(b, a), a == b ? 0 : 1) << a << " " << b;
      for (const std::string& c : names)
        ASSERT_TRUE(!natural_less(a, b) || !natural_less(b, c) || natural_less(a, c))
            << a << " " << b << " " << c;
    }
}

TEST(NaturalLess, CountsNumbersOfAnyLength) {
  const std::string nines(5000, '9');
  EXPECT_TRUE(natural_less("a" + nines, "a1" + nines));
  EXPECT_TRUE(natural_less("a" + std::string(5000, '0') + "1", "a2"));
  EXPECT_TRUE(natural_less("a", "\xC3\xBC"));
}

TEST(NaturalLess, IsAStrictOrder) {
  Names names{"a", "a1", "a01", "a2", "a10", "b", "a1b", "1", "01", "", "a1b2", "a1b10"};
  std::sort(names.begin(), names.end(), natural_less);
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = 0; j < names.size(); ++j)
      EXPECT_EQ(natural_less(names[i], names[j]), i < j) << names[i] << " " << names[j];
}

}  // namespace
}  // namespace pose
