#include "engine/torch/convert.h"

#include <ATen/Context.h>
#include <ATen/ops/from_blob.h>

#include "base/usable_cores.h"
#include "pose/error.h"

namespace pose {

at::Tensor to_tensor(const Blob& blob) {
  // The deleter keeps a copy of the blob, and with it the elements, alive as long as the tensor.
  return at::from_blob(
      const_cast<float*>(blob.data()), blob.shape(), [blob](void*) {}, at::kFloat);
}

Blob to_blob(const at::Tensor& tensor) {
  const auto owner = std::make_shared<at::Tensor>(tensor.to(at::kCPU, at::kFloat).contiguous());
  return Blob(owner->sizes().vec(), owner->data_ptr<float>(), owner);
}

at::Device parse_device(const std::string& name) {
  at::Device device(at::kCPU);
  try {
    device = at::Device(name);
  } catch (const c10::Error&) {
    throw Error::usage("--device takes cpu, cuda or cuda:N, not '" + name + "'");
  }
  if (device.is_cpu()) return device;
  if (!device.is_cuda()) throw Error::usage("--device takes cpu, cuda or cuda:N, not '" + name + "'");
  if (!at::hasCUDA())
    throw Error::usage("--device " + name + ": this LibTorch or machine has no CUDA; use --device cpu");
  const int count = static_cast<int>(at::detail::getCUDAHooks().getNumGPUs());
  if (device.has_index() && device.index() >= count)
    throw Error::usage("--device " + name + ": there are only " + std::to_string(count) + " CUDA devices");
  return device;
}

std::string one_line(const std::string& message) {
  if (message.find("Traceback of TorchScript") == std::string::npos)
    return message.substr(0, message.find('\n'));
  const std::size_t end = message.find_last_not_of(" \n");
  const std::size_t begin = message.rfind('\n', end);
  return message.substr(begin + 1, end - begin);
}

void set_torch_threads(int threads) { at::set_num_threads(threads > 0 ? threads : usable_cores()); }

}  // namespace pose
