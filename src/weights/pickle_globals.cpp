#include "weights/pickle_globals.h"

#include <algorithm>
#include <string>

namespace pose {
namespace {

constexpr PickleGlobal kGlobals[] = {
    {"collections", "OrderedDict", GlobalKind::kDict},
    {"collections", "defaultdict", GlobalKind::kDict},
    {"torch", "Size", GlobalKind::kSize},
    {"torch._utils", "_rebuild_tensor", GlobalKind::kTensor},
    {"torch._utils", "_rebuild_tensor_v2", GlobalKind::kTensor},
    {"torch._utils", "_rebuild_tensor_v3", GlobalKind::kTensorV3},
    {"torch._utils", "_rebuild_parameter", GlobalKind::kParameter},
    {"torch._utils", "_rebuild_parameter_with_state", GlobalKind::kParameter},
    {"torch._tensor", "_rebuild_from_type_v2", GlobalKind::kTensorSubtype},
    {"torch", "Tensor", GlobalKind::kOpaque},
    {"torch.nn.parameter", "Parameter", GlobalKind::kOpaque},

    {"torch", "DoubleStorage", GlobalKind::kStorage, DType::kF64},
    {"torch", "FloatStorage", GlobalKind::kStorage, DType::kF32},
    {"torch", "HalfStorage", GlobalKind::kStorage, DType::kF16},
    {"torch", "BFloat16Storage", GlobalKind::kStorage, DType::kBF16},
    {"torch", "LongStorage", GlobalKind::kStorage, DType::kI64},
    {"torch", "IntStorage", GlobalKind::kStorage, DType::kI32},
    {"torch", "ShortStorage", GlobalKind::kStorage, DType::kI16},
    {"torch", "CharStorage", GlobalKind::kStorage, DType::kI8},
    {"torch", "ByteStorage", GlobalKind::kStorage, DType::kU8},
    {"torch", "BoolStorage", GlobalKind::kStorage, DType::kBool},
    {"torch.cuda", "DoubleStorage", GlobalKind::kStorage, DType::kF64},
    {"torch.cuda", "FloatStorage", GlobalKind::kStorage, DType::kF32},
    {"torch.cuda", "HalfStorage", GlobalKind::kStorage, DType::kF16},
    {"torch.cuda", "LongStorage", GlobalKind::kStorage, DType::kI64},
    {"torch.cuda", "IntStorage", GlobalKind::kStorage, DType::kI32},
    {"torch.cuda", "ByteStorage", GlobalKind::kStorage, DType::kU8},
    {"torch", "UntypedStorage", GlobalKind::kStorage},
    {"torch.storage", "UntypedStorage", GlobalKind::kStorage},
    {"torch.storage", "_UntypedStorage", GlobalKind::kStorage},

    {"torch", "float64", GlobalKind::kDType, DType::kF64},
    {"torch", "float32", GlobalKind::kDType, DType::kF32},
    {"torch", "float16", GlobalKind::kDType, DType::kF16},
    {"torch", "bfloat16", GlobalKind::kDType, DType::kBF16},
    {"torch", "int64", GlobalKind::kDType, DType::kI64},
    {"torch", "int32", GlobalKind::kDType, DType::kI32},
    {"torch", "int16", GlobalKind::kDType, DType::kI16},
    {"torch", "int8", GlobalKind::kDType, DType::kI8},
    {"torch", "uint8", GlobalKind::kDType, DType::kU8},
    {"torch", "bool", GlobalKind::kDType, DType::kBool},

    // What training programs write beside the weights: devices, counters, options, NumPy numbers and arrays.
    {"torch", "device", GlobalKind::kOpaque},
    {"collections", "Counter", GlobalKind::kOpaque},
    {"argparse", "Namespace", GlobalKind::kOpaque},
    {"builtins", "set", GlobalKind::kOpaque},
    {"builtins", "dict", GlobalKind::kOpaque},
    {"builtins", "list", GlobalKind::kOpaque},
    {"builtins", "int", GlobalKind::kOpaque},
    {"builtins", "float", GlobalKind::kOpaque},
    {"builtins", "complex", GlobalKind::kOpaque},
    {"builtins", "bytearray", GlobalKind::kOpaque},
    {"numpy", "dtype", GlobalKind::kOpaque},
    {"numpy", "ndarray", GlobalKind::kOpaque},
    {"numpy.core.multiarray", "scalar", GlobalKind::kOpaque},
    {"numpy.core.multiarray", "_reconstruct", GlobalKind::kOpaque},
    {"numpy._core.multiarray", "scalar", GlobalKind::kOpaque},
    {"numpy._core.multiarray", "_reconstruct", GlobalKind::kOpaque},
    {"_codecs", "encode", GlobalKind::kOpaque},
};

/// Modules with all that is in them, and single functions.
constexpr std::string_view kAttacks[] = {"os",
                                         "posix",
                                         "nt",
                                         "subprocess",
                                         "_posixsubprocess",
                                         "pty",
                                         "sys",
                                         "shutil",
                                         "socket",
                                         "_socket",
                                         "ctypes",
                                         "_ctypes",
                                         "importlib",
                                         "_frozen_importlib",
                                         "imp",
                                         "runpy",
                                         "pkgutil",
                                         "zipimport",
                                         "pdb",
                                         "bdb",
                                         "cProfile",
                                         "timeit",
                                         "pickle",
                                         "_pickle",
                                         "cPickle",
                                         "marshal",
                                         "webbrowser",
                                         "urllib",
                                         "urllib2",
                                         "httplib",
                                         "ftplib",
                                         "smtplib",
                                         "requests",
                                         "pip",
                                         "ensurepip",
                                         "builtins.eval",
                                         "builtins.exec",
                                         "builtins.execfile",
                                         "builtins.compile",
                                         "builtins.__import__",
                                         "builtins.open",
                                         "builtins.file",
                                         "builtins.input",
                                         "builtins.breakpoint",
                                         "io.open",
                                         "_io.open",
                                         "io.FileIO",
                                         "_io.FileIO",
                                         "code.interact",
                                         "code.InteractiveInterpreter",
                                         "codeop",
                                         "commands.getoutput",
                                         "commands.getstatusoutput",
                                         "platform.popen",
                                         "operator.methodcaller",
                                         "_operator.methodcaller",
                                         "torch.load",
                                         "torch.hub",
                                         "torch.serialization.load",
                                         "torch.jit.load",
                                         "torch._utils._import_dotted_name",
                                         "numpy.load",
                                         "numpy.testing",
                                         "numpy.f2py",
                                         "numpy.distutils"};

/// Python 2, and everything below protocol 3.
std::string_view modern(std::string_view module) { return module == "__builtin__" ? "builtins" : module; }

bool is_listed(std::string_view path) {
  for (const std::string_view row : kAttacks)
    if (path.substr(0, row.size()) == row && (path.size() == row.size() || path[row.size()] == '.'))
      return true;
  return false;
}

}  // namespace

bool is_attack(std::string_view module, std::string_view name) {
  if (is_listed(std::string(modern(module)) + "." + std::string(name))) return true;
  // "collections" and "abc.os.system": a name may lead through the modules that a module uses.
  if (name.find('.') == std::string_view::npos) return false;
  for (std::string_view rest = name; !rest.empty();) {
    if (is_listed(rest) || is_listed("builtins." + std::string(rest))) return true;
    rest.remove_prefix(std::min(rest.find('.'), rest.size() - 1) + 1);
  }
  return false;
}

const PickleGlobal* find_pickle_global(std::string_view module, std::string_view name) {
  module = modern(module);
  for (const PickleGlobal& row : kGlobals)
    if (row.module == module && row.name == name) return &row;
  return nullptr;
}

}  // namespace pose
