#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "pose/file_stamp.h"
#include "pose/options.h"

namespace pose {

/// The bytes of a photo as its source stores them.
using PhotoBytes = FileBytes;

struct SourcePhoto;

/// Reads a photo that is a file of its own.
PhotoBytes read_photo_file(const SourcePhoto& photo);
/// Its size and time as they are now; unknown if it is not there.
FileStamp stamp_photo_file(const SourcePhoto& photo);

/// A photo of a run.
struct SourcePhoto {
  std::string path;  ///< where it is, for people and for `read`
  /// What it is called in results: relative, '/'-separated, inside the output folder, unique in the run.
  std::string name;
  std::size_t index = 0;  ///< place in what it came from: the folder, the list
  std::function<PhotoBytes(const SourcePhoto&)> read = &read_photo_file;
  /// What `read` would find: another stamp than a record has means that the photo changed since. An unknown
  /// one counts as changed.
  std::function<FileStamp(const SourcePhoto&)> stamp = &stamp_photo_file;
  std::string archive = {};  ///< the file that `path` leads into; "" where the photo is a file of its own
};

/// The photos of a run in a natural order (img2 before img10) within each folder, otherwise as given.
///
/// From a folder come the files that are pictures, raw files of cameras or videos by content or by the ending
/// of their name (so that what cannot be read is reported), not hidden ones, not pictures without any ending;
/// of sub-folders only if `recursive`. A file that is named directly is always taken; if it is missing, that
/// shows when it is read. A photo that is named twice, whatever way its paths take, comes once. Of folders of
/// results (those with a journal or `run.json` of ours) the drawn pictures in `vis` are left out. Two photos
/// that would have the same name get "_2", "_3" before the ending. Nothing here waits for a pipe or a socket.
/// From an archive (tar, plain or compressed, and zip, known by content) come the members with the ending of
/// a picture, in the order in which they are stored, hidden ones left out; they are read from it one at a
/// time, and called after it: ARCHIVE/MEMBER, without endings of archives. "-" is an archive from standard
/// input. Archives in folders and in archives are passed over. Of a damaged archive one more photo, which
/// fails, stands for what is behind the damage. Throws `kUsage` for options out of range and if nothing was
/// named or found or nothing of what was named exists, `kNotFound`, `kIo` and `kFormat` for folders and
/// lists.
std::vector<SourcePhoto> collect_photos(const SourceOptions& options);

/// Whether a photo of this name belongs to a part of a run. A hash of the name alone decides
/// (src/results/README.md, 9), so that photos that come or go move no others.
bool in_shard(const std::string& name, const Shard& shard);

/// The bytes of a photo, wherever it is. Throws `kNotFound`, `kIo` (also for pipes, sockets, devices and
/// folders), `kFormat` (what does not begin like a picture), `kUnsupported` (too large a file).
PhotoBytes read_photo_bytes(const SourcePhoto& photo);

/// Where the annotated picture of a photo goes, relative to `vis/`: its name, with ".jpg" put behind it if
/// its ending is none that pictures can be written with.
std::string vis_name(const std::string& name);

/// Text order in which runs of digits count as numbers; where that leaves two texts equal ("1", "01"), their
/// bytes decide. A total order.
bool natural_less(const std::string& a, const std::string& b);

}  // namespace pose
