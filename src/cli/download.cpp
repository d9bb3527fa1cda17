#include "cli/download.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "pose/error.h"
#include "pose/log.h"
#include "pose/version.h"

namespace pose {
namespace {

constexpr int kAttempts = 5;
constexpr long kConnectSeconds = 30, kMaxRedirects = 10;
constexpr long kPartialContent = 206, kRangeNotSatisfiable = 416, kTooManyRequests = 429, kServerErrors = 500;

/// What the last answer says of its body.
struct Answer {
  long status = 0;
  std::string etag, last_modified;
  std::int64_t length = -1;                   ///< of the body
  std::int64_t range_begin = -1, whole = -1;  ///< of a partial one
};

/// One request and what has come of it.
struct Transfer {
  std::string url;
  PartialFile* part = nullptr;
  std::int64_t bytes = -1;      ///< that the whole file must have
  std::int64_t asked_from = 0;  ///< offset that was asked for
  long stalled_seconds = 0;     ///< nothing for so long ends the transfer
  const DownloadProgress* progress = nullptr;
  Answer answer;
  bool begun = false;
  bool restart = false;          ///< what is there cannot be gone on with
  std::optional<Error> refused;  ///< what ended the transfer from our side
};

std::int64_t number_in(std::string_view text) {
  std::int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "bytes 100-999/1000"
void read_content_range(std::string_view text, Answer& answer) {
  const std::size_t space = text.find(' '), slash = text.find('/');
  if (space == std::string_view::npos || slash == std::string_view::npos) return;
  answer.range_begin = number_in(text.substr(space + 1));
  answer.whole = number_in(text.substr(slash + 1));
}

/// Every redirect has headers of its own: each status line starts anew.
std::size_t on_header(char* data, std::size_t, std::size_t count, void* user) {
  Answer& answer = static_cast<Transfer*>(user)->answer;
  std::string_view line(data, count);
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.remove_suffix(1);
  if (line.rfind("HTTP/", 0) == 0) {
    answer = {};
    answer.status = number_in(line.substr(std::min(line.find(' '), line.size() - 1) + 1));
    return count;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  const bool http = answer.status != 0;  // curl makes up headers for files, but they take no conditions
  if (http && name == "etag") answer.etag = value;
  if (http && name == "last-modified") answer.last_modified = value;
  if (name == "content-length") answer.length = number_in(value);
  if (name == "content-range") read_content_range(value, answer);
  return count;
}

void require_size(const Transfer& transfer, std::int64_t size) {
  if (transfer.bytes < 0 || size < 0 || size == transfer.bytes) return;
  throw Error::mismatch("cannot fetch " + transfer.url + ": the file there has " + std::to_string(size) +
                        " bytes, and should have " + std::to_string(transfer.bytes));
}

/// Whether a partial answer is the rest of what is there.
bool goes_on(const Transfer& transfer) {
  const Answer& answer = transfer.answer;
  const PartOrigin& origin = transfer.part->origin();
  return answer.range_begin == transfer.asked_from &&
         (origin.bytes < 0 || answer.whole < 0 || answer.whole == origin.bytes) &&
         (answer.etag.empty() || answer.etag == origin.etag);
}

/// Decides with the first bytes of a body whether it goes on with what is there or starts the file.
void begin_body(Transfer& transfer, std::string_view first_bytes) {
  transfer.begun = true;
  const Answer& answer = transfer.answer;
  if (answer.status == kPartialContent) {
    transfer.restart = transfer.asked_from == 0 || !goes_on(transfer);
    if (transfer.restart)
      throw Error::mismatch("cannot fetch " + transfer.url +
                            ": the server sends another part of the file than was asked for");
    return;
  }
  if (is_web_page(first_bytes))
    throw Error::mismatch(
        "cannot fetch " + transfer.url +
        ": it gives a web page, not the file; fetch it with a browser and give it with --from FILE");
  require_size(transfer, answer.length);
  transfer.part->begin({transfer.url, answer.etag, answer.last_modified, answer.length});
}

std::size_t on_data(char* data, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    if (!transfer.begun) begin_body(transfer, {data, count});
    transfer.part->append({data, count});
    if (transfer.bytes >= 0 && transfer.part->size() > transfer.bytes) {
      transfer.part->clear();
      throw Error::mismatch("cannot fetch " + transfer.url + ": the file there is larger than " +
                            std::to_string(transfer.bytes) + " bytes");
    }
    return count;
  } catch (...) {
    transfer.refused = current_error();
    return 0;
  }
}

int on_progress(void* user, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
  const auto* transfer = static_cast<Transfer*>(user);
  const std::int64_t size = transfer->part->size();
  if (*transfer->progress && now > 0) (*transfer->progress)(size, total > 0 ? size + total - now : 0);
  return 0;
}

struct Outcome {
  CURLcode code = CURLE_OK;
  std::string message;
};

Outcome fetch_once(Transfer& transfer) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), &curl_easy_cleanup);
  POSE_CHECK(curl != nullptr);
  char text[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, transfer.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, kMaxRedirects);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, std::min(kConnectSeconds, transfer.stalled_seconds));
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, transfer.stalled_seconds);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, (std::string("pose/") + kVersion).c_str());
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(nullptr, &curl_slist_free_all);
  if (transfer.asked_from > 0) {
    const std::string condition = "If-Range: " + transfer.part->origin().validator();
    headers.reset(curl_slist_append(nullptr, condition.c_str()));
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_RANGE, (std::to_string(transfer.asked_from) + "-").c_str());
  }
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, text);
  const CURLcode code = curl_easy_perform(curl.get());
  return {code, text[0] ? text : curl_easy_strerror(code)};
}

/// Whether another attempt may help: the connection broke or the server was busy.
bool worth_retrying(const Outcome& outcome, long status) {
  switch (outcome.code) {
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_OPERATION_TIMEDOUT: return true;
    case CURLE_HTTP_RETURNED_ERROR: return status == kTooManyRequests || status >= kServerErrors;
    default: return false;
  }
}

[[noreturn]] void fail(const std::string& url, const Outcome& outcome) {
  const std::string message = "cannot fetch " + url + ": " + outcome.message;
  if (outcome.code == CURLE_HTTP_RETURNED_ERROR || outcome.code == CURLE_FILE_COULDNT_READ_FILE)
    throw Error::not_found(message);
  throw Error::io(message);
}

/// Whether all the bytes of one version are there: only putting them in place was not reached.
bool is_complete(const PartialFile& part) { return part.size() > 0 && part.size() == part.origin().bytes; }

}  // namespace

void download(const std::string& url, PartialFile& part, std::int64_t bytes, int stalled_seconds,
              const DownloadProgress& progress) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  POSE_CHECK(global == CURLE_OK);
  if (part.origin().source != url || part.origin().validator().empty()) part.clear();
  for (int attempt = 1; !is_complete(part); ++attempt) {
    Transfer transfer{url,       &part, bytes, part.size(), stalled_seconds,
                      &progress, {},    false, false,       std::nullopt};
    const Outcome outcome = fetch_once(transfer);
    if (outcome.code == CURLE_OK) {
      if (!transfer.begun) begin_body(transfer, "");  // an empty body
      return;
    }
    const long status = transfer.answer.status;
    const bool restart = transfer.restart || (transfer.asked_from > 0 && status == kRangeNotSatisfiable);
    if (restart && attempt < kAttempts) {
      part.clear();
      continue;
    }
    if (transfer.refused) throw *transfer.refused;
    const bool stalled = outcome.code == CURLE_OPERATION_TIMEDOUT && part.size() <= transfer.asked_from;
    if (!worth_retrying(outcome, status) || stalled || attempt >= kAttempts) fail(url, outcome);
    if (part.origin().validator().empty()) part.clear();
    log_warning(outcome.message + "; trying again from byte " + std::to_string(part.size()));
    std::this_thread::sleep_for(std::chrono::milliseconds(200 << attempt));
  }
}

}  // namespace pose
