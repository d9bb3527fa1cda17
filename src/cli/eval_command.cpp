#include <charconv>
#include <cstdio>

#include "base/json_text.h"
#include "base/lookup.h"
#include "base/number_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "pose/error.h"
#include "pose/evaluate.h"

namespace pose {
namespace {

struct EvalArguments {
  std::string results, ground_truth;
  std::vector<std::string> least;  ///< "AP=0.7"
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

void print_table(const Evaluation& evaluation) {
  std::printf("%s: %zu photos, %zu people, %zu found\n", evaluation.skeleton.c_str(), evaluation.photos,
              evaluation.people, evaluation.found);
  for (const Metric& metric : evaluation.metrics)
    std::printf("%-5s %7.3f  %s\n", metric.name.c_str(), metric.value, metric.meaning.c_str());
}

void print_json(const Evaluation& evaluation) {
  std::string text = "{\"skeleton\": " + json_string(evaluation.skeleton) +
                     ", \"photos\": " + std::to_string(evaluation.photos) +
                     ", \"people\": " + std::to_string(evaluation.people) +
                     ", \"found\": " + std::to_string(evaluation.found) + ",\n\"metrics\": {";
  for (const Metric& metric : evaluation.metrics)
    text += (&metric == &evaluation.metrics.front() ? "" : ", ") + json_string(metric.name) + ": " +
            number_text(metric.value);
  text += "},\n\"notes\": [";
  for (const std::string& note : evaluation.notes)
    text += (&note == &evaluation.notes.front() ? "" : ", ") + json_string(note);
  std::printf("%s]}\n", text.c_str());
}

int evaluate(const EvalArguments& arguments) {
  const Evaluation evaluation = evaluate_keypoints(arguments.ground_truth, arguments.results);
  std::vector<Check> checks;
  for (const std::string& text : arguments.least) checks.push_back(parse_check(text, evaluation));
  (arguments.json ? print_json : print_table)(evaluation);
  for (const std::string& note : evaluation.notes) std::fprintf(stderr, "pose: note: %s\n", note.c_str());
  int exit_code = kExitOk;
  for (const Check& check : checks) {
    if (check.holds()) continue;
    std::fprintf(stderr, "pose: %s is %s, which is below %s\n", check.metric->name.c_str(),
                 number_text(check.metric->value).c_str(), number_text(check.least).c_str());
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
      "eval", "measure results against people that were labelled by hand: COCO's ten numbers",
      {{"RESULTS", "", "a result list (--format coco, coco-eval), or a run's output folder",
        &EvalArguments::results, true},
       {"--gt", "FILE", "the labelled people, in COCO's form: person_keypoints_val2017.json",
        &EvalArguments::ground_truth, true},
       {"--min", "NAME=VALUE", "exit status 1 if this number is lower: AP=0.7", &EvalArguments::least},
       {"--json", "", "as JSON", &EvalArguments::json}},
      &eval_or_refuse);
}

}  // namespace pose
