#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "pose/results.h"

namespace pose {

struct BoxesWriter::Impl {
  explicit Impl(const std::string& path) : file(path) {}

  AtomicFile file;
  bool first = true;
};

BoxesWriter::BoxesWriter(const std::string& path) : impl_(new Impl(path)) { impl_->file.write("["); }

BoxesWriter::~BoxesWriter() = default;

void BoxesWriter::add(const std::string& name, const std::vector<Detection>& detections) {
  for (const Detection& d : detections) {
    // In f64, so that reading the corners back gives the same f32 numbers.
    const double width = double{d.box.x2} - d.box.x1, height = double{d.box.y2} - d.box.y1;
    impl_->file.write((impl_->first ? "{\"image_id\": " : ",\n{\"image_id\": ") + json_string(name) +
                      ", \"category_id\": 1, \"bbox\": [" + number_text(d.box.x1) + ", " +
                      number_text(d.box.y1) + ", " + number_text(width) + ", " + number_text(height) +
                      "], \"score\": " + number_text(d.score) + "}");
    impl_->first = false;
  }
}

void BoxesWriter::finish() {
  impl_->file.write("]\n");
  impl_->file.commit();
}

}  // namespace pose
