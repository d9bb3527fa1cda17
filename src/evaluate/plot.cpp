#include "evaluate/plot.h"

#include <cstdio>

#include "evaluate/oks.h"

namespace pose {
namespace {

constexpr int kLeft = 60, kTop = 40, kSide = 400, kWidth = 640, kHeight = 500;
// From far apart in hue and in lightness, so that they differ in print as well.
constexpr const char* kColours[]{"#08306b", "#08519c", "#2171b5", "#4292c6", "#41ab5d",
                                 "#78c679", "#fec44f", "#fe9929", "#ec7014", "#cc4c02"};

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

/// Hundredths, so that the text does not depend on the locale.
std::string share(double value) {
  const int hundredths = static_cast<int>(value * 100 + 0.5);
  return format("%d.%02d", hundredths / 100, hundredths % 100);
}

std::string axes() {
  std::string text;
  for (int i = 0; i <= 5; ++i) {
    const int at = kSide * i / 5;
    text += format("<path class=\"grid\" d=\"M%d %dv%dM%d %dh%d\"/>\n", kLeft + at, kTop, kSide, kLeft,
                   kTop + kSide - at, kSide);
    text += format("<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", kLeft + at,
                   kTop + kSide + 20, share(i / 5.0).c_str());
    text += format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", kLeft - 8,
                   kTop + kSide - at + 5, share(i / 5.0).c_str());
  }
  text += format("<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">recall</text>\n", kLeft + kSide / 2,
                 kTop + kSide + 45);
  return text +
         format("<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">precision</text>\n",
                kTop + kSide / 2);
}

std::string curve(const PrecisionCurve& curve, std::size_t index) {
  double mean = 0;
  std::string points;
  for (std::size_t r = 0; r < curve.precision.size(); ++r) {
    mean += curve.precision[r] / static_cast<double>(curve.precision.size());
    const double x = kLeft + kSide * recall_point(r), y = kTop + kSide * (1 - curve.precision[r]);
    points += (r ? " " : "") + std::to_string(static_cast<int>(x + 0.5)) + "," +
              std::to_string(static_cast<int>(y + 0.5));
  }
  const char* colour = kColours[index % std::size(kColours)];
  const int y = kTop + 12 + 24 * static_cast<int>(index);
  return "<polyline stroke=\"" + std::string(colour) + "\" points=\"" + points + "\"/>\n" +
         format("<path stroke=\"%s\" d=\"M%d %dh24\"/>\n", colour, kLeft + kSide + 20, y) +
         format("<text x=\"%d\" y=\"%d\">OKS %s: %s</text>\n", kLeft + kSide + 52, y + 5,
                share(curve.oks).c_str(), share(mean).c_str());
}

}  // namespace

std::string precision_plot(const Evaluation& evaluation) {
  std::string text =
      format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n",
             kWidth, kHeight, kWidth, kHeight) +
      "<style>text{font:14px "
      "sans-serif}polyline,path{fill:none;stroke-width:2}.grid{stroke:#ddd;stroke-width:1}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" +
      format("<text x=\"%d\" y=\"24\">Precision at each recall, %zu people on %zu photos</text>\n", kLeft,
             evaluation.people, evaluation.photos) +
      axes();
  for (std::size_t i = 0; i < evaluation.curves.size(); ++i) text += curve(evaluation.curves[i], i);
  return text + "</svg>\n";
}

}  // namespace pose
