#include "weights/pickle_globals.h"

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

}  // namespace

const PickleGlobal* find_pickle_global(std::string_view module, std::string_view name) {
  if (module == "__builtin__") module = "builtins";  // Python 2, and everything below protocol 3
  for (const PickleGlobal& row : kGlobals)
    if (row.module == module && row.name == name) return &row;
  return nullptr;
}

}  // namespace pose
