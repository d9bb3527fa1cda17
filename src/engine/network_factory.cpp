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

std::unique_ptr<Network> make_network(Graph graph, const TensorFile& weights, const std::string& path,
                                      const EngineOptions& options) {
  const Engine& chosen = engine(options.engine);
  BoundGraph bound;
  try {
    bound = bind_weights(std::move(graph), weights);
  } catch (const Error& e) {
    throw e.with_context(path);
  }
  if (options.fold_batch_norm) bound = fold_batch_norm(std::move(bound));
  return chosen.make(std::move(bound), options);
}

std::unique_ptr<Network> load_program(const std::string& path, const EngineOptions& options) {
  const Engine& chosen = engine(options.engine);
  if (chosen.load_program == nullptr)
    throw Error::usage(path + " is a TorchScript program, which engine '" + options.engine +
                       "' does not run");
  return chosen.load_program(path, options);
}

}  // namespace

std::unique_ptr<Network> make_pose_network(const ModelCard& card, const EngineOptions& options) {
  require_weights(card);
  if (card.architecture == kTorchScript) return load_program(card.weights, options);
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
