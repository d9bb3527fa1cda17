// `pose models get` against a server on this machine that misbehaves on purpose.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
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

  std::atomic<int> requests{0};
  std::atomic<int> ranged{0};

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
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    std::size_t from = 0;
    const std::size_t range = request.find("Range: bytes=");
    if (range != std::string::npos && path != "/norange") {
      from = std::stoul(request.substr(range + 13));
      ++ranged;
    }
    if (path == "/redirect")
      return reply(client,
                   "HTTP/1.1 302 Found\r\nLocation: " + url("/good") + "\r\nContent-Length: 0\r\n\r\n");
    if (path == "/missing") return reply(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    const std::string part = body_.substr(std::min(from, body_.size()));
    std::string head = from ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) +
                                  "-" + std::to_string(body_.size() - 1) + "/" +
                                  std::to_string(body_.size()) + "\r\n"
                            : std::string("HTTP/1.1 200 OK\r\n");
    head += "Connection: close\r\nContent-Length: " + std::to_string(part.size()) + "\r\n\r\n";
    // The first answer of this path breaks off in the middle.
    const bool drop = path == "/drop" && from == 0;
    reply(client, head + (drop ? part.substr(0, part.size() / 2) : part));
  }

  static void reply(int client, const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = ::send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  const std::string body_;
  int socket_ = -1, port_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class ModelsGet : public testing::Test {
 protected:
  ModelsGet() : body_(300000, 'w'), server_(body_) { test::write_text(folder_ / "expected", body_); }

  void write_card(const std::vector<std::string>& sources, const std::string& sha256) {
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
        ("POSE_MODELS=" + folder_.path() + " " + POSE_PROGRAM + " models get m " + more + " 2>&1").c_str(),
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
    return !fs::exists(folder_ / "m.weights") && !fs::exists(folder_ / "m.weights.part");
  }
  std::string right_hash() const { return sha256_of_file(folder_ / "expected"); }

  const test::TempFolder folder_;
  const std::string body_;
  Server server_;
  std::string out_;
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
  write_card({server_.url("/drop")}, right_hash());
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_GE(server_.ranged, 1);
}

TEST_F(ModelsGet, GoesOnWithAPartOfAnEarlierRun) {
  write_card({server_.url("/good")}, right_hash());
  test::write_text(folder_ / "m.weights.part", body_.substr(0, 1234));
  EXPECT_EQ(get(), 0) << out_;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(server_.ranged, 1);
}

TEST_F(ModelsGet, StartsAgainWhereTheServerKnowsNoRanges) {
  write_card({server_.url("/norange")}, right_hash());
  test::write_text(folder_ / "m.weights.part", "other bytes");
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
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  write_card({server_.url("/good")}, right_hash());
  fs::create_symlink("/dev/full", folder_ / "m.weights.part");
  EXPECT_EQ(get(), 1);
  EXPECT_NE(out_.find("No space left"), std::string::npos) << out_;
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
