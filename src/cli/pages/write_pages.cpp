// Writes the man page and the completions of the shells while the program is built: templates from one
// folder, with the options of the table put in, into another.

#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/switches.h"
#include "options/option_table.h"

namespace pose {
namespace {

/// What the pages say about an option of either table.
struct Entry {
  std::string group, letter, spelling, value_name, help, more;
};

/// "(default: 0.9; a number from 0 to 1)", or "".
std::string more_about(const Option& option) {
  if (option.is_switch()) return "";
  const std::string value = default_text(option), range = range_text(option);
  std::string text = value.empty() ? "" : "default: " + value;
  if (!range.empty()) text += (text.empty() ? "" : "; ") + range;
  return text.empty() ? "" : "(" + text + ")";
}

bool is_list(const Option& option) {
  RunOptions run;
  return std::holds_alternative<std::vector<std::string>*>(option.place(run));
}

Entry entry(const Option& option) {
  return {std::string(option.group), option.letter ? std::string(1, option.letter) : "",
          option.spelling(),         std::string(option.value_name) + (is_list(option) ? " ..." : ""),
          std::string(option.help),  more_about(option)};
}

Entry entry(const ProgramSwitch& row) {
  return {kSwitchGroup,
          row.letter ? std::string(1, row.letter) : "",
          "--" + std::string(row.name),
          "",
          std::string(row.help),
          ""};
}

std::vector<Entry> all_entries() {
  std::vector<Entry> entries;
  for (const Option& option : option_table()) entries.push_back(entry(option));
  for (const ProgramSwitch& row : kSwitches) entries.push_back(entry(row));
  entries.push_back(entry(kHelpSwitch));
  entries.push_back(entry(kVersionSwitch));
  return entries;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::string in_roff(const std::string& text) { return replaced(replaced(text, "\\", "\\e"), "-", "\\-"); }

/// For the inside of '...' in bash and zsh; fish wants a backslash.
std::string in_quotes(const std::string& text) { return replaced(text, "'", "'\\''"); }
std::string in_fish_quotes(const std::string& text) { return replaced(text, "'", "\\'"); }

bool is_positional(const Entry& entry) { return entry.spelling.rfind("--", 0) != 0; }

std::string man_options() {
  std::string text, group;
  for (const Entry& e : all_entries()) {
    if (e.group != group) text += ".SS " + e.group + "\n";
    group = e.group;
    text += ".TP\n\\&";
    if (!is_positional(e))
      text += "\\fB" + in_roff((e.letter.empty() ? "" : "-" + e.letter + ", ") + e.spelling) + "\\fR ";
    text += "\\fI" + in_roff(e.value_name) + "\\fR\n\\&" + in_roff(e.help) + "\n";
    if (!e.more.empty()) text += in_roff(e.more) + "\n";
  }
  text.pop_back();
  return text;
}

/// All spellings that `keep` takes, with `between` between them.
std::string spellings(const std::string& between, const std::function<bool(const Entry&)>& keep) {
  std::string text;
  for (const Entry& e : all_entries())
    if (!is_positional(e) && keep(e)) text += (text.empty() ? "" : between) + e.spelling;
  return text;
}

/// The pattern of a `case` for all options that take a `value_name`.
std::string case_pattern(const std::string& value_name) {
  return spellings("|", [&](const Entry& e) { return e.value_name.rfind(value_name, 0) == 0; });
}

std::string bash_options() {
  return spellings(" ", [](const Entry&) { return true; });
}

std::string zsh_options() {
  std::string text;
  for (const Entry& e : all_entries())
    if (!is_positional(e))
      text += (text.empty() ? "    '" : "\n    '") + e.spelling + ":" + in_quotes(e.help) + "'";
  return text;
}

/// What fish offers as the value.
std::string fish_value(const Entry& e) {
  if (e.value_name.empty()) return "";
  if (e.value_name == "CARD") return " -x -a \"(pose models 2>/dev/null | string match -r '^[a-z][^ ]+')\"";
  if (e.value_name.rfind("DIR", 0) == 0) return " -x -a '(__fish_complete_directories)'";
  return e.value_name.rfind("FILE", 0) == 0 ? " -r -F" : " -x";
}

std::string fish_options() {
  std::string text;
  for (const Entry& e : all_entries())
    if (!is_positional(e))
      text += (text.empty() ? "" : "\n") + ("complete -c pose -l " + e.spelling.substr(2)) +
              (e.letter.empty() ? "" : " -s " + e.letter) + fish_value(e) + " -d '" + in_fish_quotes(e.help) +
              "'";
  return text;
}

bool is_inner(const Command& command) { return command.name.find(' ') != std::string::npos; }

std::string command_names() {
  std::string text;
  for (const Command& command : commands())
    if (!is_inner(command)) text += (text.empty() ? "" : " ") + command.name;
  return text;
}

/// "\fB--from\fR \fIURL|FILE\fR".
std::string man_argument(const Argument& argument) {
  if (argument.name[0] != '-') return "\\fI" + in_roff(argument.name) + "\\fR";
  const std::string value =
      argument.value_name.empty() ? "" : " \\fI" + in_roff(argument.value_name) + "\\fR";
  return "\\fB" + in_roff(argument.name) + "\\fR" + value;
}

std::string man_synopsis() {
  std::string text;
  for (const Command& command : commands()) {
    text += ".br\n\\fBpose " + in_roff(command.name) + "\\fR";
    for (const Argument& argument : command.arguments)
      text += argument.required ? " " + man_argument(argument) : " [" + man_argument(argument) + "]";
    text += "\n";
  }
  text.pop_back();
  return text;
}

std::string man_commands() {
  std::string text;
  for (const Command& command : commands()) {
    text += ".SS " + in_roff(command.name) + "\n\\&" + in_roff(command.help) + "\n";
    for (const Argument& argument : command.arguments)
      text += ".TP\n\\&" + man_argument(argument) + "\n\\&" + in_roff(argument.help) + "\n";
  }
  text.pop_back();
  return text;
}

struct Page {
  std::string name;
  std::string (*options)();
};
const Page kPages[]{{"pose.1", &man_options},
                    {"pose.bash", &bash_options},
                    {"_pose", &zsh_options},
                    {"pose.fish", &fish_options}};

void write_page(const Page& page, const std::string& templates, const std::string& folder) {
  std::ifstream in(templates + "/" + page.name + ".in", std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (text.find("@OPTIONS@") == std::string::npos)
    throw std::runtime_error(page.name + ".in: no @OPTIONS@ in it");
  text = replaced(text, "@OPTIONS@", page.options());
  text = replaced(text, "@SYNOPSIS@", man_synopsis());
  text = replaced(text, "@COMMANDS@", man_commands());
  text = replaced(text, "@COMMAND_NAMES@", command_names());
  text = replaced(text, "@CARD_OPTIONS@", case_pattern("CARD"));
  text = replaced(text, "@DIR_OPTIONS@", case_pattern("DIR"));
  std::ofstream out(folder + "/" + page.name, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + folder + "/" + page.name);
}

}  // namespace
}  // namespace pose

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("usage: pose_write_pages TEMPLATES FOLDER");
    for (const pose::Page& page : pose::kPages) pose::write_page(page, argv[1], argv[2]);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "pose_write_pages: %s\n", e.what());
    return 1;
  }
}
