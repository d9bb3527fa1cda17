#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace pose {

/// An argument of a command, bound to where its value goes.
struct Argument {
  /// "FILE" is positional, "--json" is named; "-q,--quiet" has a short form.
  std::string name;
  std::string value_name;  ///< "FILE", "DIR" ...; "" for switches and positional ones
  std::string help;
  bool required = false;
  std::variant<bool*, int*, double*, std::string*, std::vector<std::string>*> place;
};

/// A row of the table of commands: parser, help, man page and completions know no other description.
struct Command {
  std::string name;  ///< "inspect"; "models get" is below "models"
  std::string help;
  std::vector<Argument> arguments;
  std::function<int()> run;  ///< returns the exit code, throws `Error` for what makes the command fail
};

/// An argument as a command writes it: its place is a member of the command's own struct `Values`.
template <typename Values>
struct Field {
  std::string name, value_name, help;
  std::variant<bool Values::*, int Values::*, double Values::*, std::string Values::*,
               std::vector<std::string> Values::*>
      member;
  bool required = false;
};

/// Makes a row; commands that share `values` share what was given before the inner one's name.
template <typename Values>
Command make_command(std::string name, std::string help, const std::vector<Field<Values>>& fields,
                     int (*run)(const Values&), std::shared_ptr<Values> values = std::make_shared<Values>()) {
  Command command{std::move(name), std::move(help), {}, [values, run] { return run(*values); }};
  for (const Field<Values>& field : fields) {
    Argument argument{field.name, field.value_name, field.help, field.required, {}};
    std::visit([&](auto member) { argument.place = &(values.get()->*member); }, field.member);
    command.arguments.push_back(std::move(argument));
  }
  return command;
}

}  // namespace pose
