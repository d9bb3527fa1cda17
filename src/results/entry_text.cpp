#include "results/entry_text.h"

#include "base/number_text.h"
#include "results/form_rows.h"

namespace pose {

std::string joints_text(const Person& person) {
  std::string text = "[";
  for (std::size_t k = 0; k < person.joints.size(); ++k)
    text += (k ? ", " : "") + joint_text(person.joints[k]);
  return text + "]";
}

std::string rect_text(const Rect& rect) {
  return "[" + number_text(rect.x) + ", " + number_text(rect.y) + ", " + number_text(rect.width) + ", " +
         number_text(rect.height) + "]";
}

}  // namespace pose
