#pragma once

#include "weights/views.h"

namespace pose {

// One reader per format. Each throws `kFormat` for damaged or hostile bytes and `kUnsupported` for
// well-formed ones that it cannot use; none allocates more than a few times what it has read.

/// torch.save since PyTorch 1.6: a zip archive with data.pkl and one stored entry per storage.
WeightContent read_torch_zip(const WeightBytes& file);

/// torch.save before 1.6: five pickles, then the storages one after the other. Source:
/// src/weights/README.md, 1.
WeightContent read_torch_legacy(const WeightBytes& file);

/// safetensors: the length of a JSON header, the header, the tensors without holes.
WeightContent read_safetensors(const WeightBytes& file);

/// What can be said of a TorchScript file without running it; no tensors.
WeightContent read_torchscript_facts(const WeightBytes& file);

/// What the header of a Darknet `.weights` file says; no tensors, for their shapes stand in the cfg.
WeightContent read_darknet_facts(const WeightBytes& file);

/// Whether the bytes begin like a Darknet `.weights` file. It has no magic number, so ask last.
bool is_darknet_weights(const WeightBytes& file);

/// Whether a zip archive has the entries that make it TorchScript.
bool has_torchscript_code(const WeightBytes& file);

}  // namespace pose
