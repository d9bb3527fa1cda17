// Engines on small graphs: every kind of layer, and that fusing and overwriting change nothing.

#include "engine/torch/torch_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "graph/builder.h"
#include "graph/passes.h"
#include "pose/error.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

std::vector<Blob> run(const Graph& graph, const Blob& batch, bool fold = true) {
  BoundGraph bound = test::seeded_graph(graph, 1.0);
  if (fold) bound = fold_batch_norm(std::move(bound));
  return test::make_network(std::move(bound))->forward(batch);
}

std::vector<float> values(const Blob& blob) { return {blob.data(), blob.data() + blob.elements()}; }

Blob blob_of(const std::vector<std::int64_t>& shape, const std::vector<float>& numbers) {
  Blob blob(shape);
  std::copy(numbers.begin(), numbers.end(), blob.data());
  return blob;
}

void expect_near(const Blob& a, const Blob& b, float tolerance) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::int64_t i = 0; i < a.elements(); ++i)
    ASSERT_NEAR(a.data()[i], b.data()[i], tolerance) << "at " << i;
}

TEST(Networks, Activations) {
  const std::vector<float> x{-4, -0.5f, 0, 0.5f, 7};
  const auto logistic = [](double v) { return 1 / (1 + std::exp(-v)); };
  const std::pair<Activation, std::function<double(double)>> expected[] = {
      {Activation::kRelu, [](double v) { return std::max(v, 0.0); }},
      {Activation::kLeaky, [](double v) { return v > 0 ? v : 0.1 * v; }},
      {Activation::kRelu6, [](double v) { return std::min(std::max(v, 0.0), 6.0); }},
      {Activation::kLogistic, logistic},
      {Activation::kMish, [](double v) { return v * std::tanh(std::log1p(std::exp(v))); }},
      {Activation::kSwish, [&](double v) { return v * logistic(v); }},
  };
  for (const auto& [kind, function] : expected) {
    GraphBuilder g;
    const NodeId y = g.activation(g.input({1, 1, 5}), kind);
    const Blob result = run(g.finish({y}), blob_of({1, 1, 1, 5}, x)).at(0);
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(result.data()[i], function(x[i]), 1e-6) << int(kind);
  }
}

TEST(Networks, LayersThatOnlyMoveNumbers) {
  GraphBuilder g;
  const NodeId x = g.input({4, 1, 2});
  const Graph graph = g.finish({g.slice(x, 1, 2), g.concat({g.slice(x, 3, 1), g.slice(x, 0, 1)}),
                                g.pixel_shuffle(x), g.upsample(x, 2, 4, Interpolation::kNearest)});
  const std::vector<Blob> y = run(graph, blob_of({1, 4, 1, 2}, {0, 1, 10, 11, 20, 21, 30, 31}));
  EXPECT_EQ(values(y[0]), (std::vector<float>{10, 11, 20, 21}));
  EXPECT_EQ(values(y[1]), (std::vector<float>{30, 31, 0, 1}));
  EXPECT_EQ(y[2].shape(), (std::vector<std::int64_t>{1, 1, 2, 4}));
  EXPECT_EQ(values(y[2]), (std::vector<float>{0, 10, 1, 11, 20, 30, 21, 31}));
  EXPECT_EQ(std::vector<float>(y[3].data(), y[3].data() + 8), (std::vector<float>{0, 0, 1, 1, 0, 0, 1, 1}));
}

TEST(Networks, Pools) {
  GraphBuilder g;
  const NodeId x = g.input({1, 2, 2});
  const Graph graph = g.finish({g.max_pool(x, 2, 1, 0, 1), g.max_pool(x, 3, 1, 1, -1, true),
                                g.max_pool(x, 3, 1, 1), g.avg_pool(x, 2, 2), g.global_avg_pool(x)});
  const std::vector<Blob> y = run(graph, blob_of({1, 1, 2, 2}, {-4, -2, -3, -1}));
  EXPECT_EQ(values(y[0]), (std::vector<float>{-1, -1, -1, -1}))
      << "padding at the right and bottom is never chosen";
  EXPECT_EQ(values(y[1]), (std::vector<float>{0, 0, 0, 0})) << "zeros take part";
  EXPECT_EQ(values(y[2]), (std::vector<float>{-1, -1, -1, -1}));
  EXPECT_EQ(values(y[3]), std::vector<float>{-2.5f});
  EXPECT_EQ(values(y[4]), std::vector<float>{-2.5f});
}

TEST(Networks, GroupedConvolutionSeesItsOwnChannels) {
  GraphBuilder g;
  const NodeId y = g.conv(g.input({2, 1, 1}), {2, 1, 1, 0, 2}, "conv");
  const BoundGraph bound = bind_weights(g.finish({y}), [](const Node&, const Param& p) {
    return blob_of(p.shape, {2, 5});
  });
  const Blob result = test::make_network(bound)->forward(blob_of({1, 2, 1, 1}, {10, 100})).at(0);
  EXPECT_EQ(values(result), (std::vector<float>{20, 500}));
}

/// Sums whose terms are read again, read twice, or are the input: nothing of it may be overwritten.
Graph entangled() {
  GraphBuilder g;
  const NodeId in = g.input({4, 6, 6});
  const NodeId a = g.relu(g.batch_norm(g.conv(in, {4, 3, 1, 1}, "a"), "a_bn"));
  const NodeId b = g.batch_norm(g.conv(a, {4, 3, 1, 1}, "b"), "b_bn");
  const NodeId twice = g.add({b, in, b});
  const NodeId activated = g.activation(twice, Activation::kMish);
  const NodeId of_input = g.relu(in);
  const NodeId c = g.add({a, of_input, twice});
  const NodeId part = g.activation(g.slice(c, 0, 2), Activation::kLeaky);
  const NodeId joined = g.concat({part, g.slice(c, 2, 2), activated});
  const NodeId factors = g.activation(g.linear(g.global_avg_pool(joined), 8, "fc"), Activation::kLogistic);
  const NodeId scaled = g.scale_channels(joined, factors);
  const NodeId up = g.batch_norm(g.conv_transpose(scaled, 3, 4, 2, 1, 0, "up"), "up_bn");
  return g.finish({g.relu(up), c, twice});
}

/// The same graph with every node as an output: nothing can be fused, folded or overwritten.
Graph with_all_outputs(Graph graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) graph.outputs.push_back(static_cast<NodeId>(i));
  return graph;
}

TEST(Networks, FusingAndOverwritingChangeNothing) {
  const Blob batch = test::seeded_blob("entangled", {2, 4, 6, 6}, -1, 1);
  const std::vector<Blob> plain = run(with_all_outputs(entangled()), batch, /*fold=*/false);
  const std::vector<Blob> fast = run(entangled(), batch);
  for (std::size_t i = 0; i < fast.size(); ++i) expect_near(fast[i], plain[i], 1e-5f);
}

TEST(Networks, LeavesInputAndWeightsAsTheyAre) {
  const Blob batch = test::seeded_blob("entangled", {1, 4, 6, 6}, -1, 1);
  const std::vector<float> before = values(batch);
  const auto network = test::make_network(fold_batch_norm(test::seeded_graph(entangled(), 1.0)));
  const std::vector<float> first = values(network->forward(batch).at(0));
  EXPECT_EQ(values(batch), before);
  EXPECT_EQ(values(network->forward(batch).at(0)), first);
}

TEST(Networks, ItemsOfABatchDoNotSeeEachOther) {
  const Blob batch = test::seeded_blob("entangled", {3, 4, 6, 6}, -1, 1);
  const Blob together = run(entangled(), batch).at(0);
  for (std::int64_t i = 0; i < 3; ++i) {
    const Blob item({1, 4, 6, 6}, const_cast<float*>(batch[i].data()), std::make_shared<Blob>(batch));
    const Blob alone = run(entangled(), item).at(0);
    expect_near(alone[0], together[i], 1e-5f);
  }
}

TEST(Networks, RunsInAnotherThreadThanItWasMadeIn) {
  const Blob batch = test::seeded_blob("entangled", {1, 4, 6, 6}, -1, 1);
  const auto network = test::make_network(fold_batch_norm(test::seeded_graph(entangled(), 1.0)));
  const std::vector<float> here = values(network->forward(batch).at(0));
  std::vector<float> there;
  std::thread([&] { there = values(network->forward(batch).at(0)); }).join();
  EXPECT_EQ(there, here);
}

template <typename Call>
void expect_error(ErrorKind kind, const std::string& message, Call call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind);
    EXPECT_EQ(e.what(), message);
  }
}

TEST(Networks, RefusesOtherInputs) {
  const auto network = test::make_network(test::seeded_graph(entangled(), 1.0));
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{1, 4, 6, 7}, {4, 6, 6}, {1, 3, 6, 6}, {0, 4, 6, 6}})
    expect_error(ErrorKind::kMismatch, "the network takes batches of 4x6x6 numbers",
                 [&] { network->forward(Blob(shape)); });
}

TEST(TorchDevices, RefusesDevicesThatAreNotThere) {
  EngineOptions options;
  for (const char* name : {"gpu", "cuda:x", "xpu", ""}) {
    options.device = name;
    expect_error(ErrorKind::kUsage, "--device takes cpu, cuda or cuda:N, not '" + std::string(name) + "'",
                 [&] { make_torch_network(test::seeded_graph(entangled(), 1.0), options); });
  }
  options.device = "cuda:99";
  EXPECT_THROW(make_torch_network(test::seeded_graph(entangled(), 1.0), options), Error);
}

}  // namespace
}  // namespace pose
