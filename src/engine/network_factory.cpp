#include "pose/network_factory.h"

#include <utility>

#include "engine/engines.h"
#include "graph/architectures.h"
#include "graph/darknet.h"
#include "graph/passes.h"
#include "pose/error.h"
#include "pose/tensor_file.h"
#include "weights/checkpoint.h"

namespace pose {
namespace {

void require_weights(const ModelCard& card) {
  const std::string message = missing_weights_message(card);
  if (!message.empty()) throw Error::not_found(message);
}

/// Only LibTorch runs programs, and on other devices than the processor.
const Engine& chosen_engine(const EngineOptions& options, bool program) {
  const bool only_torch = program || options.device != "cpu";
  return engine(options.engine == "auto" && only_torch ? "torch" : options.engine);
}

std::unique_ptr<Network> make_network(Graph graph, const TensorFile& weights, const std::string& path,
                                      const EngineOptions& options) {
  const Engine& chosen = chosen_engine(options, false);
  BoundGraph bound;
  try {
    bound = bind_weights(std::move(graph), weights);
  } catch (const Error& e) {
    throw e.with_context(path);
  }
  if (options.fold_batch_norm) bound = fold_batch_norm(std::move(bound));
  return chosen.make(std::move(bound), options);
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t side : shape) text += (text.empty() ? "" : "x") + std::to_string(side);
  return text;
}

/// No graph tells what a program gives: one blank crop must bring one blob of the heatmaps that the card
/// states.
void check_program(Network& network, const ModelCard& card) {
  const std::vector<std::int64_t> stated{1, card.output_channels, card.heatmap_height, card.heatmap_width};
  const std::vector<Blob> outputs = network.forward(Blob({1, 3, card.input.height, card.input.width}));
  if (outputs.size() == 1 && outputs[0].shape() == stated) return;
  std::string found;
  for (const Blob& output : outputs) found += (found.empty() ? "" : " and ") + shape_text(output.shape());
  throw Error::mismatch("for one blank crop the program gives " + std::to_string(outputs.size()) +
                        " outputs (" + found + "), and the card states one of " + shape_text(stated));
}

std::unique_ptr<Network> load_program(const ModelCard& card, const EngineOptions& options) {
  const Engine& chosen = chosen_engine(options, true);
  if (chosen.load_program == nullptr)
    throw Error::usage(card.weights + " is a TorchScript program, which engine '" + options.engine +
                       "' does not run");
  std::unique_ptr<Network> network = chosen.load_program(card.weights, options);
  try {
    check_program(*network, card);
  } catch (const Error& e) {
    throw e.with_context("model card '" + card.name + "': " + card.weights);
  }
  return network;
}

}  // namespace

std::unique_ptr<Network> make_pose_network(const ModelCard& card, const EngineOptions& options) {
  require_weights(card);
  if (card.architecture == kTorchScript) return load_program(card, options);
  return make_network(build_pose_graph(card), canonical(open_tensor_file(card.weights)), card.weights,
                      options);
}

DarknetModel make_detector_network(const ModelCard& card, int input_side, const EngineOptions& options) {
  require_weights(card);
  DarknetGraph darknet =
      build_darknet(read_darknet_cfg(card.config), input_side, darknet_style(card.det_rules));
  const TensorFile weights = read_darknet_weights(card.weights, darknet.file_order);
  const Chw in = darknet.graph.nodes.front().shape;
  DarknetModel model;
  model.heads = std::move(darknet.heads);
  model.input = {static_cast<int>(in.w), static_cast<int>(in.h)};
  model.network = make_network(std::move(darknet.graph), weights, card.weights, options);
  return model;
}

}  // namespace pose
