#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <exception>
#include <string>

#include "pose/blob.h"
#include "pose/error.h"

namespace pose {

/// A tensor on the CPU that shares the elements of `blob`.
at::Tensor to_tensor(const Blob& blob);

/// The elements of `tensor` as a blob: moved to the CPU and made row-major f32 if they are not; otherwise
/// nothing is copied.
Blob to_blob(const at::Tensor& tensor);

/// "cpu", "cuda" or "cuda:N". Throws `kUsage` for other texts and for devices that are not there.
at::Device parse_device(const std::string& name);

/// Sets the number of threads that LibTorch computes with; 0: all usable cores.
void set_torch_threads(int threads);

/// The line of a LibTorch message that says what happened: the first, or the last where TorchScript puts its
/// stack above it.
std::string one_line(const std::string& message);

/// Runs `work` without autograd; exceptions of LibTorch and its libraries become `Error`s of `kind`.
template <typename Work>
auto guarded(ErrorKind kind, const std::string& what, Work work) {
  try {
    const c10::InferenceMode no_autograd;
    at::init_num_threads();  // OpenMP keeps the number per calling thread
    return work();
  } catch (const Error&) {
    throw;
  } catch (const c10::Error& e) {
    throw Error(kind, what + ": " + one_line(e.what_without_backtrace()));
  } catch (const std::exception& e) {
    throw Error(kind, what + ": " + one_line(e.what()));
  }
}

}  // namespace pose
