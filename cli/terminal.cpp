#include "terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

#include "dts/error.hpp"

namespace dtsctl {
namespace {

bool set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || *term == '\0' || std::strcmp(term, "dumb") == 0;
}

/// The character at the front and its length in bytes; a byte that begins none stands for itself.
std::pair<char32_t, std::size_t> front(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length == 1 || length > text.size()) return {first, 1};
  char32_t code = first & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {first, 1};
    code = code << 6 | (byte(i) & 0x3f);
  }
  return {code, length};
}

int columns(char32_t code) {
  if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f)) return 0;
  static constexpr std::array<std::pair<char32_t, char32_t>, 9> wide{{{0x1100, 0x115f},
                                                                      {0x2e80, 0xa4cf},
                                                                      {0xac00, 0xd7a3},
                                                                      {0xf900, 0xfaff},
                                                                      {0xfe30, 0xfe6f},
                                                                      {0xff00, 0xff60},
                                                                      {0xffe0, 0xffe6},
                                                                      {0x1f300, 0x1faff},
                                                                      {0x20000, 0x3fffd}}};
  return std::ranges::any_of(wide, [&](auto r) { return code >= r.first && code <= r.second; }) ? 2
                                                                                                : 1;
}

winsize size_of(std::FILE* stream, bool tty) {
  winsize size{};
  if (!tty || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0) size = {};
  if (size.ws_col == 0) size.ws_col = 80;
  if (size.ws_row == 0) size.ws_row = 24;
  return size;
}

/// Turns echo off until it goes.
class NoEcho {
 public:
  NoEcho() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~NoEcho() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

std::string read_line(const std::stop_token& stop) {
  std::string line;
  for (;;) {
    if (stop.stop_requested()) throw dts::Error(dts::ErrorKind::interrupted, "interrupted");
    // Signals are blocked in this thread, so the read itself would never notice a Ctrl-C.
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, 100) <= 0) continue;
    char c = 0;
    const ssize_t n = read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw dts::Error(dts::ErrorKind::interrupted, "no answer: the input has ended");
    if (c == '\n') return line;
    line += c;
  }
}

}  // namespace

Terminal::Terminal(std::FILE* stream, bool no_color)
    : stream_(stream),
      tty_(isatty(fileno(stream)) == 1 && !dumb()),
      color_(tty_ && !no_color && !set("NO_COLOR")) {}

int Terminal::width() const {
  return size_of(stream_, tty_).ws_col;
}

int Terminal::height() const {
  return size_of(stream_, tty_).ws_row;
}

std::string Terminal::paint(Style style, std::string_view text) const {
  static constexpr std::array codes{"", "32", "33", "31", "1", "2"};
  if (!color_ || style == Style::plain) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m", codes[static_cast<std::size_t>(style)], text);
}

void Terminal::write(std::string_view text) {
  errno = 0;
  const bool ok =
      std::fwrite(text.data(), 1, text.size(), stream_) == text.size() && std::fflush(stream_) == 0;
  if (!ok && failed_ == 0) failed_ = errno;
}

void Terminal::line(std::string_view text) {
  clear_status();
  write(fmt::format("{}\n", text));
}

void Terminal::status(std::string_view text) {
  if (!tty_) return;
  std::string out = to_first_line();
  int lines = 0;
  for (; !text.empty(); ++lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    // A full last column would wrap on some terminals.
    out += fmt::format("{}{}\033[K", lines > 0 ? "\n" : "", elide(text.substr(0, end), width() - 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  write(out + "\033[J");
  status_lines_ = lines;
}

void Terminal::clear_status() {
  if (status_lines_ == 0) return;
  write(to_first_line() + "\033[J");
  status_lines_ = 0;
}

/// The cursor is left in the last one.
std::string Terminal::to_first_line() const {
  return status_lines_ > 1 ? fmt::format("\r\033[{}A", status_lines_ - 1) : "\r";
}

void Terminal::screen(std::string_view text) {
  std::string out = "\033[H";
  for (int row = 1, rows = height(); row < rows && !text.empty(); ++row) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.append(text.substr(0, end)).append("\033[K\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  write(out + "\033[J");
}

int columns(std::string_view utf8) {
  int sum = 0;
  while (!utf8.empty()) {
    const auto [code, length] = front(utf8);
    sum += columns(code);
    utf8.remove_prefix(length);
  }
  return sum;
}

std::string elide(std::string_view utf8, int width) {
  if (columns(utf8) <= width) return std::string(utf8);
  const int room = std::max(width - 3, 0);
  std::string out;
  for (int used = 0; !utf8.empty();) {
    const auto [code, length] = front(utf8);
    if ((used += columns(code)) > room) break;
    out.append(utf8.substr(0, length));
    utf8.remove_prefix(length);
  }
  return out.append("...", static_cast<std::size_t>(std::clamp(width, 0, 3)));
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code, length] = front(text);
    // Some terminals obey U+0080 to U+009F as well; a byte from 0x80 on that stands alone is not
    // UTF-8.
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x80 && length == 1))
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(code));
    else
      out.append(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

bool can_ask() {
  return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

std::string ask(std::string_view question, bool secret, const std::stop_token& stop) {
  std::fwrite(question.data(), 1, question.size(), stderr);
  std::fflush(stderr);
  if (!secret) return read_line(stop);
  struct NewLine {
    ~NewLine() { std::fputc('\n', stderr); }
  } new_line;
  NoEcho silent;
  return read_line(stop);
}

}  // namespace dtsctl
