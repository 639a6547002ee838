#include "job_checks.hpp"

#include <algorithm>
#include <regex>

#include <fmt/format.h>

#include "dts/error.hpp"

namespace dts {

namespace {

/// Compiles it, or says why that cannot be done.
std::string regex_trouble(const std::string& expression, unsigned* groups = nullptr) {
  try {
    const std::regex compiled(expression);
    if (groups) *groups = compiled.mark_count();
    return {};
  } catch (const std::regex_error& e) {
    return fmt::format("the regular expression '{}' cannot be used: {}", expression, e.what());
  }
}

/// Braces in a message that will be a format string.
std::string escape_braces(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped.append(c == '{' || c == '}' ? 2 : 1, c);
  return escaped;
}

bool is_name_or_pair(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.';
}

/// The highest n of the {n} in the text.
unsigned highest_group(std::string_view text) {
  static const std::regex reference("\\{([0-9]{1,3})\\}");
  unsigned highest = 0;
  for (std::cregex_iterator i(text.data(), text.data() + text.size(), reference), end; i != end;
       ++i)
    highest = std::max(highest, static_cast<unsigned>(std::stoul((*i)[1].str())));
  return highest;
}

}  // namespace

void check_object_patterns(const TomlReader& table, std::string_view key,
                           const std::vector<std::string>& patterns) {
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (patterns[i].starts_with('~')) {
      const auto trouble = regex_trouble(patterns[i].substr(1));
      if (!trouble.empty()) table.fail(key, i, "'{}': " + escape_braces(trouble));
    } else if (!is_name_or_pair(patterns[i])) {
      table.fail(
          key, i,
          "'{}': '" + escape_braces(patterns[i]) + "' is neither DATABASE nor DATABASE.TABLE");
    } else if (is_system_schema(patterns[i].substr(0, patterns[i].find('.')))) {
      table.fail(key, i, "'{}': '" + escape_braces(patterns[i]) + "' is the server's own");
    }
  }
}

void check_regexes(const TomlReader& table, std::string_view key,
                   const std::vector<std::string>& expressions) {
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    if (expressions[i].empty()) table.fail(key, i, "'{}' must not contain an empty string");
    unsigned groups = 0;
    const auto trouble = regex_trouble(expressions[i], &groups);
    if (!trouble.empty()) table.fail(key, i, "'{}': " + escape_braces(trouble));
    if (groups == 0)
      table.fail(key, i, "'{}': an expression needs a group in parentheses, the name of the real table");
  }
}

void check_map_rule(const TomlReader& table, const MapRule& rule) {
  unsigned groups = 0;
  const bool is_regex = rule.source.starts_with('~');
  if (is_regex) {
    const auto trouble = regex_trouble(rule.source.substr(1), &groups);
    if (!trouble.empty()) table.fail("source", "'{}': " + escape_braces(trouble));
  } else if (!is_name_or_pair(rule.source)) {
    table.fail("source", "'{}' must be DATABASE, DATABASE.TABLE or a regular expression after '~'");
  }
  if (!rule.target.empty() && !is_name_or_pair(rule.target))
    table.fail("target", "'{}' must be DATABASE or DATABASE.TABLE");
  if (highest_group(rule.target) > groups)
    table.fail("target", fmt::format("'{{}}' uses group {}, but 'source' has {}",
                                     highest_group(rule.target), groups));
  const bool source_is_table = rule.source.find('.') != std::string::npos;
  if (!is_regex && !rule.target.empty() && source_is_table != (rule.target.find('.') != std::string::npos))
    table.fail("target", "'{}' and 'source' must both be databases or both be tables");
  for (const auto& name : rule.exclude_columns)
    if (rule.columns.contains(name))
      table.fail("exclude_columns",
                 "'{}' leaves out '" + escape_braces(name) + "', which 'columns' renames");
}

}  // namespace dts
