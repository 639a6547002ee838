#include "dts/endpoint.hpp"

#include <sys/wait.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "dts/error.hpp"

namespace dts {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// All of a small file; `what` names it in complaints.
std::string read_all(const std::filesystem::path& path, const char* what) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  std::string text;
  if (file) {
    char buffer[4096];
    while (const auto got = std::fread(buffer, 1, sizeof buffer, file.get()))
      text.append(buffer, got);
  }
  if (!file || std::ferror(file.get()))
    throw Error(ErrorKind::usage, fmt::format("cannot read the {} '{}': {}", what, path.string(),
                                              std::strerror(errno)));
  return text;
}

std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::string read_password_file(const std::filesystem::path& path) {
  const std::string text = read_all(path, "password file");
  if (text.empty())
    throw Error(ErrorKind::usage,
                fmt::format("cannot use the password file '{}': it is empty", path.string()));
  return first_line(text);
}

std::string run_password_command(const std::string& command) {
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::usage,
                fmt::format("cannot use the password command '{}': {}", command, why));
  };
  std::fflush(nullptr);
  std::FILE* pipe = ::popen(command.c_str(), "re");
  if (!pipe) fail(std::strerror(errno));
  // Read to the end: a command that is cut off would fail by SIGPIPE.
  std::string text;
  char buffer[4096];
  while (const auto got = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, got);
  const int status = ::pclose(pipe);
  if (status == -1) fail(std::strerror(errno));
  if (WIFSIGNALED(status)) fail(fmt::format("it was ended by signal {}", WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    fail(fmt::format("it ended with exit status {}", WEXITSTATUS(status)));
  if (text.empty()) fail("it printed nothing");
  return first_line(text);
}

// The option file is read as the server's own client programs read it (mysys/my_default.c).

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\f\v");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\f\v") - first + 1);
}

/// Cuts off a comment: from the first # that is not in quotes.
std::string_view without_comment(std::string_view text) {
  char quote = 0;
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '\'' || c == '"') && !escaped) {
      if (!quote)
        quote = c;
      else if (quote == c)
        quote = 0;
    }
    if (!quote && c == '#') return text.substr(0, i);
    escaped = quote && c == '\\' && !escaped;
  }
  return text;
}

std::string option_value(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.front() == text.back())
    text = text.substr(1, text.size() - 2);
  static constexpr std::string_view codes = "ntrbs\"'\\", bytes = "\n\t\r\b \"'\\";
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = text[i] == '\\' && i + 1 < text.size() ? codes.find(text[i + 1]) : codes.npos;
    if (code != codes.npos) ++i;
    value += code != codes.npos ? bytes[code] : text[i];
  }
  return value;
}

struct Login {
  std::optional<std::string> user, password;
};

Login read_option_file(const std::filesystem::path& path, const std::string& group) {
  const std::string text = read_all(path, "option file");
  Login login;
  bool found = false, inside = false;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto line = trim(rest.substr(0, end));
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';' || line.front() == '!') continue;
    if (line.front() == '[') {
      inside = trim(line.substr(1, line.find(']') - 1)) == group;
      found = found || inside;
      continue;
    }
    const auto setting = without_comment(line);
    const auto equals = setting.find('=');
    if (!inside || equals == setting.npos) continue;
    const auto key = trim(setting.substr(0, equals));
    if (key == "user") login.user = option_value(trim(setting.substr(equals + 1)));
    if (key == "password") login.password = option_value(trim(setting.substr(equals + 1)));
  }
  if (!found)
    throw Error(ErrorKind::usage, fmt::format("cannot use the option file '{}': there is no [{}]",
                                              path.string(), group));
  return login;
}

}  // namespace

std::optional<HostPort> parse_host_port(std::string_view text) {
  HostPort parsed;
  std::string_view port;
  const auto bracket = text.rfind(']'), colon = text.rfind(':');
  if (text.starts_with('[') && bracket != text.npos) {
    parsed.host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
  } else if (colon != text.npos && text.find(':') == colon) {
    parsed.host = text.substr(0, colon);
    port = text.substr(colon);
  } else {  // also an IPv6 address without a port
    parsed.host = text;
  }
  if (parsed.host.empty()) return std::nullopt;
  if (port.empty()) return parsed;
  const char* end = port.data() + port.size();
  const auto [stopped, error] = std::from_chars(port.data() + 1, end, parsed.port);
  if (port[0] != ':' || error != std::errc() || stopped != end || parsed.port == 0)
    return std::nullopt;
  return parsed;
}

std::string to_string(const Endpoint& endpoint) {
  const std::string account = endpoint.user.empty() ? std::string() : endpoint.user + "@";
  if (!endpoint.socket.empty()) return account + endpoint.socket.string();
  // An IPv6 address has colons of its own.
  const bool bracketed = endpoint.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}{}:{}", account, bracketed ? "[" : "", endpoint.host,
                     bracketed ? "]" : "", endpoint.port);
}

namespace {

void find_password(Endpoint& endpoint, const char* variable,
                   const std::function<std::string(std::string_view)>& prompt) {
  Login login;
  if (!endpoint.option_file.empty())
    login = read_option_file(endpoint.option_file, endpoint.option_group);
  if (endpoint.user.empty() && login.user) endpoint.user = *login.user;

  const char* from_environment = variable ? std::getenv(variable) : nullptr;
  if (endpoint.password_given || !endpoint.password.empty()) return;
  if (!endpoint.password_file.empty()) {
    endpoint.password = read_password_file(endpoint.password_file);
  } else if (!endpoint.password_command.empty()) {
    endpoint.password = run_password_command(endpoint.password_command);
  } else if (from_environment) {
    endpoint.password = from_environment;
  } else if (login.password) {
    endpoint.password = *login.password;
  } else if (prompt) {
    endpoint.password = prompt(to_string(endpoint));
  }
}

}  // namespace

void resolve_password(Endpoint& endpoint, const char* variable,
                      const std::function<std::string(std::string_view)>& prompt) {
  find_password(endpoint, variable, prompt);
  if (endpoint.password.find('\0') != std::string::npos)
    throw Error(ErrorKind::usage, fmt::format("cannot use the password of {}: it has a zero byte, "
                                              "as if it were no text",
                                              to_string(endpoint)));
}

}  // namespace dts
