#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "dts/error.hpp"
#include "filter/condition.hpp"
#include "filter/lexer.hpp"
#include "filter/operand.hpp"
#include "schema/mapping.hpp"

namespace dts {

namespace filter {

namespace {

struct Word {
  std::string_view word;
  const char *reason, *hint;
};

// Words that begin or join expressions of SQL that can't be decided here.
constexpr std::array<Word, 32> refused_words = {{
    {"SELECT", "a subquery", "a row filter reads the columns of its own row only"},
    {"EXISTS", "a subquery", "a row filter reads the columns of its own row only"},
    {"CASE", "CASE", "write it with AND and OR"},
    {"CAST", "CAST", "write the literal in the column's type"},
    {"CONVERT", "CONVERT", "write the literal in the column's type"},
    {"BINARY", "BINARY", "compare with a column that has a _bin collation"},
    {"COLLATE", "COLLATE", "the column's collation counts"},
    {"REGEXP", "a regular expression", "use LIKE or IN"},
    {"RLIKE", "a regular expression", "use LIKE or IN"},
    {"SOUNDS", "SOUNDS LIKE", "use LIKE or IN"},
    {"MATCH", "a full-text search", "use LIKE or IN"},
    {"MEMBER", "MEMBER OF", "use IN"},
    {"INTERVAL", "INTERVAL", "write the moment as a literal"},
    {"ROW", "a row constructor", "compare the columns one by one"},
    {"DEFAULT", "DEFAULT", "write the value"},
    {"VALUES", "VALUES", "write the value"},
    {"ANY", "a subquery", "use IN"},
    {"SOME", "a subquery", "use IN"},
    {"ALL", "a subquery", "use IN"},
    {"CURRENT_DATE", "the current time", "write the moment as a literal"},
    {"CURRENT_TIME", "the current time", "write the moment as a literal"},
    {"CURRENT_TIMESTAMP", "the current time", "write the moment as a literal"},
    {"LOCALTIME", "the current time", "write the moment as a literal"},
    {"LOCALTIMESTAMP", "the current time", "write the moment as a literal"},
    {"UTC_DATE", "the current time", "write the moment as a literal"},
    {"UTC_TIME", "the current time", "write the moment as a literal"},
    {"UTC_TIMESTAMP", "the current time", "write the moment as a literal"},
    {"SYSDATE", "the current time", "write the moment as a literal"},
    {"CURRENT_USER", "the session's account", "write the value"},
    {"CURRENT_ROLE", "the session's role", "write the value"},
    {"SESSION_USER", "the session's account", "write the value"},
    {"ROWNUM", "the number of the row", "use the key's columns"},
}};

const std::set<std::string_view> operator_words = {"AND", "OR",   "XOR",     "NOT", "IS",    "IN",
                                                   "DIV", "LIKE", "BETWEEN", "MOD", "ESCAPE"};
const std::set<std::string_view> aggregates = {
    "COUNT",  "SUM",     "AVG", "MIN",    "MAX",      "GROUP_CONCAT",  "BIT_AND",
    "BIT_OR", "BIT_XOR", "STD", "STDDEV", "VARIANCE", "JSON_ARRAYAGG", "JSON_OBJECTAGG"};

/// The grammar of the servers where both agree on it; two comparisons side by side need
/// parentheses.
class Parser {
 public:
  Parser(std::string_view where, const Table& table)
      : source_{where}, table_(table), pieces_(split(source_)) {}

  Node run() {
    if (here().kind == Lexeme::end) source_.refuse(0, "it is empty");
    Operand whole = disjunction();
    if (here().kind != Lexeme::end) unexpected();
    return truth(source_, std::move(whole));
  }

 private:
  const Piece& here() const { return pieces_[at_]; }
  const Piece& ahead() const { return pieces_[std::min(at_ + 1, pieces_.size() - 1)]; }
  bool at_word(std::string_view word) const {
    return here().kind == Lexeme::word && here().text == word;
  }
  bool at_symbol(std::string_view symbol) const {
    return here().kind == Lexeme::symbol && here().text == symbol;
  }
  bool take_word(std::string_view word) {
    if (!at_word(word)) return false;
    ++at_;
    return true;
  }
  bool take_symbol(std::string_view symbol) {
    if (!at_symbol(symbol)) return false;
    ++at_;
    return true;
  }
  void want_symbol(std::string_view symbol) {
    if (!take_symbol(symbol)) unexpected(fmt::format("'{}' is missing here", symbol));
  }
  void want_word(std::string_view word) {
    if (!take_word(word)) unexpected(fmt::format("{} is missing here", word));
  }

  [[noreturn]] void unexpected(const std::string& reason = {}) const {
    refuse_word();
    if (!reason.empty()) source_.refuse(here().at, reason);
    if (here().kind == Lexeme::end) source_.refuse(here().at, "something is missing");
    if (here().kind == Lexeme::string && at_ > 0 && pieces_[at_ - 1].kind == Lexeme::string)
      source_.refuse(here().at, "a string behind a string", "write them as one");
    source_.refuse(here().at, "this is not expected here");
  }

  void refuse_word() const {
    if (here().kind != Lexeme::word) return;
    for (const auto& [word, reason, hint] : refused_words)
      if (here().text == word)
        source_.refuse(here().at, fmt::format("{} can't be decided here", reason), hint);
  }

  void limit(int depth) const {
    if (depth > 200) source_.refuse(here().at, "it is nested too deeply");
  }
  struct Depth {
    Depth(Parser& parser) : parser_(parser) { parser_.limit(++parser_.depth_); }
    ~Depth() { --parser_.depth_; }
    Parser& parser_;
  };

  static Operand joined(const Source& source, Op op, Operand left, Operand right) {
    const std::size_t at = left.at;
    Node node;
    node.op = op;
    Node first = truth(source, std::move(left)), second = truth(source, std::move(right));
    if (first.op == op && op != Op::xor_)
      node = std::move(first);
    else
      node.kids.push_back(std::move(first));
    node.kids.push_back(std::move(second));
    return predicate(std::move(node), at);
  }

  Operand disjunction() {
    const Depth depth(*this);
    Operand left = exclusive();
    while (take_word("OR")) left = joined(source_, Op::or_, std::move(left), exclusive());
    return left;
  }
  Operand exclusive() {
    Operand left = conjunction();
    for (int depth = 0; take_word("XOR");) {
      limit(++depth);
      left = joined(source_, Op::xor_, std::move(left), conjunction());
    }
    return left;
  }
  Operand conjunction() {
    Operand left = negation();
    while (take_word("AND") || take_symbol("&&"))
      left = joined(source_, Op::and_, std::move(left), negation());
    return left;
  }
  Operand negation() {
    const std::size_t at = here().at;
    if (!take_word("NOT")) return test();
    const Depth depth(*this);
    return negated(negation(), at);
  }
  Operand negated(Operand operand, std::size_t at) {
    if (operand.negates_number)  // MariaDB drops both, and the number is left
      source_.refuse(at, "NOT NOT of a number", "write <> 0");
    const bool number = operand.kind == Class::integer && !operand.is_predicate;
    Node node;
    node.op = Op::not_;
    node.kids.push_back(truth(source_, std::move(operand)));
    Operand result = predicate(std::move(node), at);
    result.negates_number = number;
    return result;
  }

  bool at_comparison() const {
    static constexpr std::array<std::string_view, 8> symbols = {"=",  "!=", "<>", "<",
                                                                "<=", ">",  ">=", "<=>"};
    return here().kind == Lexeme::symbol &&
           std::find(symbols.begin(), symbols.end(), here().text) != symbols.end();
  }
  bool at_predicate() const {
    const Piece& piece = at_word("NOT") ? ahead() : here();
    return piece.kind == Lexeme::word &&
           (piece.text == "IN" || piece.text == "BETWEEN" || piece.text == "LIKE");
  }

  Operand test() {
    Operand left = member();
    const bool compared = at_comparison();
    if (compared) {
      const std::size_t at = here().at;
      const Relation relation = relation_of(here().text);
      ++at_;
      left = compare(source_, relation, std::move(left), member(), at);
    } else if (at_word("IS")) {
      left = is_test(std::move(left));
    }
    if (at_comparison() || at_word("IS") || at_predicate())
      source_.refuse(here().at, "a comparison behind a comparison",
                     "put parentheses around what belongs together");
    return left;
  }

  static Relation relation_of(std::string_view symbol) {
    if (symbol == "=") return Relation::equal;
    if (symbol == "<") return Relation::less;
    if (symbol == "<=") return Relation::less_equal;
    if (symbol == ">") return Relation::greater;
    if (symbol == ">=") return Relation::greater_equal;
    if (symbol == "<=>") return Relation::same;
    return Relation::unequal;
  }

  Operand is_test(Operand value) {
    const std::size_t at = here().at;
    want_word("IS");
    const bool negative = take_word("NOT");
    Node node;
    if (take_word("NULL")) {
      node = is_null(source_, std::move(value), at).node;
    } else if (take_word("UNKNOWN")) {
      node = is_unknown(source_, std::move(value), at).node;
    } else {
      if (!at_word("TRUE") && !at_word("FALSE"))
        unexpected("NULL, TRUE, FALSE or UNKNOWN is missing here");
      node.op = at_word("TRUE") ? Op::is_true : Op::is_false;
      ++at_;
      node.kids.push_back(truth(source_, std::move(value)));
    }
    Operand result = predicate(std::move(node), at);
    return negative ? negated(std::move(result), at) : result;
  }

  Operand member() {
    Operand left = bits_or();
    if (!at_predicate()) return left;
    const bool negative = take_word("NOT");
    const std::size_t at = here().at;
    Operand result;
    if (take_word("IN")) {
      result = in_list(source_, std::move(left), list(), at);
    } else if (take_word("BETWEEN")) {
      Operand low = bits_or();
      want_word("AND");
      result = between(source_, std::move(left), std::move(low), bits_or(), at);
    } else {
      want_word("LIKE");
      result = like_test(std::move(left), at);
    }
    if (at_comparison() || at_word("IS") || at_predicate())
      source_.refuse(here().at, "a comparison behind a comparison",
                     "put parentheses around what belongs together");
    return negative ? negated(std::move(result), at) : result;
  }

  std::vector<Operand> list() {
    want_symbol("(");
    if (at_word("SELECT")) unexpected();
    std::vector<Operand> all;
    do all.push_back(disjunction());
    while (take_symbol(","));
    want_symbol(")");
    return all;
  }

  Operand like_test(Operand value, std::size_t at) {
    Operand pattern = simple();
    char escape = '\\';
    if (take_word("ESCAPE")) {
      const Piece piece = here();
      ++at_;
      const bool usable = piece.kind == Lexeme::string && piece.text.size() == 1 &&
                          piece.text != "%" && piece.text != "_" && (piece.text[0] & 0x80) == 0;
      if (!usable)
        source_.refuse(piece.at, "ESCAPE takes one ASCII character other than % and _ here");
      escape = piece.text[0];
    }
    return like(source_, std::move(value), std::move(pattern), escape, at);
  }

  struct Binary {
    std::string_view symbol;
    Op op;
  };
  template <class Next>
  Operand binary(std::initializer_list<Binary> operators, Next next) {
    Operand left = next();
    for (int depth = 0;; limit(++depth)) {
      const Binary* found = nullptr;
      for (const Binary& one : operators)
        if (at_symbol(one.symbol) || at_word(one.symbol)) found = &one;
      if (found == nullptr) return left;
      const std::size_t at = here().at;
      ++at_;
      left = arithmetic(source_, found->op, std::move(left), next(), at);
    }
  }
  Operand bits_or() {
    return binary({{"|", Op::bit_or}}, [this] { return bits_and(); });
  }
  Operand bits_and() {
    return binary({{"&", Op::bit_and}}, [this] { return shift(); });
  }
  Operand shift() {
    return binary({{"<<", Op::shift_left}, {">>", Op::shift_right}}, [this] { return sum(); });
  }
  Operand sum() {
    return binary({{"+", Op::add}, {"-", Op::subtract}}, [this] { return product(); });
  }
  Operand product() {
    Operand left =
        binary({{"*", Op::multiply}, {"%", Op::modulo}, {"MOD", Op::modulo}, {"DIV", Op::divide}},
               [this] { return bits_xor(); });
    if (at_symbol("/"))
      source_.refuse(here().at, "'/' makes a decimal fraction, which is not supported",
                     "use DIV for whole numbers");
    return left;
  }
  Operand bits_xor() {
    return binary({{"^", Op::bit_xor}}, [this] { return simple(); });
  }

  Operand simple() {
    const Depth depth(*this);
    const Piece& piece = here();
    if (take_symbol("-")) return unary(source_, Op::negate, simple(), piece.at);
    if (take_symbol("~")) return unary(source_, Op::bit_not, simple(), piece.at);
    if (take_symbol("+")) return plus(simple(), piece.at);
    if (take_symbol("!")) return negated(simple(), piece.at);
    if (take_symbol("(")) return parentheses(piece.at);
    switch (piece.kind) {
      case Lexeme::integer:
      case Lexeme::decimal:
      case Lexeme::real:
      case Lexeme::string:
      case Lexeme::bytes:
      case Lexeme::bits:
        ++at_;
        return literal(source_, piece);
      case Lexeme::word:
        return word();
      case Lexeme::name:
        return column();
      default:
        unexpected();
    }
  }
  Operand plus(Operand operand, std::size_t at) const {
    if (operand.kind != Class::integer && operand.kind != Class::decimal &&
        operand.kind != Class::real)
      source_.refuse(at, fmt::format("'+' before {}", describe(operand)), "leave it out");
    return operand;
  }
  Operand parentheses(std::size_t at) {
    Operand inside = disjunction();
    if (at_symbol(",")) source_.refuse(at, "a row constructor", "compare the columns one by one");
    want_symbol(")");
    inside.at = at;
    return inside;
  }

  Operand word() {
    const Piece& piece = here();
    if (take_word("NULL")) return null_literal(piece.at);
    if (take_word("TRUE")) return predicate_literal(1, piece.at);
    if (take_word("FALSE")) return predicate_literal(0, piece.at);
    const bool temporal = piece.text == "DATE" || piece.text == "TIME" || piece.text == "TIMESTAMP";
    if (temporal && ahead().kind == Lexeme::string) {
      at_ += 2;
      return temporal_literal(source_, piece.text, pieces_[at_ - 1]);
    }
    if (ahead().kind == Lexeme::symbol && ahead().text == "(") return call();
    refuse_word();
    if (operator_words.contains(piece.text)) unexpected("a value is missing here");
    return column();
  }
  static Operand predicate_literal(Integer value, std::size_t at) {
    Operand operand = integer_literal(value, at);
    operand.is_predicate = true;
    return operand;
  }

  Operand call() {
    const Piece& piece = here();
    static const std::set<std::string_view> known = {
        "MOD",   "ABS", "LENGTH",    "OCTET_LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH",
        "MONTH", "DAY", "DAYOFMONTH"};
    if (aggregates.contains(piece.text))
      source_.refuse(piece.at, fmt::format("the aggregate {}()", piece.written),
                     "a row filter reads one row at a time");
    if (!known.contains(piece.text)) {
      refuse_word();
      // MariaDB since 11.1 makes a range of dates of it, in which '0000-00-00' and '2024-00-10' are
      // not where YEAR() says.
      if (piece.text == "YEAR" || piece.text == "DATE")
        source_.refuse(piece.at, fmt::format("the function {}() is not supported", piece.written),
                       "write a range: column >= '2024-01-01' AND column < '2025-01-01'");
      source_.refuse(piece.at, fmt::format("the function {}() is not supported", piece.written),
                     "supported are MOD, ABS, LENGTH, CHAR_LENGTH, MONTH and DAY");
    }
    ++at_;
    return function(source_, piece.text, list(), piece.at);
  }

  Operand column() {
    const Piece first = here();
    ++at_;
    std::string name = first.kind == Lexeme::word ? first.written : first.text;
    if (at_symbol(".")) {
      if (name != table_.name.table)
        source_.refuse(first.at, fmt::format("'{}' is not the table '{}'", name, table_.name.table),
                       "a row filter reads the columns of its own table only");
      ++at_;
      if (here().kind != Lexeme::word && here().kind != Lexeme::name)
        unexpected("a column's name is missing here");
      name = here().kind == Lexeme::word ? here().written : here().text;
      ++at_;
      if (at_symbol("."))
        source_.refuse(first.at, "a column with the name of its database",
                       "write the column alone");
    }
    for (std::size_t i = 0; i < table_.columns.size(); ++i)
      if (same_column(table_.columns[i].name, name))
        return column_operand(source_, table_, i, first.at);
    source_.refuse(first.at, fmt::format("table '{}' has no column '{}'", table_.name.table, name),
                   "write strings in single quotes");
  }

  Source source_;
  const Table& table_;
  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

void collect(const Node& node, std::set<std::size_t>& columns) {
  if (node.op == Op::column) columns.insert(node.column);
  for (const Node& kid : node.kids) collect(kid, columns);
}

}  // namespace

}  // namespace filter

Condition parse_condition(std::string_view where, const Table& shape) {
  return {std::make_shared<const filter::Node>(filter::Parser(where, shape).run())};
}

std::string pushed_down(std::string_view where) {
  return "((" + std::string(where) + ") IS TRUE)";
}

std::vector<std::size_t> columns_of(const Condition& condition) {
  std::set<std::size_t> columns;
  filter::collect(*condition.root, columns);
  return {columns.begin(), columns.end()};
}

}  // namespace dts
