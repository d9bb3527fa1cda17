#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pose/image.h"
#include "pose/suppress.h"

namespace pose {

/// Everything that a run depends on, with its defaults. Every field has the name of its option on the
/// command line; "" or a negative number means "as the model card says".
struct RunOptions {
  // input
  std::vector<std::string> inputs;  ///< positional: photos and folders
  std::string indir;
  std::string list;  ///< file of names, one a line; "-": standard input
  std::vector<std::string> image;
  bool recursive = false;

  // output
  std::string outdir = "pose-out";
  std::string format = "coco";
  bool save_img = false;
  std::string vis_style = "pose";
  bool vis_fast = false;    ///< short for `vis_style = "alphapose-fast"`
  std::string save_boxes;   ///< file for the detector's boxes
  std::string dump_stages;  ///< folder for what every stage produced

  // models
  std::string detector = "person-small";
  std::string pose_model = "pose-small-256x192";
  std::string det_cfg, det_weights, pose_weights;
  std::vector<std::string> models_dir;
  std::string det_rules;
  int person_class = -1;
  std::string detfile;  ///< boxes from this file instead of a detector

  // detector
  int inp_dim = 0;  ///< 0: as the card says (608 for the YOLOv3 cards)
  double conf = -1;
  double nms = -1;
  int detbatch = 1;

  // pose
  int posebatch = 80;        ///< people per network run, at most
  std::string flip = "off";  ///< "off", "on" (plain average), "shift" (one pixel to the right first)
  std::string decoder;
  bool matching = false;
  std::string pose_nms;
  SuppressOptions suppress;

  // machine
  std::string device = "cpu";
  int threads = 0;  ///< 0: all usable cores
  std::int64_t max_pixels = kDefaultMaxPixels;
};

}  // namespace pose
