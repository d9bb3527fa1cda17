#include "engine/torch/packed_conv.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/torch/operators.h"

namespace pose {
namespace {

using Sizes = std::vector<std::int64_t>;

/// LibTorch has no headers for these two operators; their schemas are the same from 1.13 to 2.11.
std::optional<c10::OperatorHandle> find_operator(const char* name) {
  const auto found = c10::Dispatcher::singleton().findSchema({name, ""});
  return found.has_value() ? std::optional(*found) : std::nullopt;
}

const std::optional<c10::OperatorHandle>& pack_operator() {
  static const auto found = find_operator("mkldnn_prepacked::conv2d_prepack");
  return found;
}

const std::optional<c10::OperatorHandle>& run_operator() {
  static const auto found = find_operator("mkldnn_prepacked::conv2d_run");
  return found;
}

bool available() {
  return pack_operator() && run_operator() && at::hasMKLDNN() && at::globalContext().userEnabledMkldnn();
}

}  // namespace

std::unique_ptr<PackedConv> PackedConv::make(const Node& node, const Chw& input, const at::Tensor& weight,
                                             const at::Tensor& bias) {
  if (!available()) return nullptr;
  const bool relu = node.activation == Activation::kRelu;
  c10::Stack stack{weight,
                   bias.defined() ? c10::IValue(bias) : c10::IValue(),
                   Sizes{node.stride, node.stride},
                   Sizes{node.pad, node.pad},
                   Sizes{1, 1},
                   std::int64_t{node.groups},
                   Sizes{1, input.c, input.h, input.w},
                   relu ? "relu" : "none"};
  pack_operator()->callBoxed(&stack);
  return std::unique_ptr<PackedConv>(
      new PackedConv(std::move(stack.at(0)), relu ? Activation::kNone : node.activation));
}

at::Tensor PackedConv::run(const at::Tensor& x) const {
  c10::Stack stack{x, context_};
  run_operator()->callBoxed(&stack);
  return activate(std::move(stack.at(0)).toTensor(), remaining_);
}

}  // namespace pose
