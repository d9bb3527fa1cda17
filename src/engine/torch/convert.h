#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <string>

#include "pose/blob.h"
#include "pose/error.h"

namespace pose {

/// A tensor on the CPU that shares the elements of `blob`.
at::Tensor to_tensor(const Blob& blob);

/// The elements of `tensor` as a blob: moved to the CPU and made row-major f32 if they are not; otherwise nothing is
/// copied.
Blob to_blob(const at::Tensor& tensor);

/// "cpu", "cuda" or "cuda:N". Throws `kUsage` for other texts and for devices that are not there.
at::Device parse_device(const std::string& name);

/// Runs `work` without autograd and turns LibTorch's exceptions into `Error`, without their backtrace.
template <typename Work>
auto guarded(const std::string& what, Work work) {
  try {
    const c10::InferenceMode no_autograd;
    return work();
  } catch (const c10::Error& e) {
    throw Error(ErrorKind::kMismatch, what + ": " + e.what_without_backtrace());
  }
}

}  // namespace pose
