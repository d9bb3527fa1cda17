// `pose models get` against a server on this machine that misbehaves on purpose.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/sha256.h"
#include "support/files.h"

namespace pose {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Serves one body over HTTP on 127.0.0.1: in full, from an offset, through a redirect, or broken off.
class Server {
 public:
  explicit Server(std::string body) : body_(std::move(body)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t length = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    ::listen(socket_, 8);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    stop_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    ::close(socket_);
    thread_.join();
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

  /// From now on another version of the file is served.
  void change(std::string body, std::string etag) {
    const std::lock_guard<std::mutex> lock(mutex_);
    body_ = std::move(body);
    etag_ = std::move(etag);
  }

  /// The User-Agent of the last request.
  std::string agent() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return agent_;
  }

  std::atomic<int> requests{0};
  std::atomic<int> ranged{0};      ///< answered with a part
  std::atomic<int> unfinished{0};  ///< so many answers of "/drop" break off in the middle
  std::atomic<bool> hold{false};   ///< no answer as long as it is set

 private:
  void serve() {
    while (!stop_) {
      const int client = ::accept(socket_, nullptr, nullptr);
      if (client < 0) return;
      answer(client);
      ::close(client);
    }
  }

  void answer(int client) {
    std::string request;
    std::array<char, 4096> buffer{};
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t n = ::recv(client, buffer.data(), buffer.size(), 0);
      if (n <= 0) return;
      request.append(buffer.data(), static_cast<std::size_t>(n));
    }
    ++requests;
    while (hold && !stop_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    agent_ = header(request, "User-Agent");
    if (path == "/html") return reply(client, "HTTP/1.1 200 OK\r\n\r\n<!DOCTYPE html><html>quota</html>");
    std::size_t from = 0;
    const std::string range = header(request, "Range"), condition = header(request, "If-Range");
    // "/stubborn" sends the part whatever the condition says.
    const bool holds = condition == "\"" + etag_ + "\"" || condition == kDate || path == "/stubborn";
    if (!range.empty() && path != "/norange" && holds) {
      from = std::stoul(range.substr(range.find('=') + 1));
      ++ranged;
    }
    if (from > 0 && from >= body_.size())
      return reply(client, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n");
    if (path == "/redirect")
      return reply(client,
                   "HTTP/1.1 302 Found\r\nLocation: " + url("/good") + "\r\nContent-Length: 0\r\n\r\n");
    if (path == "/missing") return reply(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    const std::string part = body_.substr(std::min(from, body_.size()));
    std::string head = from ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) +
                                  "-" + std::to_string(body_.size() - 1) + "/" +
                                  std::to_string(body_.size()) + "\r\n"
                            : std::string("HTTP/1.1 200 OK\r\n");
    if (path == "/dated")
      head += std::string("Last-Modified: ") + kDate + "\r\nETag: W/\"weak\"\r\n";
    else if (path != "/nameless")
      head += "ETag: \"" + etag_ + "\"\r\n";
    head += "Connection: close\r\n";
    if (path != "/sizeless") head += "Content-Length: " + std::to_string(part.size()) + "\r\n";
    head += "\r\n";
    const bool slow = path == "/slow";
    if (slow || path == "/stuck") {
      reply(client, head);
      char end = 0;
      slow ? trickle(client, part) : void(::recv(client, &end, 1, 0));  // until the other side gives up
      return;
    }
    const bool drop = unfinished > 0 && path != "/good";
    if (drop) --unfinished;
    reply(client, head + (drop ? part.substr(0, part.size() / 2) : part));
  }

  /// A server that sends a little at a time.
  void trickle(int client, const std::string& part) {
    constexpr std::size_t kPieces = 10;
    for (std::size_t i = 0; i < kPieces; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      reply(client, part.substr(i * part.size() / kPieces, part.size() / kPieces));
    }
  }

  /// "" if the request has none of this name.
  static std::string header(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }

  static void reply(int client, const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = ::send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  static constexpr const char* kDate = "Wed, 01 Jan 2020 00:00:00 GMT";

  std::mutex mutex_;
  std::string body_, etag_ = "one", agent_;
  int socket_ = -1, port_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class ModelsGet : public testing::Test {
 protected:
  ModelsGet() : body_(300000, 'w'), server_(body_) { test::write_text(folder_ / "expected", body_); }

  void write_card(const std::vector<json>& sources, const std::string& sha256) {
    json card{{"card", 1},
              {"name", "m"},
              {"role", "detector"},
              {"architecture", "darknet"},
              {"config", "m.cfg"},
              {"det_rules", "darknet"},
              {"weights",
               {{"file", "m.weights"}, {"sources", sources}, {"bytes", body_.size()}, {"sha256", sha256}}}};
    test::write_text(folder_ / "m.json", card.dump());
  }

  int get(const std::string& more = "") {
    std::FILE* pipe = popen(
        (limits_ + "POSE_MODELS=" + folder_.path() + " " + POSE_PROGRAM + " models get m " + more + " 2>&1")
            .c_str(),
        "r");
    out_.clear();
    std::array<char, 4096> buffer{};
    while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) out_.append(buffer.data(), n);
    const int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  bool arrived() const {
    return fs::exists(folder_ / "m.weights") && test::read_text(folder_ / "m.weights") == body_;
  }
  bool nothing_left() const {
    return !fs::exists(folder_ / "m.weights") && !fs::exists(folder_ / "m.weights.part") &&
           !fs::exists(folder_ / "m.weights.part.json");
  }
  /// As an earlier call left it.
  void write_part(const std::string& bytes, const std::string& source, const std::string& etag) {
    test::write_text(folder_ / "m.weights.part", bytes);
    const json origin{{"source", source}, {"etag", etag}, {"last_modified", ""}, {"bytes", body_.size()}};
    test::write_text(folder_ / "m.weights.part.json", origin.dump());
  }
  /// Nothing that came is checked but by what the transfer itself says.
  void write_card_without_hash(const std::string& source) {
    write_card({source}, "");
    drop_card_level_size();
  }
  /// Sizes and hashes are the sources' own.
  void drop_card_level_size() {
    json card = json::parse(test::read_text(folder_ / "m.json"));
    card["weights"].erase("sha256");
    card["weights"].erase("bytes");
    test::write_text(folder_ / "m.json", card.dump());
  }
  std::string right_hash() const { return sha256_of_file(folder_ / "expected"); }

  const test::TempFolder folder_;
  const std::string body_;
  Server server_;
  std::string out_, limits_;
};

TEST_F(ModelsGet, FetchesChecksAndPutsInPlace) {
  write_card({server_.url("/good")}, right_hash());
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  const int requests = server_.requests;
  EXPECT_EQ(get(), 0);
  EXPECT_EQ(server_.requests, requests) << "what is there is not fetched again";
}

TEST_F(ModelsGet, FollowsRedirects) {
  write_card({server_.url("/redirect")}, right_hash());
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
}

TEST_F(ModelsGet, TakesADroppedConnectionUpWhereItBroke) {
  for (const char* path : {"/drop", "/dated"}) {
    fs::remove(folder_ / "m.weights");
    server_.unfinished = 1;
    server_.ranged = 0;
    write_card({server_.url(path)}, right_hash());
    EXPECT_EQ(get(), 0) << out_;
    EXPECT_TRUE(arrived());
    EXPECT_EQ(server_.ranged, 1) << path;
    EXPECT_FALSE(fs::exists(folder_ / "m.weights.part.json"));
  }
}

TEST_F(ModelsGet, StartsAgainWhereTheServerGivesNoNameToItsVersion) {
  server_.unfinished = 1;
  write_card({server_.url("/nameless")}, right_hash());
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(server_.ranged, 0);
}

TEST_F(ModelsGet, GoesOnWithAPartOfAnEarlierRun) {
  write_card({server_.url("/good")}, right_hash());
  write_part(body_.substr(0, 1234), server_.url("/good"), "\"one\"");
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(server_.ranged, 1);
  fs::remove(folder_ / "m.weights");
  write_part(body_, server_.url("/good"), "\"one\"");  // all came, and only the last step was not taken
  const int requests = server_.requests;
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(server_.requests, requests);
}

TEST_F(ModelsGet, APartIsNeverGoneOnWithFromAnotherSource) {
  write_card_without_hash(server_.url("/good"));
  const std::string strange(1234, 'x');
  write_part(strange, server_.url("/other"), "\"one\"");
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  fs::remove(folder_ / "m.weights");
  test::write_text(folder_ / "m.weights.part", strange);  // nobody knows from where
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  fs::remove(folder_ / "m.weights");
  test::write_text(folder_ / "m.weights.part", strange);
  test::write_text(folder_ / "m.weights.part.json", "{\"source\": ");
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(server_.ranged, 0);
}

TEST_F(ModelsGet, APartOfAnotherVersionIsForgotten) {
  write_part(std::string(1234, 'x'), server_.url("/good"), "\"zero\"");
  write_card_without_hash(server_.url("/good"));
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(server_.ranged, 0);
  EXPECT_EQ(server_.requests, 1);
  // A server that sends the part all the same is noticed by the name of the version.
  fs::remove(folder_ / "m.weights");
  write_part(std::string(1234, 'x'), server_.url("/stubborn"), "\"zero\"");
  write_card_without_hash(server_.url("/stubborn"));
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(server_.ranged, 1);
}

TEST_F(ModelsGet, AVersionThatChangesBetweenAttemptsIsFetchedWhole) {
  server_.unfinished = 1;
  write_card_without_hash(server_.url("/drop"));
  std::thread changer([&] {
    while (server_.unfinished > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    server_.change(std::string(200000, 'n'), "two");
  });
  EXPECT_EQ(get(), 0) << out_;
  changer.join();
  EXPECT_EQ(test::read_text(folder_ / "m.weights"), std::string(200000, 'n'));
}

TEST_F(ModelsGet, AShorterFileThanThePartIsFetchedWhole) {
  write_part(body_ + "more", server_.url("/stubborn"), "\"one\"");
  write_card_without_hash(server_.url("/stubborn"));
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
}

TEST_F(ModelsGet, AnotherSizeIsRefusedWithoutAHash) {
  write_card({server_.url("/good")}, "");
  server_.change(body_.substr(1), "two");
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("has 299999 bytes, and should have 300000"), std::string::npos) << out_;
  EXPECT_TRUE(nothing_left());
  write_card({server_.url("/sizeless")}, "");
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("is 299999 bytes, and should be 300000"), std::string::npos) << out_;
  server_.change(body_ + "x", "three");
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("larger than 300000 bytes"), std::string::npos) << out_;
  EXPECT_TRUE(nothing_left());
}

TEST_F(ModelsGet, AWebPageIsNoWeightFile) {
  const std::string page = "\n <!DOCTYPE html><html><body>Please log in</body></html>";
  server_.change(page, "page");
  for (const bool sized : {true, false}) {
    sized ? write_card({server_.url("/good")}, "") : write_card_without_hash(server_.url("/good"));
    EXPECT_EQ(get(), 1);
    EXPECT_NE(out_.find("gives a web page, not the file"), std::string::npos) << out_;
    EXPECT_TRUE(nothing_left());
  }
  test::write_text(folder_ / "saved", page);
  EXPECT_EQ(get("--from " + (folder_ / "saved")), 1);
  EXPECT_NE(out_.find("is a web page"), std::string::npos) << out_;
  EXPECT_TRUE(nothing_left());
}

TEST_F(ModelsGet, TwoAtOnceNeverMix) {
  write_card({server_.url("/good")}, right_hash());
  server_.hold = true;
  std::thread first([&] {
    EXPECT_EQ(
        std::system(
            ("POSE_MODELS=" + folder_.path() + " " + POSE_PROGRAM + " models get m >/dev/null 2>&1").c_str()),
        0);
  });
  while (server_.requests == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(get(), 2);
  EXPECT_NE(out_.find("another process is fetching"), std::string::npos) << out_;
  server_.hold = false;
  first.join();
  EXPECT_TRUE(arrived());
  EXPECT_EQ(get(), 0) << out_;
}

TEST_F(ModelsGet, LinksAreNotFollowed) {
  write_card({server_.url("/good")}, right_hash());
  test::write_text(folder_ / "victim", "precious");
  fs::create_symlink(folder_ / "victim", folder_ / "m.weights.part");
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("m.weights.part: it is a link"), std::string::npos) << out_;
  fs::remove(folder_ / "m.weights.part");
  fs::create_hard_link(folder_ / "victim", folder_ / "m.weights.part");
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("no file of its own"), std::string::npos) << out_;
  EXPECT_EQ(test::read_text(folder_ / "victim"), "precious");
}

TEST_F(ModelsGet, StartsAgainWhereTheServerKnowsNoRanges) {
  write_card({server_.url("/norange")}, right_hash());
  write_part("other bytes", server_.url("/norange"), "\"one\"");
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
}

TEST_F(ModelsGet, AWrongHashIsRefusedAndNothingIsLeft) {
  write_card({server_.url("/good")}, std::string(64, '0'));
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("should have 000"), std::string::npos) << out_;
  EXPECT_TRUE(nothing_left());
}

TEST_F(ModelsGet, TheNextSourceIsTriedAndAllFaultsAreTold) {
  write_card({server_.url("/missing"), server_.url("/good")}, right_hash());
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  fs::remove(folder_ / "m.weights");
  write_card({server_.url("/missing")}, right_hash());
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("404"), std::string::npos) << out_;
}

TEST_F(ModelsGet, EverySourceIsTriedAndWhatHappenedAtEachIsSaid) {
  const std::string good = right_hash();
  const auto source = [&](const std::string& path, std::size_t bytes, const std::string& sha256) {
    return json{{"url", server_.url(path)}, {"bytes", bytes}, {"sha256", sha256}};
  };
  write_card({"the author, by hand",
              {{"url", "http://127.0.0.1:1/dead"}},
              {{"url", server_.url("/missing")}, {"note", "a copy"}},
              source("/html", body_.size(), good),
              source("/sized", body_.size() + 1, good),
              source("/hash", body_.size(), "deadbeef"),
              {{"url", server_.url("/redirect")}, {"sha256", good.substr(0, 8)}, {"license", "MIT"}}},
             "");
  drop_card_level_size();
  EXPECT_EQ(get("--list"), 0);
  EXPECT_EQ(server_.requests, 0) << "--list only says";
  for (const char* part :
       {"is missing; these would be tried:", "(the author, by hand)", "sha256 deadbeef...", "a copy"})
    EXPECT_NE(out_.find(part), std::string::npos) << part << "\n" << out_;
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  std::size_t at = 0;
  for (const std::string& part :
       {std::string("127.0.0.1:1/dead (size not known"), std::string("; trying the next source"),
        std::string("/missing (size not known"), std::string("404"),
        std::string("/html: it gives a web page"), std::string("and should have 300001; trying"),
        std::string("/hash has sha256 " + good + ", and should have deadbeef..."), std::string("/redirect ("),
        std::string("which begins as the card says")}) {
    at = out_.find(part, at);
    ASSERT_NE(at, std::string::npos) << part << "\n" << out_;
  }
  EXPECT_EQ(server_.agent().rfind("pose/", 0), 0u) << server_.agent();
  const int requests = server_.requests;
  EXPECT_EQ(get(), 0);
  EXPECT_EQ(get("--list"), 0);
  EXPECT_NE(out_.find("is there; nothing would be fetched"), std::string::npos) << out_;
  EXPECT_EQ(server_.requests, requests) << "what is there is checked, not fetched again";
}

TEST_F(ModelsGet, AnotherFileInTheirPlaceIsNotReplaced) {
  write_card({server_.url("/good")}, right_hash());
  test::write_text(folder_ / "m.weights", "my own training");
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("m.weights is there, but is 15 bytes, and should be 300000; move it away"),
            std::string::npos)
      << out_;
  EXPECT_EQ(test::read_text(folder_ / "m.weights"), "my own training");
  EXPECT_EQ(server_.requests, 0);
}

TEST_F(ModelsGet, ASlowServerIsWaitedForAndAStuckOneGivenUp) {
  write_card({server_.url("/stuck"), server_.url("/slow")}, right_hash());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(get("--timeout 1"), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_NE(out_.find("/stuck: "), std::string::npos) << out_;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(get("--timeout 0"), 2);
}

TEST_F(ModelsGet, TheSourceOfAnEarlierPartGoesFirst) {
  write_card({server_.url("/missing"), server_.url("/good")}, right_hash());
  write_part(body_.substr(0, 1234), server_.url("/good"), "\"one\"");
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(server_.requests, 1);
  EXPECT_EQ(server_.ranged, 1);
}

/// Root may write everywhere; without this capability it is a user like others.
constexpr const char* kAsUser = "setpriv --bounding-set=-dac_override ";

TEST_F(ModelsGet, WeightsGoToTheUsersFolderWhereTheCardsCannotBeWritten) {
  if (std::system((std::string(kAsUser) + "true 2>/dev/null").c_str()) != 0) GTEST_SKIP() << "no setpriv";
  write_card({server_.url("/good")}, right_hash());
  test::write_text(folder_ / "m.cfg", "");
  const std::string data = folder_.path() + "-data";
  limits_ = "chmod 0555 " + folder_.path() + "; export XDG_DATA_HOME=" + data + "; " + kAsUser + "env ";
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_EQ(test::read_text(data + "/pose/models/m.weights"), body_);
  EXPECT_FALSE(fs::exists(folder_ / "m.weights"));
  EXPECT_EQ(get(), 0);
  EXPECT_NE(out_.find(data + "/pose/models/m.weights is there already"), std::string::npos) << out_;
  fs::permissions(folder_.path(), fs::perms::owner_all);
  fs::remove_all(data);
}

TEST_F(ModelsGet, APresetIsBothOfItsCards) {
  for (const char* name : {"yolov4-tiny", "hrnet-w32-256x192"}) {
    write_card({server_.url("/good")}, right_hash());
    json card = json::parse(test::read_text(folder_ / "m.json"));
    card["name"] = name;
    card["weights"]["file"] = name;
    test::write_text(folder_ / (std::string(name) + ".json"), card.dump());
  }
  const std::string program = "POSE_MODELS=" + folder_.path() + " " + POSE_PROGRAM + " models get fast";
  EXPECT_EQ(WEXITSTATUS(std::system((program + " --from x 2>/dev/null").c_str())), 2);
  EXPECT_EQ(WEXITSTATUS(std::system((program + " >/dev/null").c_str())), 0);
  EXPECT_EQ(test::read_text(folder_ / "yolov4-tiny"), body_);
  EXPECT_EQ(test::read_text(folder_ / "hrnet-w32-256x192"), body_);
}

TEST_F(ModelsGet, AFileOfTheUsersIsCheckedToo) {
  write_card({}, right_hash());
  EXPECT_EQ(get(), 1);
  EXPECT_EQ(get("--from " + (folder_ / "expected")), 0) << out_;
  EXPECT_TRUE(arrived());
  fs::remove(folder_ / "m.weights");
  test::write_text(folder_ / "wrong", body_ + "x");
  EXPECT_EQ(get("--from " + (folder_ / "wrong")), 1);
  EXPECT_TRUE(nothing_left());
}

TEST_F(ModelsGet, AFullDiskIsToldAsSuch) {
  write_card({server_.url("/good"), server_.url("/good")}, right_hash());
  limits_ = "ulimit -f 100; trap '' XFSZ; ";  // 100 blocks are less than the file
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("cannot write " + (folder_ / "m.weights.part") + ": File too large"), std::string::npos)
      << out_;
  EXPECT_EQ(out_.find("none of the sources"), std::string::npos) << "another source would not help";
  EXPECT_FALSE(fs::exists(folder_ / "m.weights"));
}

TEST_F(ModelsGet, VerifyFindsADamagedFile) {
  write_card({}, right_hash());
  test::write_text(folder_ / "m.weights", body_);
  const std::string verify =
      "POSE_MODELS=" + folder_.path() + " " + POSE_PROGRAM + " models --verify > /dev/null";
  EXPECT_EQ(WEXITSTATUS(std::system(verify.c_str())), 0);
  test::write_text(folder_ / "m.weights", std::string(body_.size(), 'x'));
  EXPECT_EQ(WEXITSTATUS(std::system(verify.c_str())), 1);
}

}  // namespace
}  // namespace pose
