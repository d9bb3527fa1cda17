#pragma once

#include <string>
#include <vector>

#include "pose/model_card.h"

namespace pose {

/// What lies where a card's weights belong.
enum class WeightsState {
  kMissing,
  kRight,    ///< one of the files that the card knows by size or hash
  kUnknown,  ///< a file of which the card says nothing that could be compared
  kWrong,    ///< none of the files that the card knows
};

/// Compares the file with every packaging that the card knows. `fault`, if not null, becomes what is wrong.
WeightsState check_weights_file(const ModelCard& card, std::string* fault = nullptr);

/// Megabytes of the file, as published; "~" before it where it was worked out from the parameters, "" if
/// unknown.
std::string size_text(const ModelCard& card);

/// Fetches the weights of a card unless they are there: from `from`, a URL or a file, if it is not empty,
/// otherwise from the card's sources in their order. A source that is gone, sends nothing for
/// `stalled_seconds` or gives something else (a web page, another size or hash) is told, and the next one is
/// tried; what an earlier call began with goes first. Prints what happens. Throws `kNotFound` if no source
/// gave the weights, `kMismatch` if another file lies in their place, `kIo`, `kUsage` (another process
/// fetches them).
void get_weights(const ModelCard& card, const std::string& from, int stalled_seconds);

/// Prints what `get_weights` would do.
void print_sources(const ModelCard& card);

}  // namespace pose
