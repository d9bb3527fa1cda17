#include "graph/passes.h"

#include <gtest/gtest.h>

#include "graph/builder.h"

namespace pose {
namespace {

/// Every parameter is 1, 2, 3, ... but for variances, which are n^2 - eps, so that scales come out round.
BoundGraph with_numbers(Graph graph) {
  return bind_weights(std::move(graph), [](const Node&, const Param& param) {
    Blob blob(param.shape);
    for (std::int64_t i = 0; i < blob.elements(); ++i) {
      const auto n = static_cast<double>(i + 1);
      blob.data()[i] = static_cast<float>(param.kind == ParamKind::kVar ? n * n - 1e-5 : n);
    }
    return blob;
  });
}

std::vector<Op> ops_of(const Graph& graph) {
  std::vector<Op> ops;
  for (const Node& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

TEST(FoldBatchNorm, ScalesWeightsAndShiftsTheBias) {
  GraphBuilder g;
  NodeId x = g.conv(g.input({2, 4, 4}), {2, 1, 1, 0, 1, true}, "conv");
  x = g.relu(g.batch_norm(x, "bn"));
  const BoundGraph folded = fold_batch_norm(with_numbers(g.finish({x})));
  EXPECT_EQ(ops_of(folded.graph), (std::vector<Op>{Op::kInput, Op::kConv, Op::kActivation}));
  EXPECT_EQ(folded.graph.outputs, std::vector<NodeId>{2});
  EXPECT_EQ(folded.graph[2].inputs, std::vector<NodeId>{1});
  // Channel c: weight c / sqrt(c^2) = 1; bias beta + (conv bias - mean) = c + 0.
  std::vector<float> scratch;
  const Blob weight = weights_of(folded, 1, scratch)[0], bias = folded.values[1][1];
  for (int i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(weight.data()[i], static_cast<float>(i + 1));
  EXPECT_FLOAT_EQ(bias.data()[0], 1.0f);
  EXPECT_FLOAT_EQ(bias.data()[1], 2.0f);
}

TEST(FoldBatchNorm, TransposedWeightsAreScaledAlongTheirSecondDimension) {
  GraphBuilder g;
  NodeId x = g.conv_transpose(g.input({2, 4, 4}), 2, 2, 2, 0, 0, "up");
  BoundGraph bound = with_numbers(g.finish({g.batch_norm(x, "bn")}));
  bound.values[2][0].data()[1] = 20;  // scale of channel 1: 20 / 2
  const BoundGraph folded = fold_batch_norm(std::move(bound));
  std::vector<float> scratch;
  const Blob changed = weights_of(folded, 1, scratch)[0];
  const float* weight = changed.data();  // [in, out, 2, 2]
  EXPECT_FLOAT_EQ(weight[0], 1.0f);
  EXPECT_FLOAT_EQ(weight[4], 50.0f);
  EXPECT_FLOAT_EQ(weight[8], 9.0f);
  EXPECT_FLOAT_EQ(weight[12], 130.0f);
  EXPECT_FLOAT_EQ(folded.values[1][1].data()[1], 2.0f - 2.0f * 10.0f);
}

TEST(FoldBatchNorm, TransposedConvolutionsMayHaveOtherChannelsThanTheyRead) {
  GraphBuilder g;
  NodeId x = g.conv_transpose(g.input({2, 4, 4}), 3, 2, 2, 0, 0, "up");
  BoundGraph bound = with_numbers(g.finish({g.batch_norm(x, "bn")}));
  for (int c = 0; c < 3; ++c)
    bound.values[2][0].data()[c] = static_cast<float>((c + 1) * (c + 2));  // x c + 2
  const BoundGraph folded = fold_batch_norm(std::move(bound));
  std::vector<float> scratch;
  const Blob weight = weights_of(folded, 1, scratch)[0];  // [2, 3, 2, 2]
  for (int i = 0; i < 24; ++i)
    EXPECT_FLOAT_EQ(weight.data()[i], static_cast<float>((i + 1) * (i / 4 % 3 + 2))) << i;
}

TEST(FoldBatchNorm, LeavesConvolutionsWithOtherReadersAlone) {
  GraphBuilder g;
  const NodeId conv = g.conv(g.input({2, 4, 4}), {2, 1}, "conv");
  const NodeId sum = g.add({g.batch_norm(conv, "bn"), conv});
  EXPECT_EQ(fold_batch_norm(with_numbers(g.finish({sum}))).graph.nodes.size(), 4u);

  GraphBuilder h;
  const NodeId output = h.conv(h.input({2, 4, 4}), {2, 1}, "conv");
  EXPECT_EQ(fold_batch_norm(with_numbers(h.finish({h.batch_norm(output, "bn"), output}))).graph.nodes.size(),
            3u);
}

TEST(FoldBatchNorm, LeavesBatchNormsAfterOtherLayersAlone) {
  GraphBuilder g;
  const NodeId x = g.batch_norm(g.relu(g.conv(g.input({2, 4, 4}), {2, 1}, "conv")), "bn");
  EXPECT_EQ(fold_batch_norm(with_numbers(g.finish({x}))).graph.nodes.size(), 4u);
}

TEST(FoldBatchNorm, DoesNotWriteIntoTheOldValues) {
  GraphBuilder g;
  const BoundGraph bound =
      with_numbers(g.finish({g.batch_norm(g.conv(g.input({2, 4, 4}), {2, 1}, "conv"), "bn")}));
  BoundGraph copy = bound;
  copy.values[2][0].data()[1] = 1;
  std::vector<float> scratch;
  weights_of(fold_batch_norm(std::move(copy)), 1, scratch);
  EXPECT_EQ(bound.values[1][0].data()[3], 4.0f);
}

TEST(FuseActivations, JoinsConvolutionsAndSums) {
  GraphBuilder g;
  const NodeId x = g.activation(g.conv(g.input({2, 4, 4}), {2, 1}, "conv"), Activation::kMish);
  const NodeId y = g.name(g.relu(g.add({x, x})), "block");
  const BoundGraph fused = fuse_activations(with_numbers(g.finish({y})));
  ASSERT_EQ(ops_of(fused.graph), (std::vector<Op>{Op::kInput, Op::kConv, Op::kAdd}));
  EXPECT_EQ(fused.graph[1].activation, Activation::kMish);
  EXPECT_EQ(fused.graph[2].activation, Activation::kRelu);
  EXPECT_EQ(fused.graph[2].name, "block");
  EXPECT_EQ(fused.graph[2].inputs, (std::vector<NodeId>{1, 1}));
}

TEST(FuseActivations, KeepsValuesThatSomebodyElseReads) {
  GraphBuilder g;
  const NodeId sum = g.add({g.conv(g.input({2, 4, 4}), {2, 1}, "conv"), 0});
  const BoundGraph fused = fuse_activations(with_numbers(g.finish({g.relu(sum), sum})));
  EXPECT_EQ(fused.graph.nodes.size(), 4u);
  EXPECT_EQ(fused.graph[2].activation, Activation::kNone);
}

TEST(FuseActivations, TakesTheFirstOfTwo) {
  GraphBuilder g;
  const NodeId x = g.conv(g.input({2, 4, 4}), {2, 1}, "conv");
  const NodeId y = g.activation(g.relu(x), Activation::kLogistic);
  const BoundGraph fused = fuse_activations(with_numbers(g.finish({y})));
  ASSERT_EQ(ops_of(fused.graph), (std::vector<Op>{Op::kInput, Op::kConv, Op::kActivation}));
  EXPECT_EQ(fused.graph[2].activation, Activation::kLogistic);
}

TEST(Releases, EveryValueGoesAfterItsLastReader) {
  GraphBuilder g;
  const NodeId in = g.input({2, 4, 4});
  const NodeId a = g.conv(in, {2, 1}, "a");
  const NodeId b = g.conv(a, {2, 1}, "b");
  const NodeId unused = g.conv(a, {2, 1}, "unused");
  const NodeId sum = g.add({b, a});
  const std::vector<std::vector<NodeId>> released = releases(g.finish({sum, b}));
  EXPECT_EQ(released[1], std::vector<NodeId>{in});
  EXPECT_TRUE(released[2].empty());
  EXPECT_EQ(released[3], std::vector<NodeId>{unused});
  EXPECT_EQ(released[4], std::vector<NodeId>{a}) << "outputs stay";
}

}  // namespace
}  // namespace pose
