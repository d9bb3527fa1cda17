#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "pose/tensor_file.h"
#include "weights/safetensors_writer.h"

namespace pose {

int convert_command(const CommandLine& line) {
  const TensorFile file = open_tensor_file(line.file);
  write_safetensors(line.output, file, line.half ? FloatWidth::kHalf : FloatWidth::kKeep);
  std::printf("%s: %zu tensors\n", line.output.c_str(), file.tensors().size());
  return kExitOk;
}

}  // namespace pose
