#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weights/pickle.h"
#include "weights/views.h"

namespace pose {

/// The tensors of a checkpoint that belong to the network.
struct StateDict {
  std::string_view entry;  ///< of the checkpoint's dictionary; "" if the file is the state dict itself
  std::vector<std::pair<std::string_view, PickleId>> tensors;
};

/// Finds the weights in a checkpoint as people save them. If the top dictionary has one of the following
/// entries with a dictionary that holds tensors, the first of them in this order is taken: state_dict,
/// model_state_dict, model, net, network, params, weights, ema, model_ema, state_dict_ema, ema_state_dict,
/// params_ema, best_state_dict. Such a dictionary may be wrapped once more ("model" -> "state_dict").
/// Otherwise the tensors of the top dictionary itself. Throws `kUnsupported` if there is no tensor in any of
/// these places; the message lists what the file holds. Also if one of the weights is made by a foreign
/// class.
StateDict find_state_dict(const Pickle& pickle, const std::string& what);

/// The foreign classes that the pickle names, each with the number of its objects that were left aside, for
/// people; "" if there is none.
std::string left_aside(const Pickle& pickle);

/// The bytes of a whole storage.
struct StorageBytes {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

/// Views of the tensors of `state`, each proved inside the bytes that `find_storage` gives for its storage.
TensorFile make_tensor_file(const std::string& format, const Pickle& pickle, const StateDict& state,
                            const std::function<StorageBytes(const PickledStorage&)>& find_storage,
                            const WeightBytes& file);

/// Bytes of the whole storage that `storage` names; throws `kFormat` where that is more than can be counted.
std::size_t storage_size(const PickledStorage& storage, const std::string& what);

}  // namespace pose
