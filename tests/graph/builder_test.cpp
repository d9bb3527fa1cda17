#include "graph/builder.h"

#include <gtest/gtest.h>

#include "pose/error.h"

namespace pose {
namespace {

template <typename Build>
std::string mismatch_of(Build build) {
  try {
    build();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kMismatch);
    return e.what();
  }
  return "nothing was thrown";
}

TEST(GraphBuilder, WorksOutShapesAndKeys) {
  GraphBuilder g;
  NodeId x = g.input({3, 17, 20});
  x = g.conv(x, {8, 3, 2, 1, 1, true}, "stem");
  EXPECT_EQ(to_string(g.shape(x)), "8x9x10");
  x = g.conv_transpose(x, 6, 4, 2, 1, 0, "up");
  EXPECT_EQ(to_string(g.shape(x)), "6x18x20");
  x = g.max_pool(x, 2, 2, 0);
  EXPECT_EQ(to_string(g.shape(x)), "6x9x10");
  EXPECT_EQ(to_string(g.shape(g.max_pool(x, 2, 1, 0, 1))), "6x9x10");
  EXPECT_EQ(to_string(g.shape(g.concat({x, x}))), "12x9x10");
  EXPECT_EQ(to_string(g.shape(g.slice(x, 2, 3))), "3x9x10");
  EXPECT_EQ(to_string(g.shape(g.global_avg_pool(x))), "6x1x1");
  const Graph graph = g.finish({x});
  const std::vector<Param>& conv = graph[1].params;
  ASSERT_EQ(conv.size(), 2u);
  EXPECT_EQ(conv[0].key, "stem.weight");
  EXPECT_EQ(conv[0].shape, (std::vector<std::int64_t>{8, 3, 3, 3}));
  EXPECT_EQ(conv[1].key, "stem.bias");
  EXPECT_EQ(graph[2].params[0].shape, (std::vector<std::int64_t>{8, 6, 4, 4}));
}

TEST(GraphBuilder, GroupsDivideTheWeights) {
  GraphBuilder g;
  g.conv(g.input({8, 4, 4}), {8, 3, 1, 1, 8}, "depthwise");
  EXPECT_EQ(g.finish({1})[1].params[0].shape, (std::vector<std::int64_t>{8, 1, 3, 3}));
}

TEST(GraphBuilder, LeavesOutLayersThatDoNothing) {
  GraphBuilder g;
  const NodeId x = g.input({4, 6, 6});
  EXPECT_EQ(g.activation(x, Activation::kNone), x);
  EXPECT_EQ(g.upsample(x, 6, 6, Interpolation::kBilinear), x);
  EXPECT_EQ(g.slice(x, 0, 4), x);
  EXPECT_EQ(g.add({x}), x);
  EXPECT_EQ(g.concat({x}), x);
}

TEST(GraphBuilder, NamesTheLayerThatDoesNotFit) {
  GraphBuilder g;
  const NodeId x = g.input({4, 8, 8});
  const NodeId wide = g.conv(x, {6, 1}, "wide");
  const NodeId small = g.conv(x, {4, 3, 2, 1}, "small");
  EXPECT_EQ(mismatch_of([&] { g.add({x, wide}); }), "layer 'wide': cannot add 6x8x8 to 4x8x8");
  EXPECT_EQ(mismatch_of([&] { g.concat({x, small}); }), "layer 'small': cannot join 4x4x4 with maps of 8x8");
  EXPECT_EQ(mismatch_of([&] {
              g.conv(x, {6, 3, 1, 1, 4}, "grouped");
            }),
            "layer 'grouped': 4 -> 6 channels cannot be split into 4 groups");
  EXPECT_EQ(mismatch_of([&] {
              g.conv(x, {6, 9}, "large");
            }),
            "layer 'large': a window of 9 does not fit a side of 8");
  EXPECT_EQ(mismatch_of([&] { g.conv(x, {0, 1}, "none"); }), "layer 'none': empty output 0x8x8");
  EXPECT_EQ(mismatch_of([&] { g.linear(x, 4, "fc"); }),
            "layer 'fc': a linear layer takes one value per channel, not 4x8x8");
  EXPECT_EQ(mismatch_of([&] { g.pixel_shuffle(wide); }),
            "layer 'wide': pixel shuffle needs a multiple of 4 channels, not 6x8x8");
  EXPECT_EQ(mismatch_of([&] { g.slice(wide, 4, 3); }), "layer 'wide': has no channels 4 to 6, only 6x8x8");
  EXPECT_EQ(mismatch_of([&] { g.scale_channels(x, wide); }), "layer 'wide': 6x8x8 cannot scale 4x8x8");
}

}  // namespace
}  // namespace pose
