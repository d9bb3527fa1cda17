#include "weights/pickle.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "support/torch_files.h"
#include "weights/state_dict.h"
#include "weights/weight_bytes.h"

namespace pose::test {
namespace {

const std::vector<std::int64_t> kShape = {2, 2}, kStrides = {2, 1};

PickleWriter& small_tensor(PickleWriter& p) { return p.tensor(DType::kF32, "0", 4, 0, kShape, kStrides); }

/// A zip checkpoint with this pickle and one storage of four floats 1, 2, 3, 4.
std::string checkpoint(const std::string& pickle) {
  return zip_checkpoint(pickle, {bytes_of<float>({1, 2, 3, 4})}).finish();
}

/// A dictionary with the tensor "w" and the entry "x" that `value` writes.
std::string with_entry(const std::function<void(PickleWriter&)>& value) {
  PickleWriter p;
  p.op("}(").text("w");
  small_tensor(p).text("x");
  value(p);
  return checkpoint(p.op("u").finish());
}

void expect_read(const std::string& bytes) {
  EXPECT_EQ(values_of(open_bytes(bytes), "w"), (std::vector<float>{1, 2, 3, 4}));
}

/// Every way in which a pickle can call os.system("id").
TEST(Pickle, CallsOfForeignFunctionsAreRefusedByName) {
  const std::vector<std::string> attacks = {
      raw("cos\nsystem\nX\2\0\0\0id\x85R"),                                         // REDUCE
      raw("(X\2\0\0\0idios\nsystem\n"),                                             // INST
      raw("(cos\nsystem\nX\2\0\0\0ido"),                                            // OBJ
      raw("cos\nsystem\nX\2\0\0\0id\x85\x81"),                                      // NEWOBJ
      raw("ccollections\nOrderedDict\n)R}X\x0c\0\0\0__setstate__cos\nsystem\nsb"),  // BUILD
      raw("X\2\0\0\0osX\6\0\0\0system\x93X\2\0\0\0id\x85R"),                        // STACK_GLOBAL
  };
  for (const std::string& attack : attacks) {
    SCOPED_TRACE(attack);
    expect_refused(with_entry([&](PickleWriter& p) { p.op(attack); }), ErrorKind::kUnsupported, "os.system");
  }
}

TEST(Pickle, NamesOfAttacksAreRefusedWhereverTheyStand) {
  for (const auto& [module, name] : {std::pair{"builtins", "eval"},
                                     {"__builtin__", "exec"},
                                     {"builtins", "__import__"},
                                     {"posix", "popen"},
                                     {"os.path", "join"},
                                     {"subprocess", "Popen"},
                                     {"importlib", "import_module"},
                                     {"torch", "load"},
                                     {"torch.serialization", "os.system"},
                                     {"collections", "abc.sys.modules"},
                                     {"torch._utils", "_import_dotted_name"}}) {
    SCOPED_TRACE(std::string(module) + "." + name);
    expect_refused(with_entry([&, m = module, n = name](PickleWriter& p) { p.global(m, n); }),
                   ErrorKind::kUnsupported, std::string(module) + "." + name + ", which has no place");
  }
}

/// An object of a class that nobody here knows, and whose name begins like a refused one.
const std::string kForeign = raw("cposix_tools.run\nBuffer\n)\x81");

TEST(Pickle, ObjectsOfForeignClassesAreLeftAside) {
  const std::vector<std::string> values = {
      kForeign,
      kForeign + raw("}X\1\0\0\0aK\1sb"),                                   // with a state
      raw("cm\nf\nX\2\0\0\0id\x85R"),                                       // a call
      raw("(X\2\0\0\0idim\nC\n"),                                           // INST
      raw("(cm\nC\nX\2\0\0\0ido"),                                          // OBJ
      raw("cm\nC\n)}\x92"),                                                 // NEWOBJ_EX
      raw("cm\nC\n"),                                                       // the class itself
      raw("c__builtin__\ngetattr\ncm\nC\nX\4\0\0\0mean\x86R"),              // a method
      raw("c__builtin__\ngetattr\ncm\nC\nX\4\0\0\0mean\x86R)R"),            // and what it gives
      raw("c\n\n)\x81"),                                                    // nothing
      raw("cm\nList\n)\x81(K\1K\2e"),                                       // a list of its own
      raw("cm\nDict\n)\x81(K\1K\2u"),                                       // a dictionary of its own
      raw("(X\6\0\0\0modulecm\nNet\nX\4\0\0\0a.pyX\4\0\0\0texttQ)\x81}b"),  // with its source text
      raw("(K\1K\2"
          "1N"),  // POP_MARK, as tuples that hold themselves need it
  };
  for (const std::string& value : values) {
    SCOPED_TRACE(value);
    expect_read(with_entry([&](PickleWriter& p) { p.op(value); }));
  }
}

TEST(Pickle, WhatWasLeftAsideIsCounted) {
  PickleWriter p;
  p.op("](" + kForeign + kForeign + "e");
  const std::string bytes = p.global("a\x1b[2J", "b").op("0").finish();
  ByteReader in(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), "FILE");
  const Pickle pickle = Pickle::read(in);
  ASSERT_EQ(pickle.foreign_classes().size(), 2u);
  EXPECT_EQ(pickle.foreign_classes()[0].name, "posix_tools.run.Buffer");
  EXPECT_EQ(pickle.foreign_classes()[0].objects, 2u);
  EXPECT_EQ(pickle.foreign_classes()[1].name, "a?[2J.b") << "names cannot write to the terminal";
  EXPECT_EQ(pickle.foreign_classes()[1].objects, 0u);
  EXPECT_EQ(left_aside(pickle), "posix_tools.run.Buffer (2), a?[2J.b (0)");
}

/// What "w" in a dictionary is made of instead of being a tensor.
std::string foreign_weight(const std::function<void(PickleWriter&)>& value) {
  PickleWriter p;
  p.op("}(").text("plain");
  small_tensor(p).text("w");
  value(p);
  return checkpoint(p.op("u").finish());
}

TEST(Pickle, WeightsThatAForeignClassMakesAreRefused) {
  const std::string refusal = "the weight 'w' is made by ";
  expect_refused(
      foreign_weight([](PickleWriter& p) { small_tensor(p.global("m", "quantized")).op("\x85R"); }),
      ErrorKind::kUnsupported, refusal + "m.quantized");
  expect_refused(foreign_weight([](PickleWriter& p) {
                   p.global("torch._utils", "_rebuild_sparse_tensor").text("layout");
                   small_tensor(p).op("\x85\x86R");
                 }),
                 ErrorKind::kUnsupported, refusal + "torch._utils._rebuild_sparse_tensor");
  expect_refused(
      foreign_weight([](PickleWriter& p) { small_tensor(p.op(kForeign + "}").text("data")).op("sb"); }),
      ErrorKind::kUnsupported, refusal + "posix_tools.run.Buffer");
  const std::string extra_state = foreign_weight([](PickleWriter& p) { p.op(kForeign); });
  EXPECT_EQ(values_of(open_bytes(extra_state), "plain"), (std::vector<float>{1, 2, 3, 4}));
}

TEST(Pickle, ATensorOfAForeignStorageIsRefused) {
  PickleWriter p;
  p.global("torch._utils", "_rebuild_tensor_v2").op("((").text("storage");
  p.global("torch", "QInt8Storage").text("0").text("cpu").integer(4).op("tQ");
  p.integer(0).integers(kShape).integers(kStrides).op("\x89NtR");
  const std::string tensor = p.finish().substr(2);  // without the protocol
  expect_refused(foreign_weight([&](PickleWriter& q) { q.op(tensor.substr(0, tensor.size() - 1)); }),
                 ErrorKind::kUnsupported, "the weight 'w' is made by torch.QInt8Storage");
  expect_read(with_entry([&](PickleWriter& q) { q.op("]" + tensor.substr(0, tensor.size() - 1) + "a"); }));
}

TEST(Pickle, ForeignClassesAreLimited) {
  expect_refused(with_entry([](PickleWriter& p) {
                   p.op("(");
                   for (std::size_t i = 0; i <= kMaxForeignClasses; ++i) p.global("m", std::to_string(i));
                   p.op("t");
                 }),
                 ErrorKind::kFormat, "more than 1000 foreign classes");
}

TEST(Pickle, AllowedNamesAreNeverCalledAsSomethingElse) {
  expect_refused(with_entry([](PickleWriter& p) { p.global("torch", "FloatStorage").op(")R"); }),
                 ErrorKind::kFormat, "calls torch.FloatStorage");
  expect_refused(with_entry([](PickleWriter& p) { p.global("torch", "Size").op("}b"); }), ErrorKind::kFormat,
                 "changes a class");
  expect_refused(with_entry([](PickleWriter& p) { p.integer(1).op(")R"); }), ErrorKind::kFormat,
                 "wrong type");
  expect_refused(with_entry([](PickleWriter& p) {
                   p.global("torch._tensor", "_rebuild_from_type_v2").op("(");
                   p.global("torch._tensor", "_rebuild_from_type_v2").op("N)}tR");
                 }),
                 ErrorKind::kFormat, "not made from a tensor");
}

TEST(Pickle, WhatTrainingProgramsWriteBesideTheWeightsIsSkipped) {
  const std::vector<std::string> values = {
      raw("G\0\0\0\0\0\0\0\0"),                             // a float
      raw("\x8a\x0a\1\2\3\4\5\6\7\x08\x09\x0a"),            // an integer of ten bytes
      raw("cargparse\nNamespace\n)\x81}X\2\0\0\0lrK\1sb"),  // options
      raw("cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nU\2f8K\0K\1\x87R(K\3U\1<NNNtbC\1z\x86R"),
      raw("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(K\1K\2\x85N\x89"
          "C\1ztb"),
      raw("ccollections\ndefaultdict\nc__builtin__\ndict\n\x85R"),
      raw("ccollections\nCounter\n}\x85R"),
      raw("c__builtin__\nset\n](K\1K\2e\x85R"),
      raw("\x8f(K\1K\2\x90"),
      raw("ctorch\ndevice\nU\3cpu\x85R"),
      raw("ctorch\nfloat32\n"),
  };
  for (const std::string& value : values) {
    SCOPED_TRACE(value);
    expect_read(with_entry([&](PickleWriter& p) { p.op(value); }));
  }
}

TEST(Pickle, ReadsEveryWayOfMakingTensors) {
  const auto storage = [](PickleWriter& p, std::string_view type, int elements) -> PickleWriter& {
    return p.op("(")
        .text("storage")
        .global("torch", type)
        .text("0")
        .text("cuda:0")
        .integer(elements)
        .op("tQ");
  };
  PickleWriter q;
  q.op("}(").text("v1").global("torch._utils", "_rebuild_tensor").op("(");
  storage(q, "FloatStorage", 4).integer(1).integers({3}).integers({1}).op("tR");
  q.text("v3").global("torch._utils", "_rebuild_tensor_v3").op("(");
  storage(q, "UntypedStorage", 16)
      .integer(2)
      .integers({2})
      .integers({1})
      .op("\x89}")
      .global("torch", "float32")
      .op("tR");
  q.text("size").global("torch._utils", "_rebuild_tensor_v2").op("(");
  storage(q, "FloatStorage", 4)
      .integer(0)
      .global("torch", "Size")
      .integers({2, 2})
      .op("\x85R")
      .integers({1, 2});
  q.op("\x89}tR");
  q.text("parameter").global("torch._utils", "_rebuild_parameter").op("(");
  small_tensor(q).op("\x88}tR");
  q.text("subtype").global("torch._tensor", "_rebuild_from_type_v2").op("(");
  q.global("torch._utils", "_rebuild_tensor_v2").global("torch", "Tensor").op("(");
  storage(q, "FloatStorage", 4).integer(3).integers({}).integers({}).op("\x89}t}tR");
  const TensorFile file = open_bytes(checkpoint(q.op("u").finish()));
  EXPECT_EQ(values_of(file, "v1"), (std::vector<float>{2, 3, 4}));
  EXPECT_EQ(values_of(file, "v3"), (std::vector<float>{3, 4}));
  EXPECT_EQ(values_of(file, "size"), (std::vector<float>{1, 3, 2, 4}));
  EXPECT_EQ(values_of(file, "parameter"), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(values_of(file, "subtype"), (std::vector<float>{4}));
  EXPECT_EQ(file.find("v1")->location, "cuda:0");
  EXPECT_EQ(file.find("v1")->storage, file.find("v3")->storage);
}

TEST(Pickle, ReadsProtocol4WithFramesAndMemo) {
  PickleWriter p(4);
  p.op(raw("\x95\xff\0\0\0\0\0\0\0")).op("}\x94(\x8c\x01w\x94");
  expect_read(checkpoint(small_tensor(p).op("u").finish()));
}

TEST(Pickle, ClaimsBeyondTheStorageAreRefused) {
  const std::int64_t huge = std::int64_t{1} << 60;
  const auto with_view = [](std::int64_t offset, std::vector<std::int64_t> shape,
                            std::vector<std::int64_t> strides) {
    PickleWriter p;
    p.op("}").text("w").tensor(DType::kF32, "0", 4, offset, shape, strides);
    return checkpoint(p.op("s").finish());
  };
  const std::string outside = "reaches outside its storage of 16 bytes";
  expect_refused(with_view(1, kShape, kStrides), ErrorKind::kFormat, outside);
  expect_refused(with_view(0, kShape, {3, 1}), ErrorKind::kFormat, outside);
  expect_refused(with_view(0, kShape, {-1, 1}), ErrorKind::kFormat, outside);
  expect_refused(with_view(-1, {1}, {1}), ErrorKind::kFormat, outside);
  expect_refused(with_view(huge, {1}, {1}), ErrorKind::kFormat, outside);
  expect_refused(with_view(5, {0}, {1}), ErrorKind::kFormat, outside);
  expect_refused(with_view(0, {huge}, {1}), ErrorKind::kFormat, outside);
  expect_refused(with_view(0, {2, 2}, {huge, huge}), ErrorKind::kFormat, outside);
  expect_refused(with_view(0, {huge, 2}, {huge, 1}), ErrorKind::kFormat, outside);
  expect_refused(with_view(0, {huge, 16}, {0, 0}), ErrorKind::kFormat, "more elements than can be counted");
  expect_refused(with_view(0, {huge}, {0}), ErrorKind::kFormat, "far more data than the file holds");
  expect_refused(with_view(0, {-2}, {1}), ErrorKind::kFormat, "a dimension of -2");
  expect_refused(with_view(0, {2, 2}, {1}), ErrorKind::kFormat, "2 dimensions but 1 strides");
  expect_refused(with_view(0, std::vector<std::int64_t>(9, 1), std::vector<std::int64_t>(9, 1)),
                 ErrorKind::kFormat, "9 dimensions");
  EXPECT_TRUE(values_of(open_bytes(with_view(4, {0, 3}, {3, 1})), "w").empty());
}

TEST(Pickle, ManyRepeatsOfOneStorageAreRefused) {
  PickleWriter p;
  p.op("}(");
  for (int i = 0; i < 100; ++i)
    p.text("t" + std::to_string(i)).tensor(DType::kF32, "0", 4, 0, {100'000}, {0});
  expect_refused(checkpoint(p.op("u").finish()), ErrorKind::kFormat, "far more data than the file holds");
}

TEST(Pickle, StoragesThatLieAboutTheirSizeAreRefused) {
  for (const std::int64_t claimed : {std::int64_t{3}, std::int64_t{5}, std::int64_t{1} << 60}) {
    PickleWriter p;
    p.op("}").text("w").tensor(DType::kF32, "0", claimed, 0, {1}, {1});
    expect_refused(checkpoint(p.op("s").finish()), ErrorKind::kFormat, "storage '0' should have");
  }
  PickleWriter p;
  p.op("}").text("w").tensor(DType::kF32, "0", std::numeric_limits<std::int64_t>::max(), 0, {1}, {1});
  expect_refused(checkpoint(p.op("s").finish()), ErrorKind::kFormat, "a storage of");
  PickleWriter q;
  q.op("}").text("w").tensor(DType::kF32, "../data/0", 4, 0, {1}, {1});
  expect_refused(checkpoint(q.op("s").finish()), ErrorKind::kFormat,
                 "a storage that the archive does not have");
}

TEST(Pickle, AStorageIsOfAStorageType) {
  PickleWriter p;
  p.op("}").text("w").global("torch._utils", "_rebuild_tensor_v2").op("((").text("storage");
  p.global("collections", "OrderedDict").text("0").text("cpu").integer(4).op("tQ");
  p.integer(0).integers(kShape).integers(kStrides).op("\x89").global("collections", "OrderedDict");
  expect_refused(checkpoint(p.op(")RtRs").finish()), ErrorKind::kFormat, "a storage of an unknown type");
}

TEST(Pickle, DamagedMachinesAreRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {".", "more values than it made"},
      {"NN.", "unused values"},
      {"(.", "more values than it made"},
      {"t.", "closes a list that it did not open"},
      {"Na.", "more values than it made"},
      {"NNa.", "has none"},
      {"}(Nu.", "without a value"},
      {"h\x05.", "never set"},
      {"S'text'\n.", "no place in a weight file"},
      {"\x80\x01N.", "protocol 1"},
      {"\x80\x06N.", "protocol 6"},
      {"NQ.", "persistent id"},
      {"cno line feed", "a line without an end"},
      {"X\xff\xff\xff\x7f.", "a length of 2147483647"},
      {"T\xff\xff\xff\xff.", "a length of -1"},
      {"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "a length of 18446744073709551615"},
      {"Nr\xff\xff\xff\x7f.", "too large"},
      {"N", "needs 1 more bytes"},
  };
  for (const auto& [pickle, message] : cases) {
    SCOPED_TRACE(pickle);
    expect_refused(checkpoint(pickle), ErrorKind::kFormat, message);
  }
  expect_refused(checkpoint(std::string("\x80\x02N.trailing")), ErrorKind::kFormat,
                 "behind the end of the pickle");
}

TEST(Pickle, WholeModelsAreNamedAsSuch) {
  expect_refused(with_entry([](PickleWriter& p) {
                   p.op("(").text("module").op("N").text("net.py").text("source").op("tQ");
                 }),
                 ErrorKind::kUnsupported, "a whole Python model");
  const auto model = [](PickleWriter& p) -> PickleWriter& {
    return small_tensor(p.global("models.yolo", "Model").op(")\x81}").text("w")).op("sb");
  };
  PickleWriter alone, entry;
  model(alone);
  expect_refused(checkpoint(alone.finish()), ErrorKind::kUnsupported, "an object of models.yolo.Model");
  model(entry.op("}").text("model"));
  expect_refused(checkpoint(entry.op("s").finish()), ErrorKind::kUnsupported,
                 "an object of models.yolo.Model");
}

TEST(Pickle, RecursiveContainersAreHarmless) {
  expect_read(with_entry([](PickleWriter& p) {
    p.op(
        "]q\x01h\x01"
        "a");
  }));
  PickleWriter p;
  p.op("}q\x01(").text("model").op("h\x01").text("w");
  expect_read(checkpoint(small_tensor(p).op("u").finish()));
  expect_refused(checkpoint(PickleWriter().op("}q\x01").text("model").op("h\x01s").finish()),
                 ErrorKind::kUnsupported, "no weights found");
}

}  // namespace
}  // namespace pose::test
