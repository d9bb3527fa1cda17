// Our own engine against plain loops, for every kind of processor whose loops this one can run; and that
// nobody's numbers depend on who shares the batch or the threads.

#include "engine/cpu/cpu_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "graph/builder.h"
#include "graph/passes.h"
#include "pose/error.h"
#include "support/errors.h"
#include "support/reference.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

std::vector<const cpu::Kernels*> runnable() {
  std::vector<const cpu::Kernels*> all{&cpu::kPlainKernels};
  const cpu::Kernels& best = cpu::best_kernels();
#if defined(__x86_64__)
  if (&best == &cpu::kAvx512Kernels) all.push_back(&cpu::kAvx2Kernels);
#endif
  if (&best != all.front()) all.push_back(&best);
  return all;
}

double spread(const Blob& blob) {
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < blob.elements(); ++i) {
    sum += blob.data()[i];
    squares += double{blob.data()[i]} * blob.data()[i];
  }
  const auto n = static_cast<double>(blob.elements());
  return std::sqrt(std::max(squares / n - sum / n * (sum / n), 1e-12));
}

/// Relative to the spread of the output: sums in f32 stay within 1e-5 of it, Winograd's within 5e-5 (its
/// transforms add numbers of greater size that cancel).
void expect_close(const Blob& found, const Blob& expected, const std::string& what) {
  ASSERT_EQ(found.shape(), expected.shape()) << what;
  const double allowed = 5e-5 * spread(expected) + 1e-6;
  for (std::int64_t i = 0; i < found.elements(); ++i)
    ASSERT_NEAR(found.data()[i], expected.data()[i], allowed) << what << " at " << i;
}

bool same_bytes(const Blob& a, const Blob& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.elements()) * sizeof(float)) == 0;
}

/// Plain loops, every kind of processor, one and three threads, three items together and alone.
void check(Graph graph) {
  const Chw in = graph.nodes[0].shape;
  const BoundGraph bound = fold_batch_norm(test::seeded_graph(std::move(graph), 1.0));
  const Blob batch = test::seeded_blob("batch", {3, in.c, in.h, in.w}, -1, 1);
  const std::vector<Blob> expected = test::run_plainly(bound, batch);
  for (const cpu::Kernels* kernels : runnable()) {
    SCOPED_TRACE(kernels->name);
    const auto alone = cpu::make_cpu_network(bound, 1, *kernels),
               shared = cpu::make_cpu_network(bound, 3, *kernels);
    const std::vector<Blob> found = alone->forward(batch), by_three = shared->forward(batch);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      expect_close(found[k], expected[k], "output " + std::to_string(k));
      EXPECT_TRUE(same_bytes(found[k], by_three[k])) << "threads change output " << k;
    }
    for (std::int64_t i = 0; i < 3; ++i) {
      Blob item({1, in.c, in.h, in.w});
      std::copy_n(batch[i].data(), item.elements(), item.data());
      const std::vector<Blob> single = shared->forward(item);
      for (std::size_t k = 0; k < found.size(); ++k)
        EXPECT_TRUE(same_bytes(single[k][0], found[k][i]))
            << "the batch changes output " << k << " of item " << i;
    }
  }
}

TEST(CpuNetwork, Convolutions) {
  const std::vector<std::pair<Chw, ConvSpec>> cases{
      {{3, 19, 13}, {24, 7, 2, 3, 1, true}},
      {{3, 9, 11}, {16, 3, 2, 1}},
      {{20, 5, 7}, {33, 1, 1, 0, 1, true}},
      {{16, 9, 10}, {40, 3, 2, 1}},
      {{5, 6, 6}, {7, 3, 1, 1}},
      {{12, 8, 5}, {18, 3, 1, 1, 3, true}},
      {{20, 9, 7}, {20, 3, 1, 1, 20, true}},
      {{17, 10, 8}, {17, 5, 2, 2, 17}},
      {{4, 6, 5}, {9, 2, 1, 1}},
      {{1, 4, 4}, {1, 1, 1, 0}},
      {{64, 3, 3}, {130, 3, 1, 0}},
  };
  for (const auto& [shape, spec] : cases) {
    SCOPED_TRACE(to_string(shape) + " k" + std::to_string(spec.kernel) + " s" + std::to_string(spec.stride));
    GraphBuilder g;
    check(g.finish({g.conv(g.input(shape), spec, "conv")}));
  }
}

TEST(CpuNetwork, WinogradOnMapsOfEverySize) {
  for (int h = 1; h <= 9; ++h)
    for (const int w : {1, 4, 6, 11}) {
      SCOPED_TRACE(std::to_string(h) + "x" + std::to_string(w));
      GraphBuilder g;
      check(g.finish({g.relu(g.conv(g.input({19, h, w}), {41, 3, 1, 1, 1, true}, "conv"))}));
    }
}

/// Layers of so many weights that tiles and threads are cut in another way.
TEST(CpuNetwork, WinogradWithHeavyWeights) {
  for (const auto& [shape, out] : {std::pair<Chw, std::int64_t>{{112, 13, 9}, 120}, {{600, 6, 5}, 21}}) {
    SCOPED_TRACE(to_string(shape) + " to " + std::to_string(out));
    GraphBuilder g;
    check(g.finish({g.conv(g.input(shape), {out, 3, 1, 1, 1, true}, "conv")}));
  }
}

TEST(CpuNetwork, StepsAreTimedWithoutAChangeOfWhatComesOut) {
  GraphBuilder g;
  const BoundGraph bound =
      test::seeded_graph(g.finish({g.relu(g.conv(g.input({16, 8, 8}), {16, 3, 1, 1}, "conv"))}), 1.0);
  const auto network = cpu::make_cpu_network(bound, 1, cpu::best_kernels());
  const Blob batch = test::seeded_blob("batch", {2, 16, 8, 8});
  const std::vector<Blob> before = network->forward(batch);
  const std::vector<double> times = cpu::time_steps(*network, batch);
  EXPECT_EQ(times.size(), 3u) << "input, convolution, output";
  for (const double ms : times) EXPECT_GT(ms, 0);
  EXPECT_THROW(cpu::time_steps(*network, Blob({1, 3, 8, 8})), Error);
  EXPECT_TRUE(same_bytes(network->forward(batch)[0], before[0])) << "after a batch that was refused";

  struct Foreign : Network {
    std::vector<Blob> forward(const Blob&) override { return {}; }
  } foreign;
  EXPECT_THROW(cpu::time_steps(foreign, batch), Error);
}

TEST(CpuNetwork, TransposedConvolutions) {
  struct Case {
    int kernel, stride, pad, output_pad;
  };
  for (const Case c :
       {Case{4, 2, 1, 0}, {3, 2, 1, 1}, {2, 2, 0, 0}, {1, 2, 0, 1}, {5, 3, 1, 0}, {3, 1, 1, 0}}) {
    SCOPED_TRACE(std::to_string(c.kernel) + " " + std::to_string(c.stride));
    GraphBuilder g;
    const NodeId up =
        g.conv_transpose(g.input({18, 5, 4}), 21, c.kernel, c.stride, c.pad, c.output_pad, "up");
    check(g.finish({g.relu(g.batch_norm(up, "bn"))}));
  }
}

TEST(CpuNetwork, ActivationsAfterConvolutionsAndSums) {
  for (const Activation kind : {Activation::kRelu, Activation::kLeaky, Activation::kRelu6,
                                Activation::kLogistic, Activation::kMish, Activation::kSwish}) {
    SCOPED_TRACE(static_cast<int>(kind));
    GraphBuilder g;
    const NodeId x = g.input({16, 6, 7});
    const NodeId direct = g.activation(g.conv(x, {24, 1}, "direct"), kind);
    const NodeId winograd = g.activation(g.conv(x, {24, 3, 1, 1}, "winograd"), kind);
    const NodeId residual = g.activation(g.add({direct, g.conv(winograd, {24, 3, 1, 1}, "residual")}), kind);
    check(g.finish({residual, winograd, g.activation(g.add({direct, winograd}), kind)}));
  }
}

TEST(CpuNetwork, FunctionsHoldOverAllNumbers) {
  const std::vector<float> x{-1e30f, -90,   -20,   -3, -1e-6f, 0, 1e-6f, 0.5f,
                             3,      19.9f, 20.1f, 90, 1e30f,  2, -2,    1};
  for (const Activation kind : {Activation::kLogistic, Activation::kMish, Activation::kSwish}) {
    GraphBuilder g;
    const Graph graph = g.finish({g.activation(g.input({1, 1, 16}), kind)});
    Blob batch({1, 1, 1, 16});
    std::copy(x.begin(), x.end(), batch.data());
    for (const cpu::Kernels* kernels : runnable()) {
      const BoundGraph bound = test::seeded_graph(graph, 1.0);
      const Blob found = cpu::make_cpu_network(bound, 1, *kernels)->forward(batch)[0];
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double v = x[i], s = 1 / (1 + std::exp(-v));
        const double expected = kind == Activation::kLogistic ? s
                                : kind == Activation::kSwish
                                    ? v * s
                                    : v * std::tanh(std::log1p(std::exp(std::min(v, 700.0))));
        EXPECT_NEAR(found.data()[i], expected, 1e-6 * std::max(1.0, std::abs(expected)))
            << kernels->name << " " << v;
      }
    }
  }
}

TEST(CpuNetwork, SumsEnlargeSmallerMaps) {
  GraphBuilder g;
  const NodeId x = g.input({8, 8, 12});
  const NodeId half = g.conv(x, {20, 3, 2, 1}, "half"), quarter = g.conv(half, {20, 3, 2, 1}, "quarter");
  const NodeId full = g.conv(x, {20, 1}, "full");
  const NodeId fused = g.relu(g.add({full, g.upsample(half, 8, 12, Interpolation::kNearest),
                                     g.upsample(quarter, 8, 12, Interpolation::kNearest)}));
  const NodeId two =
      g.relu(g.add({fused, g.upsample(g.conv(quarter, {20, 1}, "one"), 8, 12, Interpolation::kNearest)}));
  check(g.finish({fused, two}));
}

TEST(CpuNetwork, ConcatenationsAreWrittenInPlaceOrCopied) {
  GraphBuilder g;
  const NodeId x = g.input({16, 5, 6});
  const NodeId a = g.conv(x, {16, 1}, "a"), b = g.conv(x, {13, 3, 1, 1}, "b"),
               c = g.conv(x, {16, 3, 1, 1}, "c");
  const NodeId in_place = g.concat({a, c, b}), uneven = g.concat({b, x, b, a});
  const NodeId part = g.slice(uneven, 10, 21);
  check(g.finish({g.conv(in_place, {18, 1}, "d"), g.conv(uneven, {18, 3, 1, 1}, "e"), part,
                  g.conv(part, {17, 1}, "f")}));
}

TEST(CpuNetwork, EverythingElse) {
  GraphBuilder g;
  const NodeId x = g.input({20, 7, 9});
  const NodeId normed = g.batch_norm(g.relu(x), "bn");
  const NodeId factors = g.activation(g.linear(g.relu(g.linear(g.global_avg_pool(x), 6, "fc1")), 20, "fc2"),
                                      Activation::kLogistic);
  const NodeId scaled = g.relu(g.add({g.scale_channels(normed, factors), x}));
  check(g.finish({normed, scaled, g.scale_channels(x, factors), g.max_pool(x, 3, 2, 1),
                  g.max_pool(x, 2, 1, 0, 1), g.max_pool(x, 5, 1, 2, -1, true), g.avg_pool(x, 2, 2),
                  g.pixel_shuffle(scaled), g.upsample(x, 14, 9, Interpolation::kNearest),
                  g.upsample(x, 11, 17, Interpolation::kBilinear),
                  g.upsample(x, 11, 17, Interpolation::kBilinearAlignCorners), x}));
}

TEST(CpuNetwork, NumbersThatAreNoneStayNone) {
  GraphBuilder g;
  const NodeId x = g.input({16, 4, 4});
  const Graph graph =
      g.finish({g.relu(x), g.activation(x, Activation::kRelu6), g.relu(g.conv(x, {16, 3, 1, 1}, "c"))});
  Blob batch({1, 16, 4, 4});
  batch.data()[5] = std::numeric_limits<float>::quiet_NaN();
  for (const cpu::Kernels* kernels : runnable())
    for (const Blob& output :
         cpu::make_cpu_network(test::seeded_graph(graph, 1.0), 1, *kernels)->forward(batch))
      EXPECT_TRUE(std::any_of(output.data(), output.data() + output.elements(),
                              [](float v) { return std::isnan(v); }));
}

TEST(CpuNetwork, RunsOnProcessorsOnly) {
  GraphBuilder g;
  const BoundGraph bound = test::seeded_graph(g.finish({g.relu(g.input({1, 1, 1}))}), 1.0);
  EngineOptions options;
  options.device = "cuda";
  test::expect_error(ErrorKind::kUsage, "does not run on device 'cuda'",
                     [&] { cpu::make_cpu_network(bound, options); });
}

}  // namespace
}  // namespace pose
