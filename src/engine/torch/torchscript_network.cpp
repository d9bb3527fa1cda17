#include "engine/torch/torchscript_network.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <utility>

#include "engine/torch/convert.h"
#include "pose/log.h"

namespace pose {
namespace {

class TorchScriptNetwork final : public Network {
 public:
  TorchScriptNetwork(torch::jit::Module module, at::Device device)
      : module_(std::move(module)), device_(device) {}

  std::vector<Blob> forward(const Blob& batch) override {
    return guarded(ErrorKind::kMismatch, "the TorchScript network cannot be run", [&] {
      std::vector<Blob> outputs;
      collect(module_.forward({to_tensor(batch).to(device_)}), outputs);
      return outputs;
    });
  }

 private:
  static void collect(const at::IValue& value, std::vector<Blob>& outputs) {
    if (value.isTensor()) {
      outputs.push_back(to_blob(value.toTensor()));
    } else if (value.isTuple()) {
      for (const at::IValue& part : value.toTupleRef().elements()) collect(part, outputs);
    } else if (value.isTensorList()) {
      for (const at::Tensor& part : value.toTensorVector()) outputs.push_back(to_blob(part));
    } else {
      throw Error::mismatch("the TorchScript network gives a value of type " + value.tagKind() +
                            ", not a tensor or a tuple of tensors");
    }
  }

  torch::jit::Module module_;
  at::Device device_;
};

/// Frozen, batch norms folded, in layouts that LibTorch's loops like: several times as fast. A program that
/// cannot be frozen runs as it is.
torch::jit::Module optimized(torch::jit::Module module, const std::string& path) {
  try {
    return torch::jit::optimize_for_inference(module);
  } catch (const c10::Error& e) {
    log_info(path + ": runs as it is, LibTorch cannot make it faster: " + e.what_without_backtrace());
    return module;
  }
}

}  // namespace

std::unique_ptr<Network> make_torchscript_network(const std::string& path, const EngineOptions& options) {
  set_torch_threads(options.threads);
  const at::Device device = parse_device(options.device);
  return guarded(ErrorKind::kFormat, path + ": cannot be loaded as TorchScript",
                 [&]() -> std::unique_ptr<Network> {
                   torch::jit::Module module = torch::jit::load(path, device);
                   module.eval();
                   if (device.is_cpu()) module = optimized(std::move(module), path);
                   return std::make_unique<TorchScriptNetwork>(std::move(module), device);
                 });
}

}  // namespace pose
