#pragma once

#include <string_view>

namespace pose {

// The files of the folder `page`, as they are.

std::string_view report_page();
std::string_view report_style();
std::string_view report_script();

}  // namespace pose
