#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <memory>

#include "pose/error.h"
#include "pose/source.h"
#include "source/archive.h"
#include "support/files.h"

namespace pose {
namespace {

/// A name and what is in it; what begins with "P5" is a picture to the reader.
using Members = std::vector<std::pair<std::string, std::string>>;

std::string picture(const std::string& content) { return "P5 2 2 255\n" + content; }

constexpr std::int64_t kSecond = 1'000'000'000, kTime = 1'700'000'000;

enum class Kind { kTar, kTarGz, kTarZst, kZip, kEncryptedZip, kGz };

void write_archive(const std::string& path, const Members& members, Kind kind) {
  const std::unique_ptr<archive, decltype(&archive_write_free)> out(archive_write_new(), &archive_write_free);
  const bool zip = kind == Kind::kZip || kind == Kind::kEncryptedZip;
  if (kind == Kind::kTarGz || kind == Kind::kGz) archive_write_add_filter_gzip(out.get());
  if (kind == Kind::kTarZst) archive_write_add_filter_zstd(out.get());
  const auto set_format = zip                 ? &archive_write_set_format_zip
                          : kind == Kind::kGz ? &archive_write_set_format_raw
                                              : &archive_write_set_format_gnutar;
  set_format(out.get());
  if (kind == Kind::kEncryptedZip) {
    archive_write_set_options(out.get(), "zip:encryption=zipcrypt");
    archive_write_set_passphrase(out.get(), "secret");
  }
  ASSERT_EQ(archive_write_open_filename(out.get(), path.c_str()), ARCHIVE_OK);
  for (const auto& [name, content] : members) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              &archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), name.back() == '/' ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), kTime, 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    ASSERT_EQ(archive_write_header(out.get(), entry.get()), ARCHIVE_OK) << archive_error_string(out.get());
    archive_write_data(out.get(), content.data(), content.size());
  }
}

std::vector<SourcePhoto> photos_of(const std::vector<std::string>& paths) {
  SourceOptions options;
  options.inputs = paths;
  return collect_photos(options);
}

std::vector<std::string> names_of(const std::vector<SourcePhoto>& photos) {
  std::vector<std::string> names;
  for (const SourcePhoto& photo : photos) names.push_back(photo.name);
  return names;
}

std::string read(const SourcePhoto& photo) {
  const PhotoBytes bytes = read_photo_bytes(photo);
  return {bytes.bytes.begin(), bytes.bytes.end()};
}

ErrorKind refusal(const SourcePhoto& photo) {
  try {
    read(photo);
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << photo.name << " was read";
  return ErrorKind::kInternal;
}

using Names = std::vector<std::string>;

const Members kMembers{{"b/2.jpg", picture("two!")},   {"b/", ""},
                       {"b/10.jpg", picture("ten!")},  {"b/2.json", "{}"},
                       {"1.PNG", picture("one!")},     {".hidden.jpg", picture("hide")},
                       {"__MACOSX/1.jpg", "resource"}, {".git/a.jpg", picture("git!")}};

class Archives : public testing::TestWithParam<std::pair<const char*, Kind>> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Archives,
                         testing::Values(std::pair("a.tar", Kind::kTar), std::pair("a.tar.gz", Kind::kTarGz),
                                         std::pair("a.tgz", Kind::kTarGz),
                                         std::pair("a.tar.zst", Kind::kTarZst),
                                         std::pair("a.zip", Kind::kZip)));

TEST_P(Archives, AreFoldersOfPhotosInTheirOwnOrder) {
  const test::TempFolder folder;
  const std::string path = folder / GetParam().first;
  write_archive(path, kMembers, GetParam().second);
  EXPECT_TRUE(is_archive(path));
  const auto photos = photos_of({path});
  ASSERT_EQ(names_of(photos), (Names{"a/b/2.jpg", "a/b/10.jpg", "a/1.PNG"}));
  EXPECT_EQ(photos[1].path, path + "/b/10.jpg");
  EXPECT_EQ(photos[1].index, 1u);
  // In order, then in any.
  for (const std::size_t i : {0, 1, 2, 2, 0, 1}) {
    const PhotoBytes bytes = read_photo_bytes(photos[i]);
    EXPECT_EQ(std::string(bytes.bytes.begin(), bytes.bytes.end()),
              picture(std::array{"two!", "ten!", "one!"}[i]));
    EXPECT_EQ(bytes.stamp.bytes, 15);
    EXPECT_EQ(bytes.stamp.modified_ns, kTime * kSecond);
  }
}

TEST(Archive, NamesAreWaysDownAndDiffer) {
  const test::TempFolder folder;
  write_archive(folder / "a.tar",
                {{"../../up.jpg", picture("0000")},
                 {"/etc/root.jpg", picture("1111")},
                 {"same.jpg", picture("2222")},
                 {"./same.jpg", picture("3333")},
                 {"same.jpg", picture("4444")},
                 {"two\nlines.jpg", picture("5555")},
                 {"\xFF\xFE.jpg", picture("6666")}},
                Kind::kTar);
  std::filesystem::create_directory(folder / "b");
  std::filesystem::copy(folder / "a.tar", folder / "b/a.tar");
  const auto photos = photos_of({folder / "a.tar", folder / "b/a.tar"});
  ASSERT_EQ(photos.size(), 14u);
  const Names first{"a/up.jpg",     "a/etc/root.jpg",   "a/same.jpg",    "a/same_2.jpg",
                    "a/same_3.jpg", "a/two\nlines.jpg", "a/\xFF\xFE.jpg"};
  EXPECT_EQ(names_of({photos.begin(), photos.begin() + 7}), first);
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_EQ(read(photos[i]), picture(std::string(4, static_cast<char>('0' + i))));
  EXPECT_EQ(photos[7].name, "a/up_2.jpg");
  // The same archive twice is read once.
  EXPECT_EQ(photos_of({folder / "a.tar", folder.path() + "/./a.tar"}).size(), 7u);
}

TEST(Archive, NamesInUtf8StayWhateverTheLocaleIs) {
  // A zip with one stored member, its name marked as UTF-8.
  const std::string name = "\xE6\x97\xA5/\xC3\xBC.pgm", content = picture("one!");
  const auto number = [](std::uint32_t value, int count) {
    std::string bytes;
    for (int k = 0; k < count; ++k) bytes += static_cast<char>(value >> 8 * k & 255);
    return bytes;
  };
  const std::uint32_t sum = 0xB1D6B1D6, size = static_cast<std::uint32_t>(content.size());
  const std::string facts = number(20, 2) + number(0x800, 2) + number(0, 2) + number(0, 4) + number(sum, 4) +
                            number(size, 4) + number(size, 4) +
                            number(static_cast<std::uint32_t>(name.size()), 2);
  const std::string local = "PK\3\4" + facts + number(0, 2) + name + content;
  const std::string central = "PK\1\2" + number(0x314, 2) + facts + number(0, 4) + number(0, 2) +
                              number(0, 2) + number(0, 4) + number(0, 4) + name;
  const test::TempFolder folder;
  test::write_text(folder / "a.zip", local + central + "PK\5\6" + number(0, 4) + number(1, 2) + number(1, 2) +
                                         number(static_cast<std::uint32_t>(central.size()), 4) +
                                         number(static_cast<std::uint32_t>(local.size()), 4) + number(0, 2));
  EXPECT_EQ(names_of(photos_of({folder / "a.zip"})), Names{"a/" + name});
}

TEST(Archive, AMemberThatIsBadCostsOnlyItself) {
  const test::TempFolder folder;
  write_archive(folder / "a.tar",
                {{"1.jpg", picture("one!")}, {"2.jpg", "text"}, {"3.jpg", ""}, {"4.jpg", picture("four")}},
                Kind::kTar);
  const auto photos = photos_of({folder / "a.tar"});
  ASSERT_EQ(photos.size(), 4u);
  EXPECT_EQ(read(photos[0]), picture("one!"));
  EXPECT_EQ(refusal(photos[1]), ErrorKind::kFormat);
  EXPECT_EQ(refusal(photos[2]), ErrorKind::kFormat);
  EXPECT_EQ(read(photos[3]), picture("four"));
}

TEST(Archive, EncryptedMembersSaySo) {
  const test::TempFolder folder;
  write_archive(folder / "a.zip", {{"1.jpg", picture("one!")}, {"2.jpg", picture("two!")}},
                Kind::kEncryptedZip);
  const auto photos = photos_of({folder / "a.zip"});
  ASSERT_EQ(photos.size(), 2u);
  EXPECT_EQ(refusal(photos[0]), ErrorKind::kUnsupported);
  EXPECT_EQ(refusal(photos[1]), ErrorKind::kUnsupported);
}

TEST(Archive, WithADamagedMemberTheOthersAreRead) {
  const test::TempFolder folder;
  std::string noise = picture("");
  for (unsigned i = 0, x = 1; i < 3000; ++i) noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  write_archive(folder / "a.zip", {{"1.jpg", noise}, {"2.jpg", picture("two!")}}, Kind::kZip);
  std::string bytes = test::read_text(folder / "a.zip");
  for (std::size_t i = 1000; i < 1100; ++i) bytes[i] ^= 0x55;
  test::write_text(folder / "a.zip", bytes);
  const auto photos = photos_of({folder / "a.zip"});
  ASSERT_EQ(photos.size(), 2u);
  EXPECT_EQ(refusal(photos[0]), ErrorKind::kFormat);
  EXPECT_EQ(read(photos[1]), picture("two!"));
}

TEST(Archive, OfACutOneThePhotosBeforeTheCutAreRead) {
  const test::TempFolder folder;
  write_archive(folder / "a.tar", {{"1.jpg", picture("one!")}, {"2.jpg", picture(std::string(5000, 'x'))}},
                Kind::kTar);
  std::string bytes = test::read_text(folder / "a.tar");
  test::write_text(folder / "a.tar", bytes.substr(0, 3000));
  const auto photos = photos_of({folder / "a.tar"});
  ASSERT_EQ(names_of(photos), (Names{"a/1.jpg", "a/2.jpg", "a/behind member 2"}));
  EXPECT_EQ(refusal(photos[2]), ErrorKind::kFormat) << "who knows what is missing";
  EXPECT_FALSE(photos[2].stamp(photos[2]).is_known());
  EXPECT_EQ(refusal(photos[1]), ErrorKind::kFormat);
  EXPECT_EQ(read(photos[0]), picture("one!"));
}

TEST(Archive, IsKnownByItsContentAndNotWalkedIntoFromFolders) {
  const test::TempFolder folder;
  std::filesystem::create_directory(folder / "photos");
  test::write_text(folder / "photos/a.jpg", "x");
  write_archive(folder / "photos/inner.tar", kMembers, Kind::kTar);
  SourceOptions options;
  options.inputs = {folder / "photos"};
  options.recursive = true;
  EXPECT_EQ(names_of(collect_photos(options)), Names{"a.jpg"});
  std::filesystem::copy(folder / "photos/inner.tar", folder / "no_ending");
  EXPECT_EQ(photos_of({folder / "no_ending"}).front().name, "no_ending/b/2.jpg");
  SourceOptions by_indir;
  by_indir.indir = folder / "no_ending";
  EXPECT_EQ(collect_photos(by_indir).size(), 3u);
  write_archive(folder / "outer.zip", {{"inner.tar", test::read_text(folder / "no_ending")}, {"1.jpg", "x"}},
                Kind::kZip);
  EXPECT_EQ(names_of(photos_of({folder / "outer.zip"})), Names{"outer/1.jpg"});
  write_archive(folder / "a.gz", {{"a", "not an archive"}}, Kind::kGz);
  test::write_text(folder / "b.jpg", "PK\3\4");
  EXPECT_FALSE(is_archive(folder / "a.gz"));
  EXPECT_FALSE(is_archive(folder / "b.jpg"));
  EXPECT_FALSE(is_archive(folder / "photos"));
  EXPECT_FALSE(is_archive(folder / "missing"));
}

}  // namespace
}  // namespace pose
