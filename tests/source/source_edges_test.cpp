// Endings, order, and the ends of lists and messages.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "source/names.h"
#include "source/photo_list.h"
#include "support/errors.h"
#include "support/files.h"

namespace pose {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using test::expect_error;

Names names_of(const SourceOptions& options) {
  Names names;
  for (const SourcePhoto& photo : collect_photos(options)) names.push_back(photo.name);
  return names;
}

TEST(PictureEndings, AreThose) {
  for (const char* name : {"a.jpg", "a.jpeg", "a.jpe", "a.png", "a.bmp", "a.dib", "a.webp", "a.tif", "a.tiff",
                           "a.ppm", "a.JPG", "a.b.Tiff"}) {
    EXPECT_TRUE(has_picture_ending(name)) << name;
    EXPECT_EQ(vis_name(name), name);
  }
  for (const char* name : {"a.pgm", "a.pbm", "a.pnm", "a.gif", "IMG_1.HEIC", "a.avif", "a.jxl", "a.jp2",
                           "a.jfif", "a.MOV", "a.mp4", "a.cr2", "a.psd"}) {
    EXPECT_TRUE(has_picture_ending(name)) << name;
    EXPECT_EQ(vis_name(name), std::string(name) + ".jpg");
  }
  for (const char* name : {"", "jpg", ".jpg", "a.", "a.jpg.txt", "a.jp", "a.jpgg", "a.jpg/b"})
    EXPECT_FALSE(has_picture_ending(name)) << name;
}

TEST(ResultNames, AreWaysDownAndAllDifferent) {
  ResultNames names;
  EXPECT_EQ(names.add("/a/./b/../c.jpg"), "a/b/c.jpg");
  EXPECT_EQ(names.add("a/b/c.jpg"), "a/b/c_2.jpg");
  EXPECT_EQ(names.add("a/b/c_2.jpg"), "a/b/c_2_2.jpg");
  EXPECT_EQ(names.add("a/b/c.jpg"), "a/b/c_3.jpg");
  for (const char* name : {"..", "/", "//", "//..", "."})
    EXPECT_EQ(names.add(name).substr(0, 5), "image") << name;
  EXPECT_EQ(names.add("plain"), "plain");
  EXPECT_EQ(names.add("plain"), "plain_2");
}

TEST(NaturalLess, NumbersInTheMiddle) {
  const auto before = [](const char* a, const char* b) { return natural_less(a, b) && !natural_less(b, a); };
  EXPECT_TRUE(before("a9b", "a10b"));
  EXPECT_TRUE(before("a1b9", "a1b10"));
  EXPECT_TRUE(before("a07", "a8"));
  EXPECT_TRUE(before("a007", "a7")) << "equal numbers: by their bytes";
  EXPECT_TRUE(before("a0", "a1"));
  EXPECT_TRUE(before("a1", "a1b"));
  EXPECT_TRUE(before("a01b", "a1c"));
  EXPECT_TRUE(before("1", "a"));
  EXPECT_TRUE(before("a19", "a91"));
  EXPECT_FALSE(natural_less("a1", "a1"));
}

class SourceEdges : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text = "x") {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    test::write_text(folder_ / name, text);
  }
  test::TempFolder folder_;
};

TEST_F(SourceEdges, SourcesComeInTheOrderOfTheHelp) {
  for (const char* name : {"x/in.jpg", "y/dir.jpg", "z/image.jpg", "list.txt"}) put(name);
  SourceOptions options;
  options.image = {folder_ / "z/image.jpg"};
  options.indir = folder_ / "y";
  options.inputs = {folder_ / "x"};
  EXPECT_EQ(names_of(options), (Names{"in.jpg", "dir.jpg", "image.jpg"}));
  put("list.txt", "one.jpg\n/two.jpg\n");
  options.list = folder_ / "list.txt";
  EXPECT_EQ(names_of(options), (Names{"in.jpg", "one.jpg", "two.jpg", "image.jpg"})) << "--indir is its root";
  const std::vector<SourcePhoto> photos = collect_photos(options);
  EXPECT_EQ(photos[1].path, folder_ / "y/one.jpg");
  EXPECT_EQ(photos[2].path, "/two.jpg");
  EXPECT_EQ(photos[2].index, 1u);
  options.indir.clear();
  EXPECT_EQ(collect_photos(options)[1].path, "one.jpg");
}

TEST_F(SourceEdges, OptionsAreCheckedFirst) {
  SourceOptions options;
  options.max_pixels = 0;
  expect_error(ErrorKind::kUsage, "--max_pixels must be", [&] { collect_photos(options); });
}

TEST_F(SourceEdges, HiddenThingsAreNotFoundButTakenWhenNamed) {
  for (const char* name : {"a.jpg", ".b.jpg", ".c/d.jpg", "e/.f/g.jpg", "e/h.jpg"}) put(name);
  SourceOptions options;
  options.inputs = {folder_.path()};
  EXPECT_EQ(names_of(options), Names{"a.jpg"});
  options.recursive = true;
  EXPECT_EQ(names_of(options), (Names{"a.jpg", "e/h.jpg"}));
  options.inputs = {folder_ / ".b.jpg", folder_ / ".c"};
  EXPECT_EQ(names_of(options), (Names{".b.jpg", "d.jpg"}));
}

TEST_F(SourceEdges, FilesComeBeforeFoldersEachInNaturalOrder) {
  for (const char* name : {"f10/a.jpg", "f9/a.jpg", "z.jpg", "y10.jpg", "y9.jpg"}) put(name);
  SourceOptions options;
  options.indir = folder_.path();
  options.recursive = true;
  EXPECT_EQ(names_of(options), (Names{"y9.jpg", "y10.jpg", "z.jpg", "f9/a.jpg", "f10/a.jpg"}));
}

TEST_F(SourceEdges, ThreeMissingNamesAreAllSaid) {
  SourceOptions options;
  options.inputs = {"/no/1.jpg", "/no/2.jpg", "/no/3.jpg"};
  const auto said = [&] {
    try {
      collect_photos(options);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(said(), "nothing to read: no such file: /no/1.jpg, /no/2.jpg, /no/3.jpg");
  options.inputs.emplace_back("/no/4.jpg");
  EXPECT_EQ(said(), "nothing to read: no such file: /no/1.jpg, /no/2.jpg, /no/3.jpg and 1 more");
}

/// Standard input for as long as it lives.
class Input {
 public:
  explicit Input(const std::string& text) : text_(text), old_(std::cin.rdbuf(text_.rdbuf())) {}
  ~Input() {
    std::cin.rdbuf(old_);
    std::cin.clear();
  }

 private:
  std::istringstream text_;
  std::streambuf* old_;
};

TEST_F(SourceEdges, AListOfAnyLengthMayComeOnStandardInput) {
  std::string list;
  Names expected;
  for (int i = 0; i < 20000; ++i) {
    expected.push_back("photo" + std::to_string(i) + ".jpg");
    list += expected.back() + "\n";
  }
  put("photo0.jpg");
  SourceOptions options;
  options.indir = folder_.path();
  options.list = "-";
  {
    const Input input(list);
    EXPECT_EQ(names_of(options), expected);
  }
  put("list.txt", list);
  options.list = folder_ / "list.txt";
  EXPECT_EQ(names_of(options), expected);
}

/// Never ends, as a list from a broken pipeline might not.
class EndlessText : public std::streambuf {
 protected:
  std::streamsize xsgetn(char* to, std::streamsize count) override {
    std::fill(to, to + count, 'x');
    return count;
  }
};

TEST_F(SourceEdges, AListWithoutEndIsRefused) {
  EndlessText text;
  std::streambuf* const old = std::cin.rdbuf(&text);
  SourceOptions options;
  options.list = "-";
  expect_error(ErrorKind::kUnsupported, "the list - is too large", [&] { collect_photos(options); });
  std::cin.rdbuf(old);
}

TEST(PhotoListEdges, OnlyOneCarriageReturnBelongsToTheLineEnd) {
  EXPECT_EQ(parse_photo_list("a\r\r\nb\r", "l"), (Names{"a\r", "b"}));
  EXPECT_EQ(parse_photo_list("\n", "l"), Names{});
  EXPECT_EQ(parse_photo_list("x", "l"), Names{"x"});
}

}  // namespace
}  // namespace pose
