#pragma once

#include <string>

#include "pose/model_card.h"

namespace pose {

/// Throws `kFormat`: "FILE: WHAT", for a card made in code "model card 'NAME': WHAT".
[[noreturn]] void refuse_card(const ModelCard& card, const std::string& what);

}  // namespace pose
