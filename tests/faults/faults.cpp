#include "faults/faults.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <opencv2/core.hpp>
#include <stdexcept>

namespace pose::test {
namespace {

/// Lies in memory that children share.
struct Counts {
  std::array<std::atomic<long>, kFaultKinds> calls{};
  std::atomic<bool> happened{false};
};

Counts* g_counts = nullptr;
std::atomic<bool> g_armed{false};
Fault g_fault;

/// The function that the replaced one stands before.
template <typename Function>
Function* real(Function*, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool refuse(FaultKind kind, int reason) {
  if (!fault_due(kind)) return false;
  errno = reason;
  return true;
}

bool is_standard(const std::FILE* file) { return !file || file == stdout || file == stderr; }

/// The number of a call that is counted now, 0 if it is not.
long count_call(FaultKind kind) { return g_armed ? ++g_counts->calls[static_cast<std::size_t>(kind)] : 0; }

bool fails(FaultKind kind, long number) {
  const long behind = number - g_fault.number;
  const long most = g_fault.shape == FaultShape::kLasting ? LONG_MAX : g_fault.shape == FaultShape::kShort;
  if (number == 0 || g_fault.number == 0 || kind != g_fault.kind || behind < 0 || behind > most) return false;
  g_counts->happened = true;
  return true;
}

void die_if_asked() {
  if (g_fault.shape == FaultShape::kKill) ::kill(getpid(), SIGKILL);
}

/// A write of `size` pieces by `next(pieces)`, as far as it is let; how much was done.
template <typename Next>
std::size_t let_write(std::size_t size, Next next) {
  const long number = count_call(FaultKind::kWrite);
  if (!fails(FaultKind::kWrite, number)) return next(size);
  const bool half =
      number == g_fault.number && (g_fault.shape == FaultShape::kShort || g_fault.shape == FaultShape::kKill);
  const std::size_t done = half && size > 1 ? next(size / 2) : 0;
  die_if_asked();
  errno = ENOSPC;
  return done;
}

}  // namespace

void prepare_faults() {
  if (!g_counts) {
    void* memory = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
    g_counts = new (memory) Counts;
  }
  for (std::atomic<long>& calls : g_counts->calls) calls = 0;
  g_counts->happened = false;
}

void arm_fault(const Fault& fault) {
  g_fault = fault;
  g_armed = true;
}

bool fault_happened() { return g_counts->happened; }

long calls_counted(FaultKind kind) { return g_counts->calls[static_cast<std::size_t>(kind)]; }

bool fault_due(FaultKind kind) {
  const bool due = fails(kind, count_call(kind));
  if (due) die_if_asked();
  return due;
}

}  // namespace pose::test

using pose::test::FaultKind;
using pose::test::real;
using pose::test::refuse;

// What the system and C++ call them. A file descriptor's mode stands behind three dots.
#define POSE_TEST_MODE(flags)                      \
  mode_t mode = 0;                                 \
  if ((flags) & (O_CREAT | O_TMPFILE)) {           \
    va_list more;                                  \
    va_start(more, flags);                         \
    mode = static_cast<mode_t>(va_arg(more, int)); \
    va_end(more);                                  \
  }

extern "C" {

int open(const char* path, int flags, ...) {
  POSE_TEST_MODE(flags)
  static const auto next = real(&open, "open");
  return refuse(FaultKind::kOpen, EMFILE) ? -1 : next(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  POSE_TEST_MODE(flags)
  static const auto next = real(&open64, "open64");
  return refuse(FaultKind::kOpen, EMFILE) ? -1 : next(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  POSE_TEST_MODE(flags)
  static const auto next = real(&openat, "openat");
  return refuse(FaultKind::kOpen, EMFILE) ? -1 : next(folder, path, flags, mode);
}

std::FILE* fopen(const char* path, const char* mode) {
  static const auto next = real(&fopen, "fopen");
  return refuse(FaultKind::kOpen, EMFILE) ? nullptr : next(path, mode);
}

std::FILE* fopen64(const char* path, const char* mode) {
  static const auto next = real(&fopen64, "fopen64");
  return refuse(FaultKind::kOpen, EMFILE) ? nullptr : next(path, mode);
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static const auto next = real(&write, "write");
  ssize_t result = 0;
  const std::size_t done = pose::test::let_write(size, [&](std::size_t part) {
    result = next(fd, bytes, part);
    return static_cast<std::size_t>(result);
  });
  return done == 0 && size > 0 ? -1 : result;
}

std::size_t fwrite(const void* bytes, std::size_t size, std::size_t count, std::FILE* file) {
  static const auto next = real(&fwrite, "fwrite");
  const auto part = [&](std::size_t pieces) { return next(bytes, size, pieces, file); };
  return pose::test::is_standard(file) ? part(count) : pose::test::let_write(count, part);
}

int fflush(std::FILE* file) {
  static const auto next = real(&fflush, "fflush");
  return !pose::test::is_standard(file) && refuse(FaultKind::kWrite, ENOSPC) ? EOF : next(file);
}

int fclose(std::FILE* file) {
  static const auto next = real(&fclose, "fclose");
  const bool refused = !pose::test::is_standard(file) && refuse(FaultKind::kWrite, ENOSPC);
  const int result = next(file);
  if (refused) errno = ENOSPC;
  return refused ? EOF : result;
}

// Nothing here needs to outlive the machine: synced files are left to the system.
int fsync(int) { return refuse(FaultKind::kSync, EIO) ? -1 : 0; }
int fdatasync(int) { return refuse(FaultKind::kSync, EIO) ? -1 : 0; }

int rename(const char* from, const char* to) noexcept {
  static const auto next = real(&rename, "rename");
  return refuse(FaultKind::kRename, EIO) ? -1 : next(from, to);
}

}  // extern "C"

namespace cv {

void* fastMalloc(std::size_t size) {
  static const auto next = real(&fastMalloc, "_ZN2cv10fastMallocEm");
  if (pose::test::fault_due(FaultKind::kAllocate)) CV_Error(cv::Error::StsNoMem, "Failed to allocate");
  return next(size);
}

}  // namespace cv

void* operator new(std::size_t size) {
  void* memory = pose::test::fault_due(FaultKind::kAllocate) ? nullptr : std::malloc(size ? size : 1);
  if (!memory) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return pose::test::fault_due(FaultKind::kAllocate) ? nullptr : std::malloc(size ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t& nothrow) noexcept {
  return operator new(size, nothrow);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
