// A network with weights by formula, for peers.py: writes graph, weights, one input and our outputs into a
// folder, then runs the input once for every line on stdin and answers with the milliseconds that it took.

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "engine/engines.h"
#include "graph/describe.h"
#include "graph/passes.h"
#include "pose/error.h"
#include "pose/model_card.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

using Json = nlohmann::ordered_json;

/// Blobs one behind the other in a file of bare f32; what is put has offset and shape.
class BlobFile {
 public:
  explicit BlobFile(const std::string& path) : out_(path, std::ios::binary) {}

  Json put(const Blob& blob) {
    out_.write(reinterpret_cast<const char*>(blob.data()),
               blob.elements() * static_cast<std::streamsize>(sizeof(float)));
    if (!out_) throw Error::io("cannot write the weights");
    Json place{{"offset", offset_}, {"shape", blob.shape()}};
    offset_ += blob.elements();
    return place;
  }

 private:
  std::ofstream out_;
  std::int64_t offset_ = 0;
};

Json node_json(const Node& node, const std::vector<Blob>& values, BlobFile& file) {
  Json params = Json::array();
  for (const Blob& value : values) params.push_back(file.put(value));
  return {{"name", node.name},
          {"op", to_string(node.op)},
          {"inputs", node.inputs},
          {"shape", {node.shape.c, node.shape.h, node.shape.w}},
          {"kernel", node.kernel},
          {"stride", node.stride},
          {"pad", node.pad},
          {"pad_end", node.pad_end < 0 ? node.pad : node.pad_end},
          {"output_pad", node.output_pad},
          {"pad_with_zeros", node.pad_with_zeros},
          {"groups", node.groups},
          {"activation", static_cast<int>(node.activation)},
          {"interpolation", static_cast<int>(node.interpolation)},
          {"slice_begin", node.slice_begin},
          {"eps", node.eps},
          {"params", params}};
}

void write_network(const BoundGraph& bound, const Blob& batch, const std::vector<Blob>& outputs,
                   const std::string& folder) {
  BlobFile file(folder + "/network.f32");
  Json document{{"nodes", Json::array()}, {"outputs", bound.graph.outputs}, {"results", Json::array()}};
  document["input"] = file.put(batch);
  for (const Blob& output : outputs) document["results"].push_back(file.put(output));
  std::vector<float> scratch;
  for (std::size_t i = 0; i < bound.graph.nodes.size(); ++i)
    document["nodes"].push_back(node_json(bound.graph.nodes[i], weights_of(bound, i, scratch), file));
  std::ofstream(folder + "/network.json") << document;
}

double milliseconds(Network& network, const Blob& batch) {
  const auto begin = std::chrono::steady_clock::now();
  network.forward(batch);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

void serve(const std::string& card, std::int64_t count, const EngineOptions& options,
           const std::string& folder) {
  const Graph graph = graph_of(load_model_card(card, model_folders()));
  const BoundGraph bound = fold_batch_norm(test::seeded_graph(graph, 1.0));
  const Chw in = graph.nodes.front().shape;
  const Blob batch = test::seeded_blob("bench", {count, in.c, in.h, in.w}, -1, 1);
  const std::unique_ptr<Network> network = engine(options.engine).make(bound, options);
  const std::vector<Blob> outputs = network->forward(batch);
  if (!folder.empty()) write_network(bound, batch, outputs, folder);
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("%.3f\n", milliseconds(*network, batch));
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace pose

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("usage: peer_network CARD BATCH THREADS ENGINE [FOLDER]\n", stderr);
    return 2;
  }
  try {
    pose::EngineOptions options;
    options.threads = std::atoi(argv[3]);
    options.engine = argv[4];
    pose::serve(argv[1], std::atoi(argv[2]), options, argc > 5 ? argv[5] : "");
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "peer_network: %s\n", e.what());
    return 1;
  }
}
