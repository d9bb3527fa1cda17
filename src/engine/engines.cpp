#include "engine/engines.h"

#include <array>

#include "base/lookup.h"
#include "engine/torch/torch_network.h"

namespace pose {
namespace {

constexpr std::array<Engine, 1> kEngines{{
    {"torch", "LibTorch, layer by layer, on the CPU or a CUDA device", &make_torch_network},
}};

}  // namespace

const Engine& engine(std::string_view name) { return lookup(kEngines, name, "engine"); }

}  // namespace pose
