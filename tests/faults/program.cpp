#include "faults/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "estimator/load_models.h"
#include "support/fake_models.h"
#include "support/files.h"

int pose_main(int argc, char** argv);

namespace {

/// Of the child. One of memory begins when models are loaded: before that folders are listed, and libstdc++
/// ends a process that has no memory for the next name in a folder.
std::optional<pose::test::Fault> g_fault;

}  // namespace

namespace pose {

ModelCards choose_models(const ModelOptions&) {
  ModelCards cards;
  cards.pose.emplace();
  cards.pose->name = "fake";
  cards.pose->weights = test::data_path("README.md");  // is hashed, and nothing else
  cards.pose->skeleton = "coco17";
  cards.pose->decoder = "argmax";
  cards.pose->pose_nms = "none";
  return cards;
}

Models load_models(const ModelCards&, const ModelOptions&, const MachineOptions&) {
  if (g_fault && g_fault->kind == test::FaultKind::kAllocate) test::arm_fault(*g_fault);
  test::FakeModels fakes = test::fake_models();
  fakes.detector->fails = [](const DetectorInput&) { return test::fault_due(test::FaultKind::kForward); };
  fakes.network->fail = [](const Blob&) { return test::fault_due(test::FaultKind::kForward); };
  return std::move(fakes.models);
}

}  // namespace pose

namespace pose::test {
namespace {

/// Nothing here takes longer; a deadlock ends by a signal.
constexpr unsigned kMostSeconds = 60;

[[noreturn]] void be_the_program(std::vector<std::string> arguments, const std::optional<Fault>& fault,
                                 const std::string& log) {
  const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0) _exit(127);
  alarm(kMostSeconds);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  g_fault = fault;
  if (fault && fault->kind != FaultKind::kAllocate) arm_fault(*fault);
  std::exit(pose_main(static_cast<int>(arguments.size()), argv.data()));
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, const std::optional<Fault>& fault,
                 std::string log)
    : log_(std::move(log)), process_(fork()) {
  if (process_ < 0) throw std::runtime_error("cannot start a process");
  if (process_ == 0) be_the_program(arguments, fault, log_);
}

void Program::kill() const { send(SIGKILL); }

void Program::send(int signal) const { ::kill(process_, signal); }

Ended Program::wait() const {
  int status = 0;
  waitpid(process_, &status, 0);
  Ended ended;
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  ended.said = read_text(log_);
  return ended;
}

}  // namespace pose::test
