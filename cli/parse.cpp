#include "parse.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "dts/error.hpp"
#include "dts/version.hpp"
#include "suggest.hpp"

namespace dtsctl {
namespace {

dts::Error usage_error(const std::string& what, const std::string& hint) {
  return {dts::ErrorKind::usage, what, hint};
}

/// "-f, --file FILE"; a long name without a short one is indented likewise.
std::string left_side(const Option& option) {
  std::string left = option.names.starts_with("--") ? "    " + option.names : option.names;
  if (const auto comma = left.find(','); comma != std::string::npos) left.insert(comma + 1, " ");
  return option.value.empty() ? left : left + " " + option.value;
}

std::string help_lines(std::span<const Option> options) {
  std::size_t width = 0;
  for (const Option& option : options) width = std::max(width, left_side(option).size());
  std::string text;
  for (const Option& option : options)
    text += fmt::format("  {:<{}}  {}\n", left_side(option), width, option.help);
  return text;
}

std::string main_help(std::span<const Command> commands, std::vector<Option> options) {
  std::string text =
      "usage: dtsctl [OPTIONS] COMMAND [OPTIONS]\n"
      "example: dtsctl -f shop.toml precheck\n\ncommands, in the order of a job's life:\n";
  for (const Command& command : commands)
    text += fmt::format("  {:<12} {}\n", command.name, command.summary);
  options.push_back({"-h,--help", "", "this help; dtsctl help COMMAND explains a command", {}});
  options.push_back({"--version", "", "the version", {}});
  return text + "\noptions of every command, before or after its name:\n" + help_lines(options);
}

std::string command_help(const Command& command, std::span<const Option> globals) {
  std::string summary = command.summary;
  summary.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(summary.front())));
  std::vector<Option> options = command.options;
  options.push_back({"-h,--help", "", "this help", {}});
  std::string text = fmt::format("usage: dtsctl {} {}\nexample: {}\n\n{}.\n\n{}", command.name,
                                 command.usage, command.example, summary, help_lines(options));
  text += "\noptions of every command (dtsctl help):\n ";
  for (const Option& option : globals) text += " " + option.names.substr(0, option.names.find(','));
  return text + "\n";
}

void add_option(CLI::App& app, const Option& option) {
  if (auto* const* flag = std::get_if<bool*>(&option.target))
    app.add_flag(option.names, **flag)->disable_flag_override();
  else if (auto* const* count = std::get_if<int*>(&option.target))
    app.add_flag(option.names, **count)->disable_flag_override();
  else if (auto* const* text = std::get_if<std::string*>(&option.target))
    app.add_option(option.names, **text);
  else if (!option.names.starts_with('-'))  // what follows the command
    app.add_option(option.names, *std::get<std::vector<std::string>*>(option.target));
  else
    // Without the limit one -c would swallow every word that follows it.
    app.add_option(option.names, *std::get<std::vector<std::string>*>(option.target))
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::vector<std::string> names_of(std::span<const Option> options) {
  std::vector<std::string> names{"--help"};
  for (const Option& option : options)
    for (const std::string& name : CLI::detail::split(option.names, ',')) names.push_back(name);
  return names;
}

std::vector<std::string> names_of(std::span<const Command> commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

const Command* find(std::span<const Command> commands, const std::string& name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

const Command& require(std::span<const Command> commands, const std::string& name) {
  if (const Command* command = find(commands, name)) return *command;
  throw usage_error(fmt::format("there is no command '{}'", name),
                    did_you_mean(name, names_of(commands), "dtsctl help lists the commands"));
}

/// What is wrong with an option that nothing took.
dts::Error unexpected_option(const std::string& name, const Command* command,
                             std::span<const Command> commands, std::span<const Option> globals) {
  std::vector<std::string> known = names_of(globals), owners;
  for (const Command& other : commands) {
    const std::vector<std::string> own = names_of(other.options);
    if (std::ranges::count(own, name)) owners.push_back(other.name);
    if (command == nullptr || command == &other) known.insert(known.end(), own.begin(), own.end());
  }
  if (!owners.empty() && (command == nullptr || std::ranges::count(owners, command->name)))
    return usage_error(
        fmt::format("'{}' is an option of {}, not of dtsctl itself", name, fmt::join(owners, ", ")),
        fmt::format("write it after the command: dtsctl {} {}",
                    command ? command->name : owners.front(), name));
  if (!owners.empty())
    return usage_error(fmt::format("{} has no option '{}'", command->name, name),
                       fmt::format("it is one of {}", fmt::join(owners, ", ")));
  return usage_error(
      fmt::format("unknown option '{}'", name),
      did_you_mean(name, known, command ? "dtsctl help " + command->name : "dtsctl help"));
}

/// What is wrong with a word that no option and no command took.
dts::Error unexpected(const std::string& word, const Command* command,
                      std::span<const Command> commands, std::span<const Option> globals) {
  if (word.starts_with('-') && word != "-")
    return unexpected_option(word.substr(0, word.find('=')), command, commands, globals);
  return usage_error(fmt::format("unexpected argument '{}'", word),
                     fmt::format("dtsctl help {}", command ? command->name : ""));
}

/// CLI11's messages name types and counts; ours name what to do.
dts::Error reworded(const CLI::ParseError& error) {
  const std::string what = error.what();
  const std::string option = what.substr(0, what.find_first_of(": "));
  if (what.find("flag override") != std::string::npos)
    return usage_error(fmt::format("option '--{}' takes no value", option), "dtsctl help");
  if (what.find("missing") != std::string::npos || what.find("At least") != std::string::npos)
    return usage_error(fmt::format("option '{}' needs a value", option), "dtsctl help");
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return usage_error(fmt::format("option '{}' can be given only once", option), "dtsctl help");
  return usage_error(what, "dtsctl help");
}

}  // namespace

Request parse(int argc, const char* const* argv, std::span<const Command> commands,
              GlobalOptions& options) {
  const std::vector<Option> globals = global_options(options);
  CLI::App app;
  app.fallthrough()->require_subcommand(0, 1);
  bool version = false;
  app.add_flag("--version", version);
  for (const Option& option : globals) add_option(app, option);
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name);
    for (const Option& option : command.options) add_option(*sub, option);
  }
  std::string topic;
  app.add_subcommand("help")->add_option("COMMAND", topic);
  const auto chosen = [&]() -> const Command* {
    const auto given = app.get_subcommands();
    return given.empty() ? nullptr : find(commands, given.front()->get_name());
  };
  const auto help = [&](const Command* command) {
    return command ? command_help(*command, globals) : main_help(commands, globals);
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {nullptr, help(chosen())};
  } catch (const CLI::ExtrasError&) {
    const std::string word = app.remaining(true).front();
    if (app.get_subcommands().empty() && !word.starts_with('-')) require(commands, word);
    throw unexpected(word, chosen(), commands, globals);
  } catch (const CLI::ParseError& error) {
    throw reworded(error);
  }
  if (version) return {nullptr, fmt::format("dtsctl {} (libdts {})\n", dts::version, dts::version)};
  if (app.got_subcommand("help"))
    return {nullptr, help(topic.empty() ? nullptr : &require(commands, topic))};
  if (const Command* command = chosen()) {
    if (options.files.size() > 1 && command->name != "status")
      throw usage_error("option '--file' can be given only once", "dtsctl help");
    if (!options.files.empty()) options.file = options.files.front();
    return {command, {}};
  }
  // Without a command, CLI11 gives words to whichever takes some.
  for (const Command& command : commands)
    for (const Option& option : command.options)
      if (auto* const* words = std::get_if<std::vector<std::string>*>(&option.target);
          words && !option.names.starts_with('-') && !(*words)->empty())
        require(commands, (*words)->front());
  throw usage_error("no command given", "dtsctl help lists the commands");
}

}  // namespace dtsctl
