#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "pose/tensor_file.h"

namespace pose {

/// Limits of one pickle, far above what checkpoints need (HRNet-W48 with its optimizer: 130 thousand values),
/// that keep a hostile one below 64 MB.
constexpr std::size_t kMaxPickleOpcodes = 2'000'000;
constexpr std::size_t kMaxPickleValues = 1'000'000;
constexpr std::size_t kMaxPickleContainers = 250'000;
constexpr std::size_t kMaxPickleTensors = 50'000;
constexpr std::size_t kMaxPickleMemo = 1'000'000;
constexpr std::size_t kMaxPickleMarks = 256;
constexpr std::size_t kMaxForeignClasses = 1'000;
constexpr std::size_t kMaxDimensions = 8;

enum class PickleKind : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kText,
  kTuple,
  kList,
  kDict,
  kClass,
  kStorage,
  kTensor,
  kOpaque,  ///< what no weight depends on: floats, long integers, sets, options, NumPy arrays, foreign
            ///< objects
};

/// Number of a value in its pickle. Values refer to each other by number, so cycles and deep nesting cost
/// nothing.
using PickleId = std::uint32_t;

/// A persistent id: which storage, and how much of it.
struct PickledStorage {
  std::string_view key, location;
  std::optional<DType> dtype;  ///< none: untyped, `elements` are bytes
  std::int64_t elements = 0;   ///< of the storage under `key`
  /// Files before PyTorch 0.4 know storages that are a part of another one: the first element and the number
  /// of them.
  std::int64_t view_offset = 0, view_elements = 0;
};

struct PickledTensor {
  std::uint32_t storage = 0;  ///< index into `Pickle::storages()`
  DType dtype = DType::kF32;
  std::int64_t offset = 0;  ///< of the first element, in elements of the (view of the) storage
  std::vector<std::int64_t> shape, strides;
};

/// A class or function that the closed list does not have. Its objects are opaque values.
struct ForeignClass {
  std::string name;         ///< "mmengine.logging.history_buffer.HistoryBuffer", printable
  std::size_t objects = 0;  ///< that were left aside
};

/// The values of one pickle, made by a machine that knows data only: it runs the opcodes of protocols 2 to 5
/// that checkpoints use and a closed list of names (`find_pickle_global`). What other classes make becomes
/// opaque; names of attacks (`is_attack`) are refused. It never imports or calls anything, does not recurse,
/// and takes memory for bytes that it has seen only.
class Pickle {
 public:
  /// Reads one pickle and leaves `reader` behind it. Texts stay views into the reader's bytes.
  /// Throws `kFormat` (damaged, above a limit), `kUnsupported` (something that is not plain weight data).
  static Pickle read(ByteReader& reader);

  PickleId top() const { return top_; }
  PickleKind kind(PickleId id) const { return values_[id].kind; }
  std::int64_t integer(PickleId id) const { return values_[id].number; }  ///< of kBool, kInt
  std::string_view text(PickleId id) const;                               ///< of kText
  /// Members of a kTuple or kList; keys and values in turn of a kDict.
  const std::vector<PickleId>& items(PickleId id) const { return containers_[values_[id].index]; }
  /// The foreign class that made a kOpaque; null if it is data that we know.
  const ForeignClass* foreign_class(PickleId id) const;
  /// Whether a foreign class made a kOpaque from tensors or their storages.
  bool made_of_weights(PickleId id) const { return values_[id].number != 0; }
  /// Of kTensor.
  const PickledTensor& tensor(PickleId id) const { return tensors_[values_[id].index]; }

  const std::vector<PickledStorage>& storages() const { return storages_; }
  /// Every foreign class that the pickle names, in its order.
  const std::vector<ForeignClass>& foreign_classes() const { return foreign_; }
  int protocol() const { return protocol_; }

 private:
  friend class PickleMachine;
  struct Value {
    PickleKind kind;
    /// Of the container, storage, tensor or global; of an opaque value its foreign class + 1; length of a
    /// text.
    std::uint32_t index = 0;
    std::int64_t number = 0;  ///< integer; where a text starts; 1: a foreign object made of weights
  };

  const char* bytes_ = nullptr;
  std::vector<Value> values_;
  std::deque<std::vector<PickleId>> containers_;  ///< a deque: members stay in place while it grows
  std::vector<PickledStorage> storages_;
  std::vector<PickledTensor> tensors_;
  std::vector<ForeignClass> foreign_;
  PickleId top_ = 0;
  int protocol_ = 0;
};

}  // namespace pose
