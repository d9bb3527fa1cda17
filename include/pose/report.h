#pragma once

#include <string>

namespace pose {

/// Makes OUTDIR/report of the journal in OUTDIR: pages for a browser that need neither a server nor a
/// network, with all photos, people and failures of a run (src/report/README.md). With `against`, the output
/// folder of another run, both are shown side by side and photos can be sorted by how much they differ. An
/// earlier report is replaced by a whole one only. Returns the page to open.
///
/// Throws `kNotFound` if a folder has no journal, `kUsage` if OUTDIR/report is something else or the two runs
/// have other skeletons or no photo in common, `kIo`, `kFormat`.
std::string write_report(const std::string& outdir, const std::string& against = "");

}  // namespace pose
