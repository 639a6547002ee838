#include "filter/collator.hpp"

#include <fmt/format.h>

#include <memory>
#include <unordered_map>

namespace dts {

namespace {

/// Asks in statements of moderate size, and remembers.
class Asker {
 public:
  explicit Asker(Connection& connection)
      : connection_(connection),
        short_names_(connection.version_number() < (connection.is_mariadb() ? 100600 : 80030)) {}

  std::vector<int> answer(std::span<const TextQuestion> questions) {
    std::vector<int> answers(questions.size());
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const auto known = known_.find(expression(questions[i]));
      if (known == known_.end())
        open.push_back(i);
      else
        answers[i] = known->second;
    }
    for (std::size_t from = 0; from < open.size();) from = ask(questions, open, from, answers);
    return answers;
  }

 private:
  static constexpr std::size_t columns_most = 500, statement_bytes = 512 * 1024;
  static constexpr std::size_t kept_most = 65536, kept_bytes_most = 16 << 20;

  /// Asks from `from` on, and returns how far.
  std::size_t ask(std::span<const TextQuestion> questions, const std::vector<std::size_t>& open,
                  std::size_t from, std::vector<int>& answers) {
    std::string statement = "SELECT ";
    std::size_t upto = from;
    std::vector<std::string> expressions;
    while (upto < open.size() && upto - from < columns_most && statement.size() < statement_bytes) {
      if (upto > from) statement += ',';
      expressions.push_back(expression(questions[open[upto]]));
      refuse_long(expressions.back());
      statement += expressions.back();
      ++upto;
    }
    const auto rows = connection_.query(Sql::verbatim(std::move(statement)));
    for (std::size_t i = from; i < upto; ++i) {
      const auto& said = rows.at(0).at(i - from);
      if (!said)
        throw Error(ErrorKind::source, "the source can't compare two texts for a row filter");
      answers[open[i]] = std::stoi(*said);
      keep(std::move(expressions[i - from]), answers[open[i]]);
    }
    return upto;
  }

  void refuse_long(const std::string& expression) {
    if (expression.size() < statement_bytes) return;
    if (packet_ == 0) packet_ = max_packet(connection_);
    if (expression.size() + 1024 > packet_)
      throw Error(ErrorKind::source,
                  "a row filter cannot compare a text: it is too long for the source's "
                  "max_allowed_packet",
                  "raise max_allowed_packet on the source, or filter by another column");
  }

  void keep(std::string expression, int answer) {
    if (expression.size() > kept_bytes_most / 16) return;
    if (known_.size() >= kept_most || kept_bytes_ + expression.size() > kept_bytes_most) {
      known_.clear();
      kept_bytes_ = 0;
    }
    kept_bytes_ += expression.size();
    known_.emplace(std::move(expression), answer);
  }

  std::string name(std::string name) const {
    if (short_names_ && name.starts_with("utf8mb3")) name.erase(4, 3);
    return name;
  }

  /// With its collation, as a column has it.
  void append_left(std::string& to, const TextQuestion& question) const {
    append(to, question.left, question.left_utf8 ? "" : question.charset);
    if (question.left_utf8) {
      to.insert(0, "CONVERT(");
      to += " USING " + name(question.charset) + ")";
    }
    to += " COLLATE " + name(question.collation);
  }

  /// In a character set, or as the session's.
  void append(std::string& to, const std::string& text, const std::string& charset) const {
    if (charset.empty()) {
      append_quoted(to, text);
      return;
    }
    to += '_' + name(charset);
    if (text_form(charset) == TextForm::hex) {
      to += ' ';
      append_hex(to, text);
    } else {
      append_quoted(to, text);
    }
  }

  std::string expression(const TextQuestion& question) const {
    std::string left, right;
    append_left(left, question);
    append(right, question.right, question.right_utf8 ? "" : question.charset);
    if (question.kind == TextQuestion::Kind::like) {
      std::string escape;
      append_quoted(escape, std::string_view(&question.escape, 1));
      return fmt::format("({} LIKE {} ESCAPE {})", left, right, escape);
    }
    return fmt::format("CASE WHEN {0} = {1} THEN 0 WHEN {0} < {1} THEN -1 ELSE 1 END", left, right);
  }

  Connection& connection_;
  const bool short_names_;
  std::unordered_map<std::string, int> known_;
  std::size_t kept_bytes_ = 0, packet_ = 0;
};

}  // namespace

Collator server_collator(Connection& connection) {
  return [asker = std::make_shared<Asker>(connection)](std::span<const TextQuestion> questions) {
    return asker->answer(questions);
  };
}

void check_condition(Connection& source, const Table& table, std::string_view where) {
  try {
    source.query(
        sql("SELECT 1 FROM {} WHERE ({}) LIMIT 0", table.name, Sql::verbatim(std::string(where))));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::source) throw;
    throw Error(ErrorKind::usage,
                fmt::format("the source refuses the condition on {}: {}", to_string(table.name),
                            error.what()),
                error.hint(), error.server_errno());
  }
}

}  // namespace dts
