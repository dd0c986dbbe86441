#include "cli/usage.h"

#include <cstdio>

#include "base/options.h"

namespace mqttio::cli {
namespace {

/// The command that the words were for: the deepest that was chosen.
const CLI::App& chosen(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.front();
}

/// For a dash and a letter that nobody takes: a long option that begins so.
std::string long_form_of(const CLI::App& app, char letter) {
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames())
      if (name[0] == letter) return "did you mean `--" + name + "`?";
  return "see --help";
}

std::string did_you_mean(const CLI::App& app, const std::string& word) {
  if (word.starts_with("-h") && app.get_option_no_throw("--bind") != nullptr)
    return "did you mean `--help`, or `--bind ADDRESS`? `-h` is the host in client commands";
  if (word.size() > 1 && word[0] == '-' && word[1] != '-') return long_form_of(app, word[1]);
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view bare = std::string_view(word).substr(0, word.find('='));
  const std::string_view near = nearest_name(bare, views);
  return near.empty() ? "see --help" : "did you mean `" + std::string(near) + "`?";
}

}  // namespace

void set_up(CLI::App& app) { app.set_help_flag("--help", "Print this help"); }

int explain(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // help
  const CLI::App& command = chosen(app);
  const auto words = app.remaining(true);
  if (!words.empty()) {
    std::fprintf(stderr, "error[usage]: unknown argument `%s`\n   = help: %s\n", words.front().c_str(),
                 did_you_mean(command, words.front()).c_str());
  } else {
    std::fprintf(stderr, "error[usage]: %s\n   = help: see `mqttio%s --help`\n", error.what(),
                 &command == &app ? "" : (" " + command.get_name()).c_str());
  }
  return kExitUsage;
}

}  // namespace mqttio::cli
