#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "pose/error.h"
#include "pose/results.h"

namespace pose {

/// What would fail for every photo: it ends the run.
class RunError : public Error {
 public:
  explicit RunError(const Error& error) : Error(error) {}
};

/// A photo that the pipeline has in hand: what is recorded of it, and its value at some stage unless it
/// failed.
template <typename Value>
struct InHand {
  PhotoRecord record;
  std::optional<Value> photo;
};

/// The next stage of one photo. Whatever `work` throws becomes the failure of this photo and of no other:
/// this is the one place where exceptions of stages end. A photo that failed before passes through.
template <typename From, typename Work>
auto step(InHand<From> in, Work work) {
  InHand<decltype(work(*in.photo))> out{std::move(in.record), std::nullopt};
  if (!in.photo) return out;
  try {
    out.photo = work(*in.photo);
  } catch (const RunError&) {
    throw;
  } catch (...) {
    out.record.error = current_error();
  }
  return out;
}

/// The next stage of several photos, which `batch` takes all at once. A batch that fails is done again photo
/// by photo with `one`, so that only the guilty one fails.
template <typename From, typename Batch, typename One>
auto step_together(std::vector<InHand<From>> in, Batch batch, One one) {
  using To = decltype(one(*in.front().photo));
  std::vector<From> values;
  for (const InHand<From>& item : in)
    if (item.photo) values.push_back(*item.photo);
  std::vector<InHand<To>> out;
  std::vector<To> results;
  try {
    results = batch(values);
  } catch (...) {
    for (InHand<From>& item : in) out.push_back(step(std::move(item), one));
    return out;
  }
  auto next = results.begin();
  for (InHand<From>& item : in) {
    out.push_back({std::move(item.record), std::nullopt});
    if (item.photo) out.back().photo = std::move(*next++);
  }
  return out;
}

}  // namespace pose
