#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "pose/tensor_file.h"
#include "weights/safetensors_writer.h"

namespace pose {
namespace {

struct ConvertArguments {
  std::string file, output;
  bool half = false;
};

int convert(const ConvertArguments& arguments) {
  const TensorFile file = open_tensor_file(arguments.file);
  write_safetensors(arguments.output, file, arguments.half ? FloatWidth::kHalf : FloatWidth::kKeep);
  std::printf("%s: %s\n", for_terminal(arguments.output).c_str(),
              counted(file.tensors().size(), "tensor", "tensors").c_str());
  return kExitOk;
}

}  // namespace

Command convert_command() {
  return make_command<ConvertArguments>(
      "convert", "write any readable weight file as .safetensors",
      {{"FILE", "", "the weight file", &ConvertArguments::file, true},
       {"OUT", "", "the file to write", &ConvertArguments::output, true},
       {"--half", "", "store floating point tensors as 16 bit", &ConvertArguments::half}},
      &convert);
}

}  // namespace pose
