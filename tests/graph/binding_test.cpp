#include "graph/binding.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "graph/builder.h"
#include "pose/error.h"

namespace pose {
namespace {

Graph small_graph() {
  GraphBuilder g;
  NodeId x = g.input({2, 4, 4});
  x = g.batch_norm(g.conv(x, {3, 1}, "conv"), "bn");
  return g.finish({x});
}

/// Named f32 tensors 0, 1, 2, ... of the given shapes in one buffer.
class FileInMemory {
 public:
  void add(const std::string& name, const std::vector<std::int64_t>& shape) {
    TensorView view;
    view.name = name;
    view.shape = shape;
    std::int64_t stride = 1;
    for (std::size_t i = shape.size(); i-- > 0; stride *= shape[i])
      view.strides.insert(view.strides.begin(), stride);
    auto values = std::make_shared<std::vector<float>>(static_cast<std::size_t>(stride));
    std::iota(values->begin(), values->end(), 0.0f);
    view.data = reinterpret_cast<const std::uint8_t*>(values->data());
    owners_->push_back(std::move(values));
    views_.push_back(std::move(view));
  }

  TensorView& view(const std::string& name) {
    for (TensorView& v : views_)
      if (v.name == name) return v;
    throw std::out_of_range(name);
  }

  TensorFile file() const { return TensorFile("test", views_, owners_); }

  static FileInMemory fitting() {
    FileInMemory memory;
    memory.add("conv.weight", {3, 2, 1, 1});
    for (const char* name : {"bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"})
      memory.add(name, {3});
    return memory;
  }

 private:
  std::vector<TensorView> views_;
  std::shared_ptr<std::vector<std::shared_ptr<std::vector<float>>>> owners_ =
      std::make_shared<std::vector<std::shared_ptr<std::vector<float>>>>();
};

TEST(BindWeights, UsesFloatsWhereTheyLie) {
  FileInMemory memory = FileInMemory::fitting();
  const BoundGraph bound = bind_weights(small_graph(), memory.file());
  EXPECT_EQ(reinterpret_cast<const std::uint8_t*>(bound.values[1][0].data()),
            memory.view("conv.weight").data);
  EXPECT_EQ(bound.values[2].size(), 4u);
}

TEST(BindWeights, KeepsTheFileAlive) {
  BoundGraph bound;
  {
    FileInMemory memory = FileInMemory::fitting();
    bound = bind_weights(small_graph(), memory.file());
  }
  EXPECT_EQ(bound.values[1][0].data()[5], 5.0f);
}

TEST(BindWeights, ConvertsStridedAndOtherTypes) {
  FileInMemory memory = FileInMemory::fitting();
  memory.view("conv.weight").strides = {1, 3, 1, 1};  // stored transposed
  const std::uint16_t half[3] = {0x3c00, 0xc000, 0x3800};
  TensorView& mean = memory.view("bn.running_mean");
  mean.dtype = DType::kF16;
  mean.data = reinterpret_cast<const std::uint8_t*>(half);
  const BoundGraph bound = bind_weights(small_graph(), memory.file());
  const float* weight = bound.values[1][0].data();
  EXPECT_EQ(std::vector<float>(weight, weight + 6), (std::vector<float>{0, 3, 1, 4, 2, 5}));
  const float* values = bound.values[2][2].data();
  EXPECT_EQ(std::vector<float>(values, values + 3), (std::vector<float>{1, -2, 0.5f}));
}

TEST(BindWeights, CountersMayBeThereOrNot) {
  FileInMemory memory = FileInMemory::fitting();
  memory.add("bn.num_batches_tracked", {});
  EXPECT_NO_THROW(bind_weights(small_graph(), memory.file()));
}

TEST(BindWeights, ListsAllFaultsInOneMessage) {
  FileInMemory memory;
  memory.add("conv.weight", {3, 2, 3, 3});
  memory.add("bn.weight", {3});
  memory.add("bn.bias", {4});
  memory.add("head.weight", {1});
  try {
    bind_weights(small_graph(), memory.file());
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kMismatch);
    EXPECT_STREQ(
        e.what(),
        "the weights do not fit the network:\n"
        "  2 tensors missing: bn.running_mean, bn.running_var\n"
        "  2 tensors of another shape: conv.weight is [3,2,3,3], not [3,2,1,1], bn.bias is [4], not [3]\n"
        "  1 tensor that the network has no place for: head.weight");
  }
}

TEST(BindWeights, TakesValuesFromAFunction) {
  const BoundGraph bound = bind_weights(small_graph(), [](const Node&, const Param& param) {
    Blob blob(param.shape);
    blob.data()[0] = static_cast<float>(param.key.size());
    return blob;
  });
  EXPECT_EQ(bound.values[1][0].data()[0], 11.0f);
}

}  // namespace
}  // namespace pose
