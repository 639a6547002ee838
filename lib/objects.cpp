#include "dts/objects.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <unordered_map>

#include "dts/error.hpp"

namespace dts {

namespace {

/// Removes the first character, which may be several bytes of UTF-8.
void drop_character(std::string_view& text) {
  text.remove_prefix(1);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xc0) == 0x80)
    text.remove_prefix(1);
}

bool matches_glob(std::string_view pattern, std::string_view text) {
  // Where to go on after a mismatch: behind the last star, one character later in the text.
  std::string_view star_pattern, star_text;
  bool starred = false;
  while (!text.empty()) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      star_pattern = pattern;
      star_text = text;
      starred = true;
    } else if (!pattern.empty() && pattern.front() == '?') {
      pattern.remove_prefix(1);
      drop_character(text);
    } else if (!pattern.empty() && pattern.front() == text.front()) {
      pattern.remove_prefix(1);
      text.remove_prefix(1);
    } else if (starred) {
      drop_character(star_text);
      pattern = star_pattern;
      text = star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*') == std::string_view::npos;
}

bool is_regex(std::string_view pattern) {
  return pattern.starts_with('~');
}

bool matches_regex(const std::string& pattern, const std::string& text) {
  // Compiling is a thousand times slower than matching, and the same few patterns come again.
  thread_local std::unordered_map<std::string, std::regex> compiled;
  auto found = compiled.find(pattern);
  if (found == compiled.end()) {
    try {
      found = compiled.emplace(pattern, std::regex(pattern.substr(1))).first;
    } catch (const std::regex_error& e) {
      throw Error(ErrorKind::usage,
                  "cannot use the regular expression '" + pattern.substr(1) + "': " + e.what());
    }
  }
  return std::regex_search(text, found->second);
}

/// "schema.table" of a pattern; the table part of "schema" is empty.
struct Parts {
  std::string_view schema, table;
  bool whole_schema;
};

Parts split(std::string_view pattern) {
  const auto dot = pattern.find('.');
  if (dot == std::string_view::npos) return {pattern, {}, true};
  return {pattern.substr(0, dot), pattern.substr(dot + 1), false};
}

bool matches(const std::string& pattern, const TableName& table) {
  if (is_regex(pattern)) return matches_regex(pattern, to_string(table));
  const Parts parts = split(pattern);
  return matches_glob(parts.schema, table.schema) &&
         (parts.whole_schema || matches_glob(parts.table, table.table));
}

bool matches_whole_schema(const std::string& pattern, std::string_view schema) {
  if (is_regex(pattern)) return false;
  const Parts parts = split(pattern);
  return parts.whole_schema && matches_glob(parts.schema, schema);
}

/// Whether no table of the schema can escape the pattern. For a regular expression that can't be
/// known.
bool matches_all_tables(const std::string& pattern, std::string_view schema) {
  if (is_regex(pattern)) return false;
  const Parts parts = split(pattern);
  const bool all = parts.whole_schema ||
                   (!parts.table.empty() && parts.table.find_first_not_of('*') == parts.table.npos);
  return all && matches_glob(parts.schema, schema);
}

}  // namespace

std::string to_string(const TableName& name) {
  return name.schema + "." + name.table;
}

bool is_system_schema(std::string_view schema) {
  static constexpr std::array<std::string_view, 4> names = {"mysql", "sys", "information_schema",
                                                            "performance_schema"};
  // Their names are not case-sensitive on any server, some report them in upper case.
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return std::equal(name.begin(), name.end(), schema.begin(), schema.end(),
                      [&](char a, char b) { return a == lower(b); });
  });
}

bool selects(const Objects& objects, const TableName& table) {
  const auto matching = [&](const std::string& pattern) { return matches(pattern, table); };
  return !is_system_schema(table.schema) &&
         std::any_of(objects.include.begin(), objects.include.end(), matching) &&
         std::none_of(objects.exclude.begin(), objects.exclude.end(), matching);
}

bool selects_schema(const Objects& objects, std::string_view schema) {
  const auto matching = [&](const std::string& pattern) {
    return matches_whole_schema(pattern, schema);
  };
  return !is_system_schema(schema) &&
         std::any_of(objects.include.begin(), objects.include.end(), matching) &&
         std::none_of(objects.exclude.begin(), objects.exclude.end(), matching);
}

bool touches_schema(const Objects& objects, std::string_view schema) {
  if (is_system_schema(schema)) return false;
  const auto touching = [&](const std::string& pattern) {
    return is_regex(pattern) || matches_glob(split(pattern).schema, schema);
  };
  const auto covering = [&](const std::string& pattern) {
    return matches_all_tables(pattern, schema);
  };
  return std::any_of(objects.include.begin(), objects.include.end(), touching) &&
         std::none_of(objects.exclude.begin(), objects.exclude.end(), covering);
}

}  // namespace dts
