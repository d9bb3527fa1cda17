// What the planner makes of small graphs: which steps, and that no map lies where another is still in use.

#include "engine/cpu/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "graph/architectures.h"
#include "graph/builder.h"
#include "graph/describe.h"
#include "graph/passes.h"
#include "pose/error.h"
#include "support/errors.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose::cpu {
namespace {

Plan plan_of(Graph graph) { return make_plan(std::move(graph), {8, 6}); }

std::vector<StepKind> kinds(const Plan& plan) {
  std::vector<StepKind> all;
  for (const Step& step : plan.steps) all.push_back(step.kind);
  return all;
}

using Kinds = std::vector<StepKind>;

TEST(Plan, ASumIsTheEndOfTheConvolutionThatAloneGivesIt) {
  GraphBuilder g;
  const NodeId x = g.input({16, 8, 8}), a = g.conv(x, {16, 1}, "a");
  const Plan plan = plan_of(g.finish({g.add({a, g.conv(a, {16, 3, 1, 1}, "b")})}));
  EXPECT_EQ(kinds(plan), (Kinds{StepKind::kInput, StepKind::kConv, StepKind::kWinograd, StepKind::kOutput}));
  EXPECT_EQ(plan.steps[2].residual, a);
}

TEST(Plan, ConvolutionsThatOthersReadTakeNoResidual) {
  GraphBuilder g;
  const NodeId x = g.input({16, 8, 8}), a = g.conv(x, {16, 1}, "a"), b = g.conv(x, {16, 1}, "b");
  const Plan plan = plan_of(g.finish({g.add({a, b}), a, b}));
  const Kinds all = kinds(plan);
  EXPECT_EQ(std::count(all.begin(), all.end(), StepKind::kSum), 1);
}

TEST(Plan, WinogradIsForThreeByThreeOfStrideOneWithEnoughChannels) {
  const auto kind = [](Chw in, const ConvSpec& spec) {
    GraphBuilder g;
    return plan_of(g.finish({g.conv(g.input(in), spec, "c")})).steps.at(1).kind;
  };
  EXPECT_EQ(kind({16, 8, 8}, {16, 3, 1, 1}), StepKind::kWinograd);
  EXPECT_EQ(kind({15, 8, 8}, {16, 3, 1, 1}), StepKind::kConv);
  EXPECT_EQ(kind({16, 8, 8}, {15, 3, 1, 1}), StepKind::kConv);
  EXPECT_EQ(kind({16, 8, 8}, {16, 3, 2, 1}), StepKind::kConv);
  EXPECT_EQ(kind({16, 8, 8}, {16, 3, 1, 0}), StepKind::kConv);
  EXPECT_EQ(kind({16, 8, 8}, {16, 5, 1, 2}), StepKind::kConv);
  EXPECT_EQ(kind({32, 8, 8}, {32, 3, 1, 1, 2}), StepKind::kConv);
  EXPECT_EQ(kind({16, 8, 8}, {16, 3, 1, 1, 16}), StepKind::kDepthwise);
}

TEST(Plan, PartsOfWholeVectorsAreWrittenIntoTheConcatenation) {
  GraphBuilder g;
  const NodeId x = g.input({8, 4, 4}), a = g.conv(x, {8, 1}, "a"), b = g.conv(x, {12, 1}, "b");
  const Plan plan = plan_of(g.finish({g.concat({a, b}), g.concat({b, a})}));
  EXPECT_EQ(kinds(plan), (Kinds{StepKind::kInput, StepKind::kConv, StepKind::kConv, StepKind::kOutput,
                                StepKind::kCopy, StepKind::kCopy, StepKind::kOutput}));
  EXPECT_EQ(plan.places[1].buffer, plan.places[2].buffer);
  EXPECT_EQ(plan.places[2].first_channel, 8);
}

TEST(Plan, SumsOfTooManyMapsAreRefused) {
  GraphBuilder g;
  const NodeId x = g.input({8, 4, 4});
  const Graph graph = g.finish({g.add(std::vector<NodeId>(9, x))});
  test::expect_error(ErrorKind::kUnsupported, "a sum of 9 maps", [&] { plan_of(graph); });
}

TEST(Plan, MapsInUseNeverOverlap) {
  const Graph graph =
      fuse_activations(fold_batch_norm(test::seeded_graph(
                           architecture("hrnet").build({"", {{"width", {8}}}, 64, 64, 17}), 1.0)))
          .graph;
  const Plan plan = plan_of(graph);
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    const Buffer& a = plan.buffers[i];
    EXPECT_LE(a.offset + a.floats(), plan.arena);
    for (std::size_t k = 0; k < i; ++k) {
      const Buffer& b = plan.buffers[k];
      const bool together = a.first_step <= b.last_step && b.first_step <= a.last_step;
      const bool apart = a.offset + a.floats() <= b.offset || b.offset + b.floats() <= a.offset;
      EXPECT_TRUE(!together || apart) << i << " " << k;
    }
  }
  std::int64_t all = 0;
  for (const Buffer& buffer : plan.buffers) all += buffer.floats();
  EXPECT_LT(plan.arena, all / 4) << "memory is used again";
}

TEST(Plan, CanBeRead) {
  GraphBuilder g;
  const NodeId x = g.input({16, 8, 8}), a = g.conv(x, {16, 1}, "a");
  const std::vector<PlanStep> steps =
      describe(plan_of(g.finish({g.add({a, g.conv(a, {16, 3, 1, 1}, "b")})})));
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_EQ(steps[2].algorithm, "winograd-4x4");
  EXPECT_EQ(steps[2].shapes, "16x8x8 -> 16x8x8 + a");
  EXPECT_EQ(steps[2].macs, 16 * 16 * 9 * 64);
  EXPECT_EQ(steps[1].macs, 16 * 16 * 64);
  EXPECT_EQ(steps[3].macs, 0);
}

TEST(Plan, ThePhasesOfATransposedConvolutionShareItsMultiplyAdds) {
  GraphBuilder g;
  const Graph graph = g.finish({g.conv_transpose(g.input({16, 5, 3}), 24, 4, 2, 1, 0, "up")});
  std::int64_t macs = 0;
  for (const PlanStep& step : describe(plan_of(graph))) macs += step.macs;
  EXPECT_EQ(macs, multiply_adds(graph, graph.nodes[1]));
}

}  // namespace
}  // namespace pose::cpu
