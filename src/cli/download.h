#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pose {

/// Called now and then with bytes on disk and bytes in all (0 while unknown).
using DownloadProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// Fetches `url` (http, https, file) into `path`. What is already in `path` is kept and only the rest is
/// asked for; a connection that breaks is taken up again a few times. Redirects are followed. More than
/// `max_bytes` (if positive) is refused. On failure `path` stays, so that a later call goes on from there.
/// Throws `kIo` (network, disk), `kNotFound` (the server says no), `kMismatch` (too large).
void download(const std::string& url, const std::string& path, std::int64_t max_bytes,
              const DownloadProgress& progress);

}  // namespace pose
