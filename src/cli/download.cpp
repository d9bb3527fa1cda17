#include "cli/download.h"

#include <curl/curl.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>

#include "pose/error.h"
#include "pose/log.h"
#include "pose/version.h"

namespace pose {
namespace {

constexpr int kAttempts = 5;
constexpr long kConnectSeconds = 30, kStalledSeconds = 60, kMaxRedirects = 10;

struct Transfer {
  std::FILE* file = nullptr;
  int write_errno = 0;
  std::int64_t offset = 0;  ///< bytes that were there before
  const DownloadProgress* progress = nullptr;
};

std::size_t on_data(char* data, std::size_t, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::size_t written = std::fwrite(data, 1, count, transfer->file);
  if (written != count) transfer->write_errno = errno;
  return written;
}

int on_progress(void* user, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
  const auto* transfer = static_cast<Transfer*>(user);
  if (*transfer->progress && now > 0)
    (*transfer->progress)(transfer->offset + now, total > 0 ? transfer->offset + total : 0);
  return 0;
}

std::int64_t size_on_disk(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

struct Outcome {
  CURLcode code = CURLE_OK;
  long status = 0;
  int write_errno = 0;
  std::string message;
};

Outcome fetch_once(const std::string& url, const std::string& path, std::int64_t max_bytes,
                   const DownloadProgress& progress) {
  Transfer transfer;
  transfer.offset = size_on_disk(path);
  transfer.progress = &progress;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "ab"), &std::fclose);
  if (!file) throw Error::io("cannot write " + path, errno);
  transfer.file = file.get();
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), &curl_easy_cleanup);
  POSE_CHECK(curl != nullptr);
  char text[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, kMaxRedirects);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, (std::string("pose/") + kVersion).c_str());
  curl_easy_setopt(curl.get(), CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.offset));
  if (max_bytes > 0)
    curl_easy_setopt(curl.get(), CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(max_bytes));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, text);
  Outcome outcome;
  outcome.code = curl_easy_perform(curl.get());
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &outcome.status);
  outcome.write_errno = transfer.write_errno;
  if (std::fflush(file.get()) != 0) outcome.write_errno = errno;
  outcome.message = text[0] ? text : curl_easy_strerror(outcome.code);
  return outcome;
}

/// Whether another attempt may help: the connection broke or the server was busy.
bool worth_retrying(const Outcome& outcome) {
  switch (outcome.code) {
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_OPERATION_TIMEDOUT: return true;
    case CURLE_HTTP_RETURNED_ERROR: return outcome.status == 429 || outcome.status >= 500;
    default: return false;
  }
}

/// The server cannot go on where the file on disk ends (it ignores ranges, or has a shorter file).
bool must_restart(const Outcome& outcome) {
  return outcome.code == CURLE_RANGE_ERROR || outcome.code == CURLE_BAD_DOWNLOAD_RESUME ||
         (outcome.code == CURLE_HTTP_RETURNED_ERROR && outcome.status == 416);
}

[[noreturn]] void fail(const std::string& url, const std::string& path, const Outcome& outcome) {
  if (outcome.write_errno != 0) throw Error::io("cannot write " + path, outcome.write_errno);
  if (outcome.code == CURLE_FILESIZE_EXCEEDED)
    throw Error::mismatch("cannot fetch " + url + ": the file there is larger than the model card says");
  if (outcome.code == CURLE_HTTP_RETURNED_ERROR || outcome.code == CURLE_FILE_COULDNT_READ_FILE)
    throw Error::not_found("cannot fetch " + url + ": " + outcome.message);
  throw Error::io("cannot fetch " + url + ": " + outcome.message);
}

}  // namespace

void download(const std::string& url, const std::string& path, std::int64_t max_bytes,
              const DownloadProgress& progress) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  POSE_CHECK(global == CURLE_OK);
  for (int attempt = 1;; ++attempt) {
    const std::int64_t before = size_on_disk(path);
    const Outcome outcome = fetch_once(url, path, max_bytes, progress);
    if (outcome.code == CURLE_OK && outcome.write_errno == 0) return;
    if (must_restart(outcome) && before > 0) {
      std::filesystem::resize_file(path, 0);
      continue;
    }
    if (outcome.write_errno != 0 || !worth_retrying(outcome) || attempt >= kAttempts)
      fail(url, path, outcome);
    log_warning(outcome.message + "; trying again from byte " + std::to_string(size_on_disk(path)));
    std::this_thread::sleep_for(std::chrono::milliseconds(200 << attempt));
  }
}

}  // namespace pose
