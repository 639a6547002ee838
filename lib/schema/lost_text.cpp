#include "schema/lost_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "db/server_objects.hpp"
#include "db/tokens.hpp"

namespace dts {

namespace {

struct Replacement {
  std::string_view of;  ///< in the text
  std::string by;
};

bool is_lossy(const Token& token) {
  return token.kind == TokenKind::string && token.text.find('?') != std::string_view::npos;
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

bool holds_bytes(std::string_view type) {
  static constexpr std::array names = {"binary", "varbinary",  "tinyblob",
                                       "blob",   "mediumblob", "longblob"};
  for (std::string_view name : names)
    if (type == name) return true;
  return false;
}

std::string in_quotes(std::string_view text) {
  std::string result;
  append_quoted(result, text);
  return result;
}

/// The text of a member of an ENUM or SET.
std::string member(Connection& connection, const TableName& table, std::string_view column,
                   std::uint64_t value) {
  const Sql question = member_text(connection, table, column, value);
  if (question.text().empty())
    throw Error(connection.side() == Side::source ? ErrorKind::source : ErrorKind::target,
                fmt::format("cannot read the members of '{}'.{}: this server writes '?' for what "
                            "has four bytes in UTF-8, or there is a '?' in one",
                            to_string(table), column),
                "create the table on the target by hand, with schema.existing_tables = \"keep\"");
  return connection.value(question).value_or("");
}

/// The default of a column, as a literal. It is asked of a row of our own, which has the column's
/// type and default: the table may have no row, and a column that is NOT NULL has no value without
/// one.
std::string default_of(Connection& connection, const TableName& table, std::string_view column,
                       bool bytes) {
  const Sql value = sql("DEFAULT(d.{})", Name{column});
  auto text = connection.value(sql(
      "SELECT {} FROM (SELECT t.{} FROM (SELECT 1) AS one LEFT JOIN {} AS t ON FALSE LIMIT 1) AS d",
      bytes ? value : sql("CONVERT({} USING utf8mb4)", value), Name{column}, table));
  if (!bytes) return in_quotes(text.value_or(""));
  std::string literal;
  append_hex(literal, text.value_or(""));
  return literal;
}

/// The column definition in [first, last): "`name` enum ( 'a' , 'b' ) ... DEFAULT 'a' ..."
void restore_column(Connection& connection, const TableName& table,
                    const std::vector<Token>& tokens, std::size_t first, std::size_t last,
                    std::vector<Replacement>& replacements) {
  const std::string column = name_of(tokens[first]);
  const std::string_view type = tokens[first + 1].text;
  std::size_t i = first + 2;
  if (type == "enum" || type == "set") {
    std::uint64_t position = 0;
    for (; i < last && !is_symbol(tokens[i], ')'); ++i) {
      if (tokens[i].kind != TokenKind::string) continue;
      const std::uint64_t value = type == "enum" ? position + 1 : std::uint64_t{1} << position;
      ++position;
      if (is_lossy(tokens[i]))
        replacements.push_back(
            {tokens[i].text, in_quotes(member(connection, table, column, value))});
    }
  }
  const bool bytes = holds_bytes(type);
  for (; i + 1 < last; ++i) {
    if (!is_word(tokens[i], "DEFAULT") || tokens[i + 1].kind != TokenKind::string) continue;
    if (is_lossy(tokens[i + 1]) || (bytes && !is_ascii(tokens[i + 1].text)))
      replacements.push_back({tokens[i + 1].text, default_of(connection, table, column, bytes)});
  }
}

std::vector<Replacement> replacements_in(Connection& connection, const TableName& table,
                                         const std::string& create) {
  const std::vector<Token> tokens = tokenize(create);
  std::vector<Replacement> replacements;
  int depth = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool opens = is_symbol(tokens[i], '('), closes = is_symbol(tokens[i], ')');
    if (closes) --depth;
    const bool ends = (depth == 1 && is_symbol(tokens[i], ',')) || (depth == 0 && closes);
    if (ends && first + 2 < i && tokens[first].kind == TokenKind::quoted)
      restore_column(connection, table, tokens, first, i, replacements);
    if (ends || (opens && depth == 0)) first = i + 1;
    if (opens) ++depth;
    if (depth == 0 && closes) break;  // table options and partitions follow
  }
  return replacements;
}

}  // namespace

std::string with_lost_text(Connection& connection, const TableName& table, std::string create) {
  if (create.find('?') == std::string::npos && is_ascii(create)) return create;
  std::string result;
  const char* from = create.data();
  for (const Replacement& part : replacements_in(connection, table, create)) {
    result.append(from, part.of.data());
    result += part.by;
    from = part.of.data() + part.of.size();
  }
  result.append(create, static_cast<std::size_t>(from - create.data()));
  return result;
}

}  // namespace dts
