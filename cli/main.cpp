#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <malloc.h>

#include "command.hpp"
#include "interrupt.hpp"
#include "parse.hpp"
#include "session.hpp"

namespace {

using namespace dtsctl;

/// The one place where kinds of errors become exit codes; dtsctl(1) lists them.
int exit_code(dts::ErrorKind kind) {
  switch (kind) {
    case dts::ErrorKind::source:
    case dts::ErrorKind::target:
      return 1;
    case dts::ErrorKind::usage:
      return 2;
    case dts::ErrorKind::precheck:
      return 3;
    case dts::ErrorKind::state:
      return 4;
    case dts::ErrorKind::locked:
      return 5;
    case dts::ErrorKind::connect:
      return 6;
    case dts::ErrorKind::interrupted:
      return 130;
  }
  return 1;
}

int fail(dts::Error error, bool json, Terminal& err) {
  if (error.kind() == dts::ErrorKind::interrupted && error.hint().empty())
    error = {error.kind(), error.what(), "the same command goes on from here"};
  show_error(error, exit_code(error.kind()), json, err);
  return exit_code(error.kind());
}

/// sync takes and frees memory all the time, some tens of MiB; to give it back and fetch it again costs a
/// sixth of its CPU time.
void keep_memory() {
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

/// Runs the command between a first and a last line in the log.
int run_logged(const Command& command, Session& session, Log& log) {
  log.write("info", "started");
  try {
    const int code = command.run(session);
    log.write("info", fmt::format("ended with exit code {}", code),
              json::Object().add("exit_code", code));
    return code;
  } catch (const dts::Error& error) {
    log.write("error", error.what(), error_facts(error).add("exit_code", exit_code(error.kind())));
    throw;
  } catch (const std::exception& error) {
    log.write("error", error.what());
    throw;
  }
}

int run(const Command& command, const GlobalOptions& options, Terminal& out, Terminal& err) {
  Interrupt interrupt(command.phase && !options.json && !options.quiet);
  try {
    Log log(options.log, command.name);
    const auto report = options.json ? make_json_report(out, err, log, options, command.phase)
                                     : make_text_report(out, err, log, options);
    Session session{options, *report, interrupt.token()};
    return run_logged(command, session, log);
  } catch (const dts::Error& error) {
    return fail(error, options.json, err);
  } catch (const std::exception& error) {
    // Of no kind that is known to have to do with a server: a bug, or no memory or disk left.
    show_error({dts::ErrorKind::target, fmt::format("internal error: {}", error.what())}, 1,
               options.json, err);
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory();
  const std::vector<Command> commands{precheck_command(), init_schema_command(),
                                      init_data_command(), sync_command(), status_command()};
  GlobalOptions options;
  Request request;
  int code = 0;
  try {
    request = parse(argc, argv, commands, options);
  } catch (const dts::Error& error) {
    // The parser may have stopped before it came to --json.
    const bool json = std::any_of(argv, argv + argc,
                                  [](const char* arg) { return std::strcmp(arg, "--json") == 0; });
    Terminal err(stderr, options.no_color);
    return fail(error, json, err);
  }
  Terminal out(stdout, options.no_color), err(stderr, options.no_color);
  if (request.command == nullptr)
    out.write(request.text);
  else
    code = run(*request.command, options, out, err);
  // Who reads through head(1) has seen enough; that is no failure.
  if (out.failed() == 0 || out.failed() == EPIPE) return code;
  const dts::Error error(dts::ErrorKind::source,
                         fmt::format("cannot write the output: {}", std::strerror(out.failed())));
  return code != 0 ? code : fail(error, options.json, err);
}
