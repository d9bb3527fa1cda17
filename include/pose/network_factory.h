#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pose/detect.h"
#include "pose/model_card.h"
#include "pose/network.h"

namespace pose {

/// Where and how networks run. Set once, before the first network is made.
struct EngineOptions {
  std::string engine = "auto";  ///< row of the table of engines
  std::string device = "cpu";   ///< "cpu", "cuda", "cuda:N"
  int threads = 0;              ///< 0: all that the process may use
  bool fold_batch_norm = true;  ///< off only to compare
};

/// A Darknet network with what decoding needs to know about its heads.
struct DarknetModel {
  std::unique_ptr<Network> network;
  std::vector<YoloHead> heads;
  Size input;  ///< as the cfg says, or `side` x `side`
};

/// Builds the graph of a pose card, binds its weights strictly and makes it ready to run. Weight files may be
/// any readable format; a TorchScript file is taken as it is and run once, on a blank crop.
/// Throws `kNotFound` (weights, with `missing_weights_message`), `kFormat`, `kMismatch` (one message that
/// lists every missing, extra and mis-shaped tensor; other outputs than the card says), `kUsage` (unknown
/// architecture, device not there).
std::unique_ptr<Network> make_pose_network(const ModelCard& card, const EngineOptions& options);

/// The same for a detector card. `input_side`: 0 takes the size from the cfg, otherwise a multiple of 32.
DarknetModel make_detector_network(const ModelCard& card, int input_side, const EngineOptions& options);

}  // namespace pose
