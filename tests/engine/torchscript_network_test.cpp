// TorchScript programs: the test writes them itself.

#include "engine/torch/torchscript_network.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <algorithm>

#include "pose/error.h"
#include "pose/network_factory.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/seeded.h"
#include "support/summary.h"

namespace pose {
namespace {

class TorchScriptNetwork : public testing::Test {
 protected:
  std::unique_ptr<Network> program(const std::string& body) {
    torch::jit::Module module("Program");
    module.define("def forward(self, x):\n    " + body + "\n");
    module.save(folder_ / "program.pt");
    return make_torchscript_network(folder_ / "program.pt", test::one_thread());
  }

  const test::TempFolder folder_;
  const Blob batch_ = test::seeded_blob("batch", {2, 3, 4, 5});
};

TEST_F(TorchScriptNetwork, GivesATensor) {
  const std::vector<Blob> y = program("return x[:, 1:] * 2")->forward(batch_);
  ASSERT_EQ(y.size(), 1u);
  EXPECT_EQ(y[0].shape(), (std::vector<std::int64_t>{2, 2, 4, 5}));
  EXPECT_EQ(y[0].data()[0], batch_.data()[20] * 2);
  EXPECT_EQ(y[0].data()[40], batch_.data()[80] * 2);
}

TEST_F(TorchScriptNetwork, OptimisedItGivesTheSameNumbers) {
  torch::jit::Module module("Program");
  module.register_parameter("w", at::linspace(-1, 1, 4 * 3 * 3 * 3).reshape({4, 3, 3, 3}), false);
  module.register_buffer("mean", at::linspace(-1, 1, 4));
  module.register_buffer("var", at::linspace(1, 2, 4));
  module.define(
      "def forward(self, x):\n"
      "    y = torch.conv2d(x, self.w, None, [1, 1], [1, 1])\n"
      "    return torch.relu(torch.batch_norm(y, None, None, self.mean, self.var, False, 0.1, 1e-5, "
      "False))\n");
  module.save(folder_ / "program.pt");
  const Blob found = make_torchscript_network(folder_ / "program.pt", test::one_thread())->forward(batch_)[0];
  at::Tensor x = at::empty({2, 3, 4, 5});
  std::copy_n(batch_.data(), batch_.elements(), x.data_ptr<float>());
  const at::Tensor expected = module.forward({x}).toTensor().contiguous();
  ASSERT_EQ(found.elements(), expected.numel());
  for (std::int64_t i = 0; i < found.elements(); ++i)
    ASSERT_NEAR(found.data()[i], expected.data_ptr<float>()[i], 1e-5);
}

TEST_F(TorchScriptNetwork, GivesATupleOrAListOfTensors) {
  EXPECT_EQ(program("return x, x.sum()")->forward(batch_).size(), 2u);
  EXPECT_EQ(program("return [x, x, x]")->forward(batch_).size(), 3u);
}

TEST_F(TorchScriptNetwork, RefusesOtherResults) {
  try {
    program("return {'maps': x}")->forward(batch_);
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kMismatch);
  }
}

TEST_F(TorchScriptNetwork, ReportsAFailureInOneLine) {
  try {
    program("return x.view(7)")->forward(batch_);
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kMismatch);
    EXPECT_NE(std::string(e.what()).find("shape '[7]' is invalid"), std::string::npos) << e.what();
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << e.what();
  }
}

TEST_F(TorchScriptNetwork, RefusesFilesThatAreNoPrograms) {
  test::write_text(folder_ / "text.pt", "not a program");
  try {
    make_torchscript_network(folder_ / "text.pt", {});
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kFormat);
    EXPECT_EQ(std::string(e.what()).find(folder_ / "text.pt"), 0u) << e.what();
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << e.what();
  }
}

TEST_F(TorchScriptNetwork, MustGiveTheHeatmapsOfItsCard) {
  ModelCard card;
  card.name = "mine";
  card.architecture = "torchscript";
  card.weights = folder_ / "program.pt";
  card.input.width = 12;
  card.input.height = 8;
  card.output_channels = 2;
  card.heatmap_width = 6;
  card.heatmap_height = 4;
  const auto make = [&](const std::string& body) {
    program(body);
    return make_pose_network(card, test::one_thread());
  };
  EXPECT_NE(make("return x[:, 1:, ::2, ::2]"), nullptr);
  const auto refused = [&](const std::string& body, const std::string& part) {
    test::expect_error(ErrorKind::kMismatch, part, [&] { make(body); });
    test::expect_error(ErrorKind::kMismatch, "model card 'mine': " + card.weights, [&] { make(body); });
  };
  refused("return x[:, :, ::2, ::2]", "1 outputs (1x3x4x6), and the card states one of 1x2x4x6");
  refused("return x[:, 1:, ::2, :]", "(1x2x4x12)");
  refused("return x[:, 1:, :, ::2]", "(1x2x8x6)");
  refused("return x[0, 1:, ::2, ::2]", "(2x4x6)");
  refused("return x[:, 1:, ::2, ::2], x", "2 outputs (1x2x4x6 and 1x3x8x12)");
  refused("return x.view(7)", "shape '[7]' is invalid");
}

TEST_F(TorchScriptNetwork, RunsPpTinyPose) {
  const std::string path = test::shared_path("models/pose/tinypose_256x192.torchscript.pt");
  if (path.empty()) GTEST_SKIP() << "needs the shared models";
  const auto network = make_torchscript_network(path, test::one_thread());
  const Blob maps = network->forward(test::seeded_blob("tinypose", {2, 3, 256, 192}, -2, 2)).at(0);
  EXPECT_EQ(maps.shape(), (std::vector<std::int64_t>{2, 17, 64, 48}));
}

}  // namespace
}  // namespace pose
