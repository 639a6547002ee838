#pragma once

#include <cstdio>
#include <stop_token>
#include <string>
#include <string_view>

namespace dtsctl {

enum class Style { plain, good, warning, bad, strong, faint };

/// One output stream, and what may be done on it: decided once, here.
class Terminal {
 public:
  Terminal(std::FILE* stream, bool no_color);

  /// Whether a person watches and lines may be redrawn.
  bool is_tty() const { return tty_; }
  /// Columns and rows as they are now; 80 and 24 where there is no terminal.
  int width() const;
  int height() const;
  /// The text, coloured where that is allowed.
  std::string paint(Style style, std::string_view text) const;

  /// Writes text as it is and flushes. A failed write is remembered, not thrown.
  void write(std::string_view text);
  /// Writes a line above the status line, if there is one.
  void line(std::string_view text);
  /// Replaces the overwritable lines, each cut to the width. Does nothing without a terminal.
  void status(std::string_view text);
  void clear_status();
  /// Redraws the whole screen from the top; lines that don't fit are left out.
  void screen(std::string_view text);

  /// The errno of the first write that failed; EPIPE: the reader has gone. Or 0.
  int failed() const { return failed_; }

 private:
  std::string to_first_line() const;

  std::FILE* stream_;
  bool tty_, color_;
  int status_lines_ = 0;
  int failed_ = 0;
};

/// Columns that the text takes on a terminal: wide characters take two, combining ones none.
int columns(std::string_view utf8);
/// The text cut to `width` columns, with "..." where something is missing.
std::string elide(std::string_view utf8, int width);
/// The text with control characters as "\x1b": names and server messages are not ours.
std::string printable(std::string_view text);

/// Whether someone can be asked: both the question and the answer go over a terminal.
bool can_ask();
/// Asks on stderr and reads a line from stdin; with `secret` without echo. Throws
/// Error{interrupted} on a stop request or at the end of the input.
std::string ask(std::string_view question, bool secret, const std::stop_token& stop);

}  // namespace dtsctl
