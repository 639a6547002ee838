#include "apply/ddl_columns.hpp"

#include <algorithm>
#include <array>

namespace dts {

namespace {

/// Reads clauses between commas.
struct Clauses {
  const std::vector<Token>& tokens;
  std::vector<std::size_t> found = {};

  bool at(std::size_t i, std::string_view word) const {
    return i < tokens.size() && is_word(tokens[i], word);
  }
  bool is_symbol_at(std::size_t i, char symbol) const {
    return i < tokens.size() && is_symbol(tokens[i], symbol);
  }

  /// Calls `take` with the first token of each clause in [from, to).
  template <class Take>
  void each(std::size_t from, std::size_t to, const Take& take) const {
    int depth = 0;
    bool is_first = true;
    for (std::size_t i = from; i < to; ++i) {
      if (is_first) take(i);
      is_first = depth == 0 && is_symbol(tokens[i], ',');
      if (is_symbol(tokens[i], '(')) ++depth;
      if (is_symbol(tokens[i], ')')) --depth;
    }
  }

  /// Behind the parenthesis that closes the one at `open`.
  std::size_t behind(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < tokens.size(); ++i) {
      if (is_symbol(tokens[i], '(')) ++depth;
      if (is_symbol(tokens[i], ')') && --depth == 0) return i + 1;
    }
    return tokens.size();
  }

  /// Whether a key, a constraint or the like begins there, and no column.
  bool begins_another(std::size_t i) const {
    static constexpr std::array words = {"PRIMARY",  "UNIQUE",  "KEY",        "INDEX",
                                         "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN",
                                         "CHECK",    "LIKE",    "SELECT",     "PARTITION"};
    if (std::any_of(words.begin(), words.end(), [&](const char* word) { return at(i, word); }))
      return true;
    return (at(i, "PERIOD") && at(i + 1, "FOR")) || (at(i, "SYSTEM") && at(i + 1, "VERSIONING")) ||
           (at(i, "VECTOR") && (at(i + 1, "INDEX") || at(i + 1, "KEY")));
  }

  void add(std::size_t i) {
    if (i >= tokens.size() || begins_another(i)) return;
    if (tokens[i].kind == TokenKind::quoted || tokens[i].kind == TokenKind::word)
      found.push_back(i);
  }

  void add_list(std::size_t open) {
    each(open + 1, behind(open) - 1, [&](std::size_t i) { add(i); });
  }

  std::size_t behind_options(std::size_t i) const {
    if (at(i, "COLUMN")) ++i;
    while (at(i, "IF") || at(i, "NOT") || at(i, "EXISTS")) ++i;
    return i;
  }

  void alter(std::size_t i) {
    if (at(i, "ADD")) {
      const std::size_t name = behind_options(i + 1);
      return is_symbol_at(name, '(') ? add_list(name) : add(name);
    }
    if (at(i, "MODIFY")) return add(behind_options(i + 1));
    if (at(i, "CHANGE")) return add(behind_options(i + 1) + 1);
    if (!at(i, "RENAME") || !at(i + 1, "COLUMN")) return;
    const std::size_t name = behind_options(i + 1);
    if (at(name + 1, "TO")) add(name + 2);
  }
};

}  // namespace

std::vector<std::size_t> declared_columns(const std::vector<Token>& tokens, const std::string& kind,
                                          std::size_t from) {
  Clauses clauses{tokens};
  if (kind == "create-table" && clauses.is_symbol_at(from, '('))
    clauses.add_list(from);
  else if (kind == "alter-table")
    clauses.each(from, tokens.size(), [&](std::size_t i) { clauses.alter(i); });
  return clauses.found;
}

}  // namespace dts
