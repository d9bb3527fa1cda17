#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <utility>

#include "engine/torch/convert.h"
#include "engine/torch/torch_network.h"

namespace pose {
namespace {

class TorchScriptNetwork final : public Network {
 public:
  TorchScriptNetwork(torch::jit::Module module, at::Device device) : module_(std::move(module)), device_(device) {}

  std::vector<Blob> forward(const Blob& batch) override {
    return guarded("the TorchScript network cannot be run", [&] {
      const at::IValue result = module_.forward({to_tensor(batch).to(device_)});
      std::vector<Blob> outputs;
      if (result.isTensor()) outputs.push_back(to_blob(result.toTensor()));
      else if (result.isTuple())
        for (const at::IValue& part : result.toTupleRef().elements()) outputs.push_back(to_blob(part.toTensor()));
      else throw Error::mismatch("the TorchScript network returns neither a tensor nor a tuple of tensors");
      return outputs;
    });
  }

 private:
  torch::jit::Module module_;
  at::Device device_;
};

}  // namespace

std::unique_ptr<Network> make_torchscript_network(const std::string& path, const EngineOptions& options) {
  set_torch_threads(options.threads);
  const at::Device device = parse_device(options.device);
  return guarded("cannot load the TorchScript file " + path, [&]() -> std::unique_ptr<Network> {
    torch::jit::Module module = torch::jit::load(path, device);
    module.eval();
    return std::make_unique<TorchScriptNetwork>(std::move(module), device);
  });
}

}  // namespace pose
