#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/atomic_file.h"
#include "base/json_text.h"
#include "base/lookup.h"
#include "base/number_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "evaluate/plot.h"
#include "pose/error.h"
#include "pose/evaluate.h"

namespace pose {
namespace {

struct EvalArguments {
  std::string results, ground_truth, plot;
  std::vector<std::string> least;  ///< "AP=0.7"
  double pck = 0;
  bool json = false;
};

/// A number that must reach what was asked of it.
struct Check {
  const Metric* metric;
  double least;
  bool holds() const { return metric->value >= least; }
};

Check parse_check(const std::string& text, const Evaluation& evaluation) {
  const std::size_t equals = text.find('=');
  const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  double least = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), least);
  if (fault != std::errc() || end != value.data() + value.size() || !(least >= 0 && least <= 1))
    throw Error::usage("--min takes NAME=VALUE with a value from 0 to 1, such as AP=0.7, not '" + text + "'");
  return {&lookup(evaluation.metrics, text.substr(0, equals), "number"), least};
}

bool has_pck(const Evaluation& evaluation) {
  return std::any_of(evaluation.joints.begin(), evaluation.joints.end(),
                     [](const JointErrors& joint) { return joint.pck >= 0; });
}

void print_joint(const JointErrors& joint, bool with_pck) {
  const auto share = [&](std::size_t count) {
    return joint.labelled == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(joint.labelled);
  };
  std::printf("%-15s %8zu %8.3f %6.1f%% %5.1f%% %7.1f%% %6.1f%% %5.1f%%", joint.name.c_str(), joint.labelled,
              joint.distance, share(joint.good), share(joint.jitter), share(joint.inverted),
              share(joint.swapped), share(joint.missed));
  if (with_pck) std::printf(" %6.3f", joint.pck);
  std::printf("\n");
}

std::string joint_json(const JointErrors& joint) {
  std::string text = "{\"name\": " + json_string(joint.name);
  const auto add = [&](const char* name, const std::string& value) {
    text += std::string(", \"") + name + "\": " + value;
  };
  add("labelled", std::to_string(joint.labelled));
  add("good", std::to_string(joint.good));
  add("jitter", std::to_string(joint.jitter));
  add("inverted", std::to_string(joint.inverted));
  add("swapped", std::to_string(joint.swapped));
  add("missed", std::to_string(joint.missed));
  add("distance", number_text(joint.distance));
  add("pck", number_text(joint.pck));
  return text + "}";
}

void print_table(const Evaluation& evaluation) {
  std::printf("%s: %zu photos, %zu people, %zu found\n", evaluation.skeleton.c_str(), evaluation.photos,
              evaluation.people, evaluation.found);
  for (const Metric& metric : evaluation.metrics)
    std::printf("%-5s %7.3f  %s\n", metric.name.c_str(), metric.value, metric.meaning.c_str());
  std::printf("\n%-15s %8s %8s  %6s %6s %8s %7s %6s%s\n", "of found people", "labelled", "distance", "good",
              "jitter", "inverted", "swapped", "missed", has_pck(evaluation) ? "    PCK" : "");
  for (const JointErrors& joint : evaluation.joints) print_joint(joint, has_pck(evaluation));
  std::printf("%zu of %zu people found\n", evaluation.paired, evaluation.people);
}

void print_json(const Evaluation& evaluation) {
  std::string text = "{\"skeleton\": " + json_string(evaluation.skeleton) +
                     ", \"photos\": " + std::to_string(evaluation.photos) +
                     ", \"people\": " + std::to_string(evaluation.people) +
                     ", \"found\": " + std::to_string(evaluation.found) +
                     ", \"paired\": " + std::to_string(evaluation.paired) + ",\n\"metrics\": {";
  for (const Metric& metric : evaluation.metrics)
    text += (&metric == &evaluation.metrics.front() ? "" : ", ") + json_string(metric.name) + ": " +
            number_text(metric.value);
  text += "},\n\"joints\": [";
  for (const JointErrors& joint : evaluation.joints)
    text += (&joint == &evaluation.joints.front() ? "\n" : ",\n") + joint_json(joint);
  text += "],\n\"notes\": [";
  for (const std::string& note : evaluation.notes)
    text += (&note == &evaluation.notes.front() ? "" : ", ") + json_string(note);
  std::printf("%s]}\n", text.c_str());
}

int evaluate(const EvalArguments& arguments) {
  if (!(arguments.pck >= 0 && arguments.pck <= 10)) throw Error::usage("--pck takes a number from 0 to 10");
  const Evaluation evaluation = evaluate_keypoints(arguments.ground_truth, arguments.results, arguments.pck);
  std::vector<Check> checks;
  for (const std::string& text : arguments.least) checks.push_back(parse_check(text, evaluation));
  if (!arguments.plot.empty()) write_file(arguments.plot, precision_plot(evaluation));
  (arguments.json ? print_json : print_table)(evaluation);
  for (const std::string& note : evaluation.notes) say("note: " + note);
  int exit_code = kExitOk;
  for (const Check& check : checks) {
    if (check.holds()) continue;
    say(check.metric->name + " is " + number_text(check.metric->value) + ", which is below " +
        number_text(check.least));
    exit_code = kExitFailed;
  }
  return exit_code;
}

/// 1 says that a number is below its --min, so whatever keeps the numbers from being made is 2.
int eval_or_refuse(const EvalArguments& arguments) {
  try {
    return evaluate(arguments);
  } catch (const Error& error) {
    throw Error::usage(error.what());
  }
}

}  // namespace

Command eval_command() {
  return make_command<EvalArguments>(
      "eval",
      "measure results against people that were labelled by hand: COCO's numbers, errors of each joint",
      {{"RESULTS", "", "a run's output folder, or results of any form", &EvalArguments::results, true},
       {"--gt", "FILE", "the labelled people, in COCO's form: person_keypoints_val2017.json",
        &EvalArguments::ground_truth, true},
       {"--min", "NAME=VALUE", "exit status 1 if this number is lower: AP=0.7", &EvalArguments::least},
       {"--pck", "SHARE", "also joints within this share of the head (MPII's 16 joints: PCKh) or the box",
        &EvalArguments::pck},
       {"--plot", "FILE", "draw precision against recall as SVG", &EvalArguments::plot},
       {"--json", "", "as JSON", &EvalArguments::json}},
      &eval_or_refuse);
}

}  // namespace pose
