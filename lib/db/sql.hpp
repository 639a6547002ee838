#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

#include "db/value.hpp"
#include "dts/objects.hpp"

namespace dts {

/// Text that may be sent to a server. It is composed by sql() from typed parts only; a plain string
/// does not compile, so nothing is sent unquoted by mistake.
class Sql {
 public:
  Sql() = default;
  /// Text that is SQL already: a literal of ours, or something the server itself wrote.
  static Sql verbatim(std::string text) {
    Sql result;
    result.text_ = std::move(text);
    return result;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// An identifier: written in backticks.
struct Name {
  std::string_view text;
};

/// A string constant of ours, in UTF-8: written in quotes.
struct Text {
  std::string_view text;
};

/// How text of a character set travels in a statement of a utf8mb4 connection.
enum class TextForm : std::uint8_t {
  plain,    ///< '...': utf8mb4, utf8mb3, ascii
  escaped,  ///< _latin1'...': single-byte sets
  hex,      ///< _sjis x'...': sets whose bytes may look like quotes or backslashes
};
TextForm text_form(std::string_view charset);

/// Appends `name` in backticks.
void append_name(std::string& to, std::string_view name);
void append_name(std::string& to, const TableName& name);
/// Appends `text` with quotes, backslashes, NUL, newline and Ctrl-Z escaped. For sessions without
/// NO_BACKSLASH_ESCAPES.
void append_quoted(std::string& to, std::string_view text);
void append_hex(std::string& to, std::string_view bytes);
/// Appends a value as a literal; `charset` is the column's and counts for ValueKind::text only.
void append_literal(std::string& to, const Value& value, std::string_view charset, TextForm form);

template <class T>
concept SqlPart = std::same_as<T, Sql> || std::same_as<T, Name> || std::same_as<T, Text> ||
                  std::same_as<T, TableName> || std::integral<T>;

/// sql("SELECT {} FROM {} WHERE a = {}", columns, table, Text{"x"})
template <SqlPart... A>
Sql sql(fmt::format_string<const A&...> text, const A&... parts) {
  return Sql::verbatim(fmt::format(text, parts...));
}

}  // namespace dts

namespace dts::detail {
struct PlainFormatter {
  constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
};
}  // namespace dts::detail

template <>
struct fmt::formatter<dts::Sql> : dts::detail::PlainFormatter {
  template <class C>
  auto format(const dts::Sql& part, C& context) const {
    return fmt::format_to(context.out(), "{}", part.text());
  }
};
template <>
struct fmt::formatter<dts::Name> : dts::detail::PlainFormatter {
  template <class C>
  auto format(const dts::Name& part, C& context) const {
    std::string text;
    dts::append_name(text, part.text);
    return fmt::format_to(context.out(), "{}", text);
  }
};
template <>
struct fmt::formatter<dts::Text> : dts::detail::PlainFormatter {
  template <class C>
  auto format(const dts::Text& part, C& context) const {
    std::string text;
    dts::append_quoted(text, part.text);
    return fmt::format_to(context.out(), "{}", text);
  }
};
template <>
struct fmt::formatter<dts::TableName> : dts::detail::PlainFormatter {
  template <class C>
  auto format(const dts::TableName& part, C& context) const {
    std::string text;
    dts::append_name(text, part);
    return fmt::format_to(context.out(), "{}", text);
  }
};
