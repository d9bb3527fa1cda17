#include "engine/cpu/cpu_network.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "base/usable_cores.h"
#include "engine/cpu/pack.h"
#include "engine/cpu/plan.h"
#include "engine/cpu/thread_pool.h"
#include "engine/cpu/whole.h"
#include "engine/engines.h"
#include "graph/passes.h"
#include "pose/error.h"

namespace pose::cpu {
namespace {

/// What a step needs beside maps.
struct StepWeights {
  Floats weights, bias;
};

StepWeights pack(const Step& step, const Node& node, const std::vector<Blob>& values, int lanes) {
  StepWeights packed;
  const Blob bias = values.size() > 1 ? values[1] : Blob();
  switch (step.kind) {
    case StepKind::kConv:
      packed.weights = node.op == Op::kConvTranspose
                           ? pack_transposed(node, values[0], step.phase_y, step.phase_x, lanes)
                           : pack_conv(node, values[0], lanes);
      break;
    case StepKind::kWinograd:
      packed.weights =
          step.plain_weights ? pack_plain(node, values[0], lanes) : pack_winograd(node, values[0], lanes);
      break;
    case StepKind::kDepthwise: packed.weights = pack_depthwise(node, values[0], lanes); break;
    case StepKind::kNorm: {
      Blob factors({node.shape.c}), shifts({node.shape.c});
      for (std::int64_t c = 0; c < node.shape.c; ++c) {
        const double factor = values[0].data()[c] / std::sqrt(values[3].data()[c] + node.eps);
        factors.data()[c] = static_cast<float>(factor);
        shifts.data()[c] = static_cast<float>(values[1].data()[c] - values[2].data()[c] * factor);
      }
      return {pack_channels(factors, node.shape.c, lanes), pack_channels(shifts, node.shape.c, lanes)};
    }
    default: return packed;
  }
  packed.bias = pack_channels(bias, node.shape.c, lanes);
  return packed;
}

class CpuNetwork final : public Network {
 public:
  CpuNetwork(BoundGraph bound, int threads, const Kernels& kernels)
      : kernels_(kernels), pool_(ThreadPool::shared(threads)) {
    bound = fuse_activations(std::move(bound));
    plan_ = make_plan(bound.graph, {kernels.lanes, kernels.rows});
    std::vector<float> scratch;
    std::int64_t most_channels = 0;
    for (const Node& node : plan_.graph.nodes) most_channels = std::max(most_channels, node.shape.c);
    zeros_ = Floats(static_cast<std::size_t>(whole(most_channels, kernels.lanes)));
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const Step& step = plan_.steps[i];
      const auto node = static_cast<std::size_t>(step.node);
      weights_.push_back(pack(step, plan_.graph[step.node], weights_of(bound, node, scratch), kernels.lanes));
      if (i + 1 < plan_.steps.size() && plan_.steps[i + 1].node == step.node) continue;
      bound.values[node].clear();  // so that weights are in memory twice for one layer only
      bound.scales[node].clear();
    }
    scratch_.resize(static_cast<std::size_t>(pool_->threads()));
    const std::size_t most = most_scratch();
    for (Floats& memory : scratch_) memory = Floats(most);
  }

  std::vector<Blob> forward(const Blob& batch) override {
    return forward(batch, [] {});
  }

  std::vector<double> time_steps(const Blob& batch) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> milliseconds;
    Clock::time_point begin = Clock::now();
    forward(batch, [&] {
      const Clock::time_point end = Clock::now();
      milliseconds.push_back(std::chrono::duration<double, std::milli>(end - begin).count());
      begin = end;
    });
    return milliseconds;
  }

 private:
  static constexpr std::int64_t kSlack = 16;  ///< the last pixel of the last buffer is read in whole vectors

  template <typename AfterStep>
  std::vector<Blob> forward(const Blob& batch, AfterStep after_step) {
    check_batch(plan_.graph, batch);
    images_ = batch.dim(0);
    const std::size_t needed = static_cast<std::size_t>(plan_.arena * images_ + kSlack);
    if (arena_.size() < needed) arena_ = Floats(needed);
    planes_ = batch.data();
    outputs_.clear();
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      run(plan_.steps[i], weights_[i]);
      after_step();
    }
    return in_order();
  }

  Map map_of(NodeId id) const {
    const Place& place = plan_.places[static_cast<std::size_t>(id)];
    const Buffer& buffer = plan_.buffers[static_cast<std::size_t>(place.buffer)];
    const Chw& shape = plan_.graph[id].shape;
    Map map;
    map.data = const_cast<float*>(arena_.data()) + buffer.offset * images_ + place.first_channel;
    map.stride = buffer.shape.c;
    map.channels = static_cast<int>(shape.c);
    map.height = static_cast<int>(shape.h);
    map.width = static_cast<int>(shape.w);
    return map;
  }

  ConvTask conv_task(const Step& step, const StepWeights& packed) const {
    const Node& node = plan_.graph[step.node];
    ConvTask task;
    task.in = map_of(step.inputs[0]);
    task.out = map_of(step.output);
    if (step.residual >= 0) task.residual = map_of(step.residual);
    task.weights = packed.weights.data();
    task.bias = packed.bias.data();
    task.zeros = zeros_.data();
    task.activation = step.activation;
    task.plain_weights = step.plain_weights;
    if (node.op == Op::kConvTranspose) {
      const PhaseTaps ys = transposed_taps(node, step.phase_y), xs = transposed_taps(node, step.phase_x);
      task.kernel_height = ys.count;
      task.kernel_width = xs.count;
      task.top = ys.before;
      task.left = xs.before;
      task.out_step = node.stride;
      task.out_y = step.phase_y;
      task.out_x = step.phase_x;
      task.grid_height = (task.out.height - step.phase_y + node.stride - 1) / node.stride;
      task.grid_width = (task.out.width - step.phase_x + node.stride - 1) / node.stride;
      return task;
    }
    task.kernel_height = task.kernel_width = node.kernel;
    task.stride = node.stride;
    task.top = task.left = node.pad;
    task.grid_height = task.out.height;
    task.grid_width = task.out.width;
    return task;
  }

  /// Work in pieces of at most `block` of `count`; of fewer where threads would be idle.
  template <typename Work>
  void over(std::int64_t count, std::int64_t block, Work work) {
    const std::int64_t fair = (count + 4 * pool_->threads() - 1) / (4 * pool_->threads());
    if (pool_->threads() > 1) block = std::min(block, fair);
    pool_->run((count + block - 1) / block, [&](std::int64_t piece, int) {
      work(Range{piece * block, std::min(count, (piece + 1) * block)});
    });
  }

  /// The same for convolutions. Those of few cells are cut in their output channels as well: each thread then
  /// reads only its part of the weights, but prepares the same cells once more. `heavy` weights, which are
  /// read once for a block of cells, are always shared out like that.
  template <typename Work>
  void over_channels(std::int64_t count, std::int64_t block, int channels, bool heavy, Work work) {
    const std::int64_t vectors = (channels + kernels_.lanes - 1) / kernels_.lanes, pairs = (vectors + 1) / 2;
    const std::int64_t threads = pool_->threads();
    std::int64_t parts = 1;
    if (heavy) {
      parts = std::min(pairs, threads);
    } else if (threads > 1) {
      block = std::min(block, whole((count + 3 * threads - 1) / (3 * threads), kernels_.rows));
      const std::int64_t blocks = (count + block - 1) / block;
      parts = std::min(pairs, (2 * threads + blocks - 1) / blocks);
    }
    const std::int64_t step = 2 * ((pairs + parts - 1) / parts);
    const std::int64_t cuts = (vectors + step - 1) / step;
    pool_->run((count + block - 1) / block * cuts, [&](std::int64_t piece, int thread) {
      const std::int64_t first = piece / cuts * block, vector = piece % cuts * step;
      work(Range{first, std::min(count, first + block)}, Range{vector, std::min(vectors, vector + step)},
           scratch_[static_cast<std::size_t>(thread)].data());
    });
  }

  /// Pixels of the batch, in pieces for loops that only move numbers.
  template <typename Work>
  void over_pixels(const Map& out, Work work) {
    constexpr std::int64_t kPieceFloats = 32 * 1024;
    const std::int64_t count = images_ * out.height * out.width;
    over(count, std::max<std::int64_t>(1, kPieceFloats / std::max(1, out.channels)), work);
  }

  void run(const Step& step, const StepWeights& packed) {
    switch (step.kind) {
      case StepKind::kInput: return read_input(step);
      case StepKind::kConv:
      case StepKind::kWinograd:
      case StepKind::kDepthwise: return convolve(step, conv_task(step, packed));
      case StepKind::kSum: return sum(step);
      case StepKind::kNorm: return scale(step, packed.weights.data(), packed.bias.data(), 0);
      case StepKind::kScale: {
        const Map factors = map_of(step.inputs[1]);
        return scale(step, factors.data, nullptr, factors.stride);
      }
      case StepKind::kPool: return pool(step);
      case StepKind::kResize: return resize(step);
      case StepKind::kGlobalMean: {
        const Map in = map_of(step.inputs[0]), out = map_of(step.output);
        return over(images_, 1, [&](Range images) { kernels_.global_mean(in, out, images); });
      }
      case StepKind::kPixelShuffle: {
        const Map in = map_of(step.inputs[0]), out = map_of(step.output);
        return over_pixels(out, [&](Range pixels) { kernels_.pixel_shuffle(in, out, pixels); });
      }
      case StepKind::kCopy: {
        Map in = map_of(step.inputs[0]), out = map_of(step.output);
        out.data += step.first_channel;
        return over_pixels(in, [&](Range pixels) { kernels_.copy(in, out, pixels); });
      }
      case StepKind::kOutput: return write_output(step);
    }
  }

  void read_input(const Step& step) {
    const Map out = map_of(step.output);
    over(images_, 1, [&](Range images) { kernels_.from_planes(planes_, out, images); });
  }

  void convolve(const Step& step, const ConvTask& task) {
    const std::int64_t cells = images_ * task.grid_height * task.grid_width;
    if (step.kind == StepKind::kDepthwise)
      return over(cells, step.block, [&](Range range) { kernels_.depthwise(task, range); });
    if (step.kind == StepKind::kWinograd)
      return over_channels(images_ * winograd_tiles(task), step.block, task.out.channels, step.plain_weights,
                           [&](Range tiles, Range vectors, float* scratch) {
                             kernels_.winograd(task, tiles, vectors, scratch);
                           });
    over_channels(
        cells, step.block, task.out.channels, false,
        [&](Range range, Range vectors, float* scratch) { kernels_.conv(task, range, vectors, scratch); });
  }

  void sum(const Step& step) {
    SumTask task;
    task.out = map_of(step.output);
    for (const NodeId id : step.inputs) {
      task.shifts[task.count] = step.shifts[static_cast<std::size_t>(task.count)];
      task.terms[task.count++] = map_of(id);
    }
    task.activation = step.activation;
    over_pixels(task.out, [&](Range pixels) { kernels_.sum(task, pixels); });
  }

  void scale(const Step& step, const float* factors, const float* shifts, std::int64_t per_image) {
    ScaleTask task;
    task.in = map_of(step.inputs[0]);
    task.out = map_of(step.output);
    if (step.residual >= 0) task.residual = map_of(step.residual);
    task.factors = factors;
    task.shifts = shifts;
    task.step = per_image;
    task.activation = step.activation;
    over_pixels(task.out, [&](Range pixels) { kernels_.scale(task, pixels); });
  }

  void pool(const Step& step) {
    const Node& node = plan_.graph[step.node];
    PoolTask task;
    task.in = map_of(step.inputs[0]);
    task.out = map_of(step.output);
    task.kernel = node.kernel;
    task.stride = node.stride;
    task.begin = node.pad;
    task.zeros_count = node.pad_with_zeros;
    task.mean = node.op == Op::kAvgPool;
    over_pixels(task.out, [&](Range pixels) { kernels_.pool(task, pixels); });
  }

  void resize(const Step& step) {
    const Node& node = plan_.graph[step.node];
    ResizeTask task;
    task.in = map_of(step.inputs[0]);
    task.out = map_of(step.output);
    task.bilinear = node.interpolation != Interpolation::kNearest;
    task.align_corners = node.interpolation == Interpolation::kBilinearAlignCorners;
    over_pixels(task.out, [&](Range pixels) { kernels_.resize(task, pixels); });
  }

  void write_output(const Step& step) {
    const Map in = map_of(step.inputs[0]);
    Blob blob({images_, in.channels, in.height, in.width});
    over(images_, 1, [&](Range images) { kernels_.to_planes(in, blob.data(), images); });
    outputs_.emplace_back(step.output, std::move(blob));
  }

  std::vector<Blob> in_order() {
    std::vector<Blob> blobs;
    for (const NodeId id : plan_.graph.outputs)
      for (auto& [node, blob] : outputs_)
        if (node == id) {
          blobs.push_back(blob);
          break;
        }
    outputs_.clear();
    return blobs;
  }

  std::size_t most_scratch() const {
    std::size_t most = 0;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const Step& step = plan_.steps[i];
      if (step.kind == StepKind::kConv)
        most = std::max(most, conv_scratch(conv_task(step, weights_[i]), step.block, kernels_));
      if (step.kind == StepKind::kWinograd)
        most = std::max(most, winograd_scratch(conv_task(step, weights_[i]), step.block, kernels_));
    }
    return most;
  }

  const Kernels& kernels_;
  const std::shared_ptr<ThreadPool> pool_;
  Plan plan_;
  std::vector<StepWeights> weights_;  ///< of every step
  Floats zeros_, arena_;
  std::vector<Floats> scratch_;  ///< of every thread
  // Of the batch in hand:
  std::int64_t images_ = 1;
  const float* planes_ = nullptr;
  std::vector<std::pair<NodeId, Blob>> outputs_;
};

}  // namespace

std::unique_ptr<Network> make_cpu_network(BoundGraph bound, int threads, const Kernels& kernels) {
  return std::make_unique<CpuNetwork>(std::move(bound), threads, kernels);
}

std::vector<double> time_steps(Network& network, const Blob& batch) {
  auto* own = dynamic_cast<CpuNetwork*>(&network);
  if (own == nullptr) throw Error::usage("engine 'cpu' measures its own networks only");
  return own->time_steps(batch);
}

double measure_peak(const Kernels& kernels) {
  constexpr std::int64_t kCount = 12 * 1000 * 1000;
  std::vector<float> sums(static_cast<std::size_t>(kernels.lanes), 0.5f);
  double best = 0;
  for (int round = 0; round < 9; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    kernels.multiply_adds(kCount, sums.data());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    best = std::max(best, static_cast<double>(kCount * kernels.lanes) / seconds.count());
  }
  return best;
}

std::unique_ptr<Network> make_cpu_network(BoundGraph bound, const EngineOptions& options) {
  if (options.device != "cpu")
    throw Error::usage("engine 'cpu' does not run on device '" + options.device + "'; take --engine torch");
  return make_cpu_network(std::move(bound), options.threads > 0 ? options.threads : usable_cores(),
                          best_kernels());
}

}  // namespace pose::cpu
