#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cli/partial_file.h"

namespace pose {

/// Called now and then with bytes on disk and bytes in all (0 while unknown).
using DownloadProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// Fetches `url` (http, https, file) into `part`. What is there already is gone on with if it came from the
/// same `url` and the server says that its file is still the same (`If-Range`); otherwise it is forgotten. A
/// connection that breaks, or brings nothing for `stalled_seconds`, is taken up again a few times as long as
/// something comes. Redirects are followed. Anything but `bytes` (if not
/// negative) bytes and pages for browsers are refused. On failure `part` keeps what came, so that a later
/// call goes on from there. Throws `kIo` (network, disk), `kNotFound` (the server says no), `kMismatch`
/// (another size, a web page).
void download(const std::string& url, PartialFile& part, std::int64_t bytes, int stalled_seconds,
              const DownloadProgress& progress);

}  // namespace pose
