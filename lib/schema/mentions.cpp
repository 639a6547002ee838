#include "schema/mentions.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace dts {

namespace {

using Words = std::initializer_list<const char*>;

// Reserved by all servers, so that no bare one is a name. One that is missing here is taken for a
// name, which is on the safe side.
constexpr std::array reserved = {"ADD",        "ALL",       "ALTER",
                                 "AND",        "AS",        "ASC",
                                 "BEFORE",     "BETWEEN",   "BY",
                                 "CALL",       "CASE",      "CHANGE",
                                 "CHARACTER",  "CHECK",     "COLLATE",
                                 "COLUMN",     "CONDITION", "CONSTRAINT",
                                 "CREATE",     "CROSS",     "CURSOR",
                                 "DATABASE",   "DECLARE",   "DEFAULT",
                                 "DELETE",     "DESC",      "DISTINCT",
                                 "DIV",        "DROP",      "EACH",
                                 "ELSE",       "EXISTS",    "EXPLAIN",
                                 "FALSE",      "FETCH",     "FOR",
                                 "FORCE",      "FOREIGN",   "FROM",
                                 "FULLTEXT",   "GRANT",     "GROUP",
                                 "HAVING",     "IF",        "IGNORE",
                                 "IN",         "INDEX",     "INNER",
                                 "INOUT",      "INSERT",    "INTERVAL",
                                 "INTO",       "IS",        "ITERATE",
                                 "JOIN",       "KEY",       "KEYS",
                                 "LEAVE",      "LEFT",      "LIKE",
                                 "LIMIT",      "LOCK",      "LOOP",
                                 "MATCH",      "MOD",       "NATURAL",
                                 "NOT",        "NULL",      "ON",
                                 "OPTION",     "OR",        "ORDER",
                                 "OUT",        "OUTER",     "PRIMARY",
                                 "PROCEDURE",  "RANGE",     "READ",
                                 "REFERENCES", "RELEASE",   "RENAME",
                                 "REPEAT",     "REPLACE",   "RETURN",
                                 "REVOKE",     "RIGHT",     "SCHEMA",
                                 "SELECT",     "SET",       "SHOW",
                                 "SIGNAL",     "SQL",       "STRAIGHT_JOIN",
                                 "TABLE",      "THEN",      "TO",
                                 "TRIGGER",    "TRUE",      "UNION",
                                 "UNIQUE",     "UNSIGNED",  "UPDATE",
                                 "USE",        "USING",     "VALUES",
                                 "WHEN",       "WHERE",     "WHILE",
                                 "WITH",       "WRITE",     "XOR"};

class Scanner {
 public:
  explicit Scanner(const Pieces& pieces) : pieces_(pieces) {}

  std::vector<Mention> run(std::size_t from) {
    for (std::size_t i = from; i < pieces_.size();) i = step(i);
    return std::move(mentions_);
  }

 private:
  /// Between parentheses.
  struct Level {
    bool tables = false;  ///< a comma is followed by a table
    bool order = false;
    std::size_t opener = 0;  ///< the piece before the parenthesis
  };

  bool word(std::size_t i, Words words) const {
    return i < pieces_.size() && std::any_of(words.begin(), words.end(),
                                             [&](const char* w) { return is_word(pieces_[i], w); });
  }
  bool symbol(std::size_t i, char c) const {
    return i < pieces_.size() && is_symbol(pieces_[i], c);
  }
  bool is_name(std::size_t i) const {
    return i < pieces_.size() &&
           (pieces_[i].kind == TokenKind::word || pieces_[i].kind == TokenKind::quoted);
  }
  std::size_t behind(std::size_t i, Words words) const {
    while (word(i, words)) ++i;
    return i;
  }
  std::size_t before(std::size_t i, Words words) const {
    while (word(--i, words)) {
    }
    return i;
  }

  std::size_t step(std::size_t i) {
    if (symbol(i, '@')) return variable(i);
    if (symbol(i, '(')) return open(i);
    if (symbol(i, ')')) {
      if (levels_.size() > 1) levels_.pop_back();
      expected_ = false;
      if (i + 1 < pieces_.size() && pieces_[i + 1].kind == TokenKind::quoted) alias_at_ = i + 1;
      return i + 1;
    }
    if (symbol(i, ',')) {
      expected_ = levels_.back().tables;
      return i + 1;
    }
    if (symbol(i, ';')) set(false, false);
    const bool dotted = symbol(i - 1, '.');
    if (!is_name(i)) {
      expected_ = false;
      return i + 1;
    }
    if (pieces_[i].kind == TokenKind::word && !dotted && keyword(i)) return i + 1;
    return name(i, dotted);
  }

  void set(bool expected, bool tables) {
    expected_ = expected;
    levels_.back().tables = tables;
    levels_.back().order = false;
  }

  /// @a, @a.b, @@global.a, @`a`, 'user'@'host'
  std::size_t variable(std::size_t i) {
    expected_ = false;
    while (symbol(i, '@')) ++i;
    if (i >= pieces_.size() || pieces_[i].begin != pieces_[i - 1].end) return i;
    ++i;
    while (symbol(i, '.') && is_name(i + 1) && pieces_[i].begin == pieces_[i - 1].end) i += 2;
    return i;
  }

  std::size_t open(std::size_t i) {
    Level level{expected_, false, i - 1};
    if (word(i - 1, {"NEXTVAL", "LASTVAL", "SETVAL"})) expected_ = true;
    levels_.push_back(level);
    return i + 1;
  }

  /// Whether FROM is followed by a table, and not by a value, a cursor or a time.
  bool from_names_table(std::size_t i) const {
    if (levels_.size() > 1 &&
        word(levels_.back().opener, {"EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "MID"}))
      return false;
    if (word(i - 1, {"FETCH", "SYSTEM_TIME"}) || word(i - 2, {"PREPARE", "FETCH"})) return false;
    if (word(i - 2, {"OF"}) && word(i - 3, {"PORTION"})) return false;
    for (std::size_t back = 1; back <= 6 && !symbol(i - back, ';'); ++back)
      if (word(i - back, {"SHOW"})) return false;
    return true;
  }

  /// What a keyword says of the names behind it; false if it is none.
  bool keyword(std::size_t i) {
    const Words modifiers = {"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE"};
    if (expected_ &&
        word(i, {"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "IGNORE", "IF", "NOT", "EXISTS"}))
      return true;
    if (word(i, {"FROM"})) {
      const bool table = from_names_table(i);
      set(table, table);
    } else if (word(i, {"JOIN"})) {
      expected_ = true;
    } else if (word(i, {"STRAIGHT_JOIN"})) {
      expected_ = levels_.back().tables;
    } else if (word(i, {"INTO"})) {
      set(word(before(i, modifiers), {"INSERT", "REPLACE"}), false);
    } else if (word(i, {"UPDATE"})) {
      const bool statement = !word(i - 1, {"KEY", "FOR", "ON", "BEFORE", "AFTER", "OR"});
      set(statement, statement);
    } else if (word(i, {"DELETE"})) {
      const bool list = !word(behind(i + 1, modifiers), {"FROM"}) &&
                        !word(i - 1, {"ON", "BEFORE", "AFTER", "OR"});
      set(list, list);
    } else if (word(i, {"INSERT", "REPLACE"})) {
      if (symbol(i + 1, '(')) return true;  // the function
      set(!word(behind(i + 1, modifiers), {"INTO"}) && !word(i - 1, {"OR"}), false);
    } else if (word(i, {"TRUNCATE"}) && is_name(i + 1)) {
      name(i, false);  // it may be one
      set(!word(i + 1, {"TABLE"}), false);
    } else if (word(i, {"TABLE"})) {
      set(true, true);
    } else if (word(i, {"REFERENCES"})) {
      set(true, false);
    } else if (word(i, {"USING"})) {
      expected_ = levels_.back().tables && !symbol(i + 1, '(');
    } else if (word(i, {"OF"}) && word(i - 1, {"TYPE"})) {
      name(i, false);
      set(word(i - 2, {"ROW"}), false);
    } else if (word(i, {"FOR"})) {
      set(word(i - 1, {"VALUE"}) && word(i - 2, {"NEXT", "PREVIOUS"}), false);
    } else if (word(i, {"SELECT", "WHERE", "GROUP",     "HAVING",    "ORDER",     "LIMIT",
                        "WINDOW", "UNION", "EXCEPT",    "INTERSECT", "SET",       "VALUES",
                        "VALUE",  "LOCK",  "PROCEDURE", "DUPLICATE", "RETURNING", "DO",
                        "THEN",   "BEGIN", "LOOP",      "END"})) {
      if (symbol(i + 1, '.')) return false;
      set(false, false);
      levels_.back().order = word(i, {"ORDER"});
      return is_reserved(i);
    } else {
      if (!is_reserved(i)) return false;
      expected_ = false;
    }
    return true;
  }

  bool is_reserved(std::size_t i) const {
    return std::any_of(reserved.begin(), reserved.end(),
                       [&](const char* w) { return is_word(pieces_[i], w); });
  }

  std::size_t name(std::size_t i, bool dotted) {
    const bool expected = expected_ && !dotted;
    expected_ = false;
    // x'41', _utf8'text'
    if (i + 1 < pieces_.size() && pieces_[i + 1].kind == TokenKind::string &&
        pieces_[i + 1].begin == pieces_[i].end && pieces_[i].kind == TokenKind::word)
      return i + 1;
    Mention mention;
    mention.first = i;
    mention.parts.push_back(name_of(pieces_[i]));
    while (symbol(i + 1, '.') && is_name(i + 2)) {
      i += 2;
      mention.parts.push_back(name_of(pieces_[i]));
    }
    mention.last = i;
    mention.star = symbol(i + 1, '.') && symbol(i + 2, '*');
    mention.procedure = word(mention.first - 1, {"CALL"});
    mention.called = symbol(i + 1, '(');
    const bool percent = symbol(i + 1, '%');
    mention.table = expected || (percent && word(i + 2, {"ROWTYPE"}));
    mention.type_of =
        (percent && word(i + 2, {"TYPE"})) ||
        (word(mention.first - 1, {"OF"}) && word(mention.first - 2, {"TYPE"}) && !mention.table);
    mention.behind_as = word(mention.first - 1, {"AS"});
    mention.is_alias = mention.first == alias_at_ && mention.parts.size() == 1;
    mention.in_order = levels_.back().order;
    if (mention.table) find_alias(i + 1, mention);
    mentions_.push_back(std::move(mention));
    return i + 1;
  }

  void find_alias(std::size_t i, Mention& mention) {
    if (word(i, {"AS"})) ++i;
    if (i >= pieces_.size() || pieces_[i].kind != TokenKind::quoted) return;
    alias_at_ = i;
    mention.alias = name_of(pieces_[i]);
  }

  const Pieces& pieces_;
  std::vector<Mention> mentions_;
  std::vector<Level> levels_{Level{}};
  bool expected_ = false;  ///< the next name is a table's
  std::size_t alias_at_ = SIZE_MAX;
};

}  // namespace

std::vector<Mention> find_mentions(const Pieces& pieces, std::size_t from) {
  return Scanner(pieces).run(from);
}

bool has_words(const Pieces& pieces, std::size_t from, std::initializer_list<const char*> words) {
  for (std::size_t i = from; i + words.size() <= pieces.size(); ++i) {
    std::size_t at = i;
    if (std::all_of(words.begin(), words.end(),
                    [&](const char* w) { return is_word(pieces[at++], w); }))
      return true;
  }
  return false;
}

bool selects_all_columns(const Pieces& pieces, std::size_t from) {
  for (std::size_t i = std::max<std::size_t>(from, 3); i < pieces.size(); ++i) {
    if (!is_symbol(pieces[i], '*')) continue;
    if (is_symbol(pieces[i - 1], '.')) return true;
    const bool tested = is_word(pieces[i - 1], "SELECT") && is_symbol(pieces[i - 2], '(') &&
                        is_word(pieces[i - 3], "EXISTS");
    const bool item = is_word(pieces[i - 1], "SELECT") || is_word(pieces[i - 1], "ALL") ||
                      is_word(pieces[i - 1], "DISTINCT") || is_symbol(pieces[i - 1], ',');
    if (item && !tested) return true;
  }
  return false;
}

}  // namespace dts
