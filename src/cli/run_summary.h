#pragma once

#include "cli/options.h"
#include "pose/pipeline.h"

namespace pose {

/// What a run says at its end: failed photos, where the rest is, how much it was.
void print_summary(const CommandLine& line, const RunSummary& summary, const Conclusion& end,
                   const Journal& journal);

/// Throws the error that ended a run, with what it leaves: nobody else knows of the journal.
[[noreturn]] void fail_run(const Error& error, const Journal& journal, const std::string& outdir);

}  // namespace pose
