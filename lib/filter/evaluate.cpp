#include <algorithm>
#include <unordered_map>

#include "dts/error.hpp"
#include "filter/condition.hpp"
#include "filter/node.hpp"
#include "filter/number.hpp"
#include "filter/temporal.hpp"
#include "filter/text.hpp"

namespace dts {

namespace filter {

namespace {

/// A value while a condition is evaluated. Which member holds it is known from the expression.
struct Scalar {
  bool null = true;
  Integer integer = 0;
  double real = 0;
  std::string_view text;
};

Scalar of_integer(Integer value) {
  return {false, value, 0, {}};
}
Scalar of_truth(bool value) {
  return of_integer(value ? 1 : 0);
}

std::string key_of(const TextQuestion& question) {
  std::string key(1, static_cast<char>(question.kind));
  key += question.escape;
  key += static_cast<char>(question.left_utf8 * 2 + question.right_utf8);
  key += question.collation;
  key += '\0';
  key += std::to_string(question.left.size());
  key += '\0';
  key += question.left;
  key += question.right;
  return key;
}

/// What the collator has said, and what it has to be asked.
struct Answers {
  std::unordered_map<std::string, int> known;
  std::vector<TextQuestion> open;
};

/// One row. If a comparison is not known yet, `complete` becomes false and the result means
/// nothing.
class Evaluation {
 public:
  Evaluation(Row row, Answers& answers) : row_(row), answers_(answers) {}

  bool complete() const { return complete_; }
  bool holds(const Node& node) {
    const Scalar result = value(node);
    return !result.null && result.integer != 0;
  }

 private:
  Scalar value(const Node& node) {
    switch (node.op) {
      case Op::null:
        return {};
      case Op::integer:
      case Op::temporal:
        return of_integer(node.integer);
      case Op::real:
        return {false, 0, node.real, {}};
      case Op::decimal:
      case Op::text:
        return {false, 0, 0, node.text};
      case Op::column:
        return of_column(node);
      case Op::and_:
      case Op::or_:
        return junction(node);
      case Op::is_null:
        return of_truth(value(node.kids[0]).null);
      case Op::is_true:
      case Op::is_false: {
        const Scalar it = value(node.kids[0]);
        return of_truth(!it.null && (it.integer != 0) == (node.op == Op::is_true));
      }
      case Op::compare:
        return comparison(node);
      case Op::like:
        return match(node);
      default:
        return computed(node);
    }
  }

  Scalar of_column(const Node& node) {
    const Value& value = row_[node.column];
    if (value.is_null()) return {};
    switch (node.form) {
      case Form::integer:
        return of_integer(to_integer(value.data));
      case Form::real:
        return {false, 0, to_double(value.data).value_or(0), {}};
      case Form::temporal:
        return of_integer(checked(read_datetime(value.data), value.data));
      case Form::time:
        return of_integer(checked(read_time(value.data), value.data));
      case Form::member: {
        const Integer ordinal = to_integer(value.data);
        if (ordinal < 1 || ordinal > static_cast<Integer>(node.members.size()))
          return {false, 0, 0, ""};
        return {false, 0, 0, node.members[static_cast<std::size_t>(ordinal - 1)]};
      }
      case Form::members:
        return {false, 0, 0, joined(node, to_integer(value.data))};
      default:
        return {false, 0, 0, value.data};
    }
  }

  static std::int64_t checked(std::optional<std::int64_t> value, std::string_view text) {
    if (!value)
      throw Error(ErrorKind::source,
                  "a row filter cannot read the time '" + std::string(text) + "'");
    return *value;
  }

  /// "a,b": the members whose bits are set.
  std::string_view joined(const Node& node, Integer bits) {
    std::string text;
    for (std::size_t i = 0; i < node.members.size(); ++i) {
      if ((bits >> i & 1) == 0) continue;
      if (!text.empty()) text += ',';
      text += node.members[i];
    }
    return scratch_.copy(text);
  }

  Scalar junction(const Node& node) {
    // AND: FALSE if one is, else NULL if one is, else TRUE; OR the other way round.
    const bool decisive = node.op == Op::or_;
    bool unknown = false;
    for (const Node& kid : node.kids) {
      const Scalar it = value(kid);
      if (it.null)
        unknown = true;
      else if ((it.integer != 0) == decisive)
        return of_truth(decisive);
    }
    return unknown ? Scalar{} : of_truth(!decisive);
  }

  Scalar comparison(const Node& node) {
    const Scalar left = value(node.kids[0]), right = value(node.kids[1]);
    if (left.null || right.null) {
      if (node.relation != Relation::same) return {};
      return of_truth(left.null && right.null);
    }
    int order = 0;
    switch (node.mode) {
      case Mode::integer:
      case Mode::temporal:
        order = left.integer < right.integer ? -1 : left.integer > right.integer ? 1 : 0;
        break;
      case Mode::decimal:
        order = compare_decimals(digits(node.kids[0], left), digits(node.kids[1], right));
        break;
      case Mode::real: {
        const double a = real(node.kids[0], left), b = real(node.kids[1], right);
        order = a < b ? -1 : a > b ? 1 : 0;
        break;
      }
      case Mode::bytes:
        order = compare_bytes(left.text, right.text, false);
        break;
      case Mode::text:
        order = compare_text(node, left.text, right.text);
        if (order == unknown) return {};  // goes on, to ask about the rest at once
        break;
    }
    return of_truth(fits(node.relation, order));
  }

  static bool fits(Relation relation, int order) {
    switch (relation) {
      case Relation::equal:
      case Relation::same:
        return order == 0;
      case Relation::unequal:
        return order != 0;
      case Relation::less:
        return order < 0;
      case Relation::less_equal:
        return order <= 0;
      case Relation::greater:
        return order > 0;
      default:
        return order >= 0;
    }
  }

  static bool has_digits(const Node& node) {
    return node.op == Op::decimal || (node.op == Op::column && node.form == Form::decimal);
  }
  static bool is_real(const Node& node) {
    return node.op == Op::real || (node.op == Op::column && node.form == Form::real);
  }
  std::string_view digits(const Node& node, const Scalar& scalar) {
    return has_digits(node) ? scalar.text : scratch_.copy(to_text(scalar.integer));
  }
  static double real(const Node& node, const Scalar& scalar) {
    if (is_real(node)) return scalar.real;
    if (has_digits(node)) return to_double(scalar.text).value_or(0);
    if (scalar.integer < 0) return static_cast<double>(static_cast<std::int64_t>(scalar.integer));
    return static_cast<double>(static_cast<std::uint64_t>(scalar.integer));
  }

  int compare_text(const Node& node, std::string_view left, std::string_view right) {
    const bool left_utf8 = node.kids[0].utf8, right_utf8 = node.kids[1].utf8;
    const bool same_form = left_utf8 == right_utf8 || is_utf8(node.rule->charset);
    if (same_form && left == right) return 0;
    if (node.rule->local != TextRule::Local::no)
      return compare_bytes(left, right, node.rule->local == TextRule::Local::pad);
    return ask({TextQuestion::Kind::compare, node.rule->charset, node.rule->collation,
                std::string(left), std::string(right), left_utf8, right_utf8, '\\'});
  }

  Scalar match(const Node& node) {
    const Scalar left = value(node.kids[0]), right = value(node.kids[1]);
    if (left.null || right.null) return {};
    if (node.mode == Mode::bytes)
      return of_truth(is_like(left.text, right.text, node.escape, false));
    if (node.rule->local != TextRule::Local::no)
      return of_truth(is_like(left.text, right.text, node.escape, is_utf8(node.rule->charset)));
    const int answer = ask({TextQuestion::Kind::like, node.rule->charset, node.rule->collation,
                            std::string(left.text), std::string(right.text), node.kids[0].utf8,
                            node.kids[1].utf8, node.escape});
    return answer == unknown ? Scalar{} : of_truth(answer != 0);
  }

  int ask(TextQuestion question) {
    const auto [found, is_new] = answers_.known.try_emplace(key_of(question), unknown);
    if (is_new) answers_.open.push_back(std::move(question));
    if (found->second == unknown) complete_ = false;
    return found->second;
  }

  Scalar computed(const Node& node) {
    const Scalar left = value(node.kids[0]);
    if (left.null) return {};
    switch (node.op) {
      case Op::not_:
        return of_truth(left.integer == 0);
      case Op::in_integers:
        if (std::binary_search(node.list.begin(), node.list.end(), left.integer))
          return of_truth(true);
        return node.list_has_null ? Scalar{} : of_truth(false);
      case Op::negate:
        return of_integer(-left.integer);
      case Op::absolute:
        return of_integer(left.integer < 0 ? -left.integer : left.integer);
      case Op::bit_not:
        return of_integer(~bits(left));
      case Op::length:
        return of_integer(static_cast<Integer>(left.text.size()));
      case Op::char_length:
        return of_integer(static_cast<Integer>(count_characters(left.text)));
      case Op::month:
        return of_integer(month_of(static_cast<std::int64_t>(left.integer)));
      case Op::day:
        return of_integer(day_of(static_cast<std::int64_t>(left.integer)));
      default:
        break;
    }
    const Scalar right = value(node.kids[1]);
    return right.null ? Scalar{} : of_two(node.op, left, right);
  }

  static std::uint64_t bits(const Scalar& scalar) {
    return static_cast<std::uint64_t>(scalar.integer);
  }

  static Scalar of_two(Op op, const Scalar& left, const Scalar& right) {
    const Integer a = left.integer, b = right.integer;
    switch (op) {
      case Op::xor_:
        return of_truth((a != 0) != (b != 0));
      case Op::add:
        return of_integer(a + b);
      case Op::subtract:
        return of_integer(a - b);
      case Op::multiply:
        return of_integer(a * b);
      case Op::modulo:
        return b == 0 ? Scalar{} : of_integer(a % b);
      case Op::divide:
        return b == 0 ? Scalar{} : of_integer(a / b);
      case Op::bit_and:
        return of_integer(bits(left) & bits(right));
      case Op::bit_or:
        return of_integer(bits(left) | bits(right));
      case Op::bit_xor:
        return of_integer(bits(left) ^ bits(right));
      case Op::shift_left:
        return of_integer(bits(right) > 63 ? 0 : bits(left) << bits(right));
      default:
        return of_integer(bits(right) > 63 ? 0 : bits(left) >> bits(right));
    }
  }

 public:
  static constexpr int unknown = 2;  ///< no answer yet

 private:
  Row row_;
  Answers& answers_;
  Arena scratch_;
  bool complete_ = true;
};

void ask_open(Answers& answers, const Collator& collator) {
  const std::vector<int> said = collator(answers.open);
  if (said.size() != answers.open.size())
    throw Error(ErrorKind::source, "a row filter got an incomplete answer");
  for (std::size_t i = 0; i < said.size(); ++i) answers.known[key_of(answers.open[i])] = said[i];
  answers.open.clear();
}

}  // namespace

}  // namespace filter

std::vector<bool> select_rows(const Condition& condition, std::span<const Row> rows,
                              const Collator& collator) {
  std::vector<bool> result(rows.size());
  std::vector<std::size_t> undecided(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) undecided[i] = i;
  filter::Answers answers;
  for (;;) {
    std::erase_if(undecided, [&](std::size_t i) {
      filter::Evaluation evaluation(rows[i], answers);
      result[i] = evaluation.holds(*condition.root);
      return evaluation.complete();
    });
    if (undecided.empty()) return result;
    ask_open(answers, collator);
  }
}

bool holds(const Condition& condition, Row row, const Collator& collator) {
  return select_rows(condition, std::span<const Row>(&row, 1), collator)[0];
}

}  // namespace dts
