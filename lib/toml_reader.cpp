#include "toml_reader.hpp"

#include <fmt/format.h>

#include "dts/error.hpp"
#include "edit_distance.hpp"

namespace dts {

namespace {

std::string hint_for(std::string_view near) {
  return near.empty() ? std::string() : fmt::format("did you mean '{}'?", near);
}

}  // namespace

std::string location(const toml::source_region& region) {
  const std::string_view path = region.path ? std::string_view(*region.path) : std::string_view();
  if (path.starts_with("-c ")) return fmt::format("{}: ", path);
  return fmt::format("{}:{}:{}: ", path, region.begin.line, region.begin.column);
}

toml::table parse_toml(std::string_view text, std::string_view name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& e) {
    static constexpr std::string_view prefix = "Error while parsing ";
    std::string_view why = e.description();
    std::string what;
    if (why.starts_with(prefix)) {
      why.remove_prefix(prefix.size());
      what = "cannot parse " + std::string(why);
    } else {
      what = "cannot parse the file: " + std::string(why);
    }
    throw Error(ErrorKind::usage, location(e.source()) + what);
  }
}

TomlReader::TomlReader(const toml::table& table, std::string path, const toml::source_region* outer)
    : table_(table), path_(std::move(path)), region_(table.source()) {
  // Tables that only -c made have no place of their own.
  if (!region_.begin && outer) region_ = *outer;
}

std::string TomlReader::name(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void TomlReader::allow(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, value] : table_) {
    if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
    const auto& region = key.source().begin ? key.source() : value.source();
    fail_at(region, key.str(), "unknown key '{}'", hint_for(nearest(key.str(), keys)));
  }
}

void TomlReader::require(std::string_view key) const {
  if (!has(key)) fail_at(region_, key, "'{}' is missing", {});
}

void TomlReader::read(std::string_view key, std::string& out) const {
  const auto* value = node(key);
  if (!value) return;
  const auto text = value->value_exact<std::string>();
  if (!text) fail(key, "'{}' must be a string");
  if (text->find('\0') != std::string::npos) fail(key, "'{}' must not contain a zero byte");
  out = *text;
}

void TomlReader::read(std::string_view key, bool& out) const {
  const auto* value = node(key);
  if (!value) return;
  const auto flag = value->value_exact<bool>();
  if (!flag) fail(key, "'{}' must be true or false");
  out = *flag;
}

void TomlReader::read(std::string_view key, std::vector<std::string>& out) const {
  const auto* value = node(key);
  if (!value) return;
  const auto* array = value->as_array();
  if (!array) fail(key, "'{}' must be an array of strings");
  std::vector<std::string> texts;
  for (const auto& element : *array) {
    const auto text = element.value_exact<std::string>();
    if (!text) fail(key, texts.size(), "'{}' must be an array of strings");
    if (text->find('\0') != std::string::npos)
      fail(key, texts.size(), "'{}' must not contain a zero byte");
    texts.push_back(*text);
  }
  out = std::move(texts);
}

void TomlReader::read_real(std::string_view key, double& out, double min, double max) const {
  const auto* value = node(key);
  if (!value) return;
  const auto number = value->is_number() ? value->value<double>() : std::nullopt;
  if (!number || !(*number >= min && *number <= max))
    fail(key, fmt::format("'{{}}' must be a number from {} to {}", min, max));
  out = *number;
}

std::optional<std::uint64_t> TomlReader::integer(std::string_view key, std::uint64_t min,
                                                 std::uint64_t max) const {
  const auto* value = node(key);
  if (!value) return std::nullopt;
  const auto number = value->value_exact<std::int64_t>();
  if (!number || *number < 0 || static_cast<std::uint64_t>(*number) < min ||
      static_cast<std::uint64_t>(*number) > max) {
    const bool bounded = max < static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    fail(key, bounded ? fmt::format("'{{}}' must be an integer from {} to {}", min, max)
                      : fmt::format("'{{}}' must be an integer, {} or more", min));
  }
  return static_cast<std::uint64_t>(*number);
}

std::optional<TomlReader> TomlReader::table(std::string_view key) const {
  const auto* value = node(key);
  if (!value) return std::nullopt;
  const auto* table = value->as_table();
  if (!table) fail(key, "'{}' must be a table");
  return TomlReader(*table, name(key), &region_);
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) const {
  const auto* value = node(key);
  if (!value) return {};
  const auto* array = value->as_array();
  if (!array) fail(key, "'{}' must be an array of tables");
  std::vector<TomlReader> readers;
  for (const auto& element : *array) {
    const auto* table = element.as_table();
    if (!table) fail(key, readers.size(), "'{}' must be an array of tables");
    readers.emplace_back(*table, name(key), &region_);
  }
  return readers;
}

void TomlReader::fail(std::string_view key, std::string_view message, std::string hint) const {
  const auto* value = node(key);
  fail_at(value && value->source().begin ? value->source() : region_, key, message,
          std::move(hint));
}

void TomlReader::fail(std::string_view key, std::size_t index, std::string_view message,
                      std::string hint) const {
  const auto* value = node(key);
  const auto* array = value ? value->as_array() : nullptr;
  const auto* element = array ? array->get(index) : nullptr;
  if (!element) fail(key, message, std::move(hint));
  fail_at(element->source(), key, message, std::move(hint));
}

void TomlReader::fail_choice(std::string_view key, std::string_view word,
                             const std::vector<std::string_view>& words) const {
  fail(key, fmt::format("'{{}}' must be one of {}", fmt::join(words, ", ")),
       hint_for(nearest(word, words)));
}

void TomlReader::fail_at(const toml::source_region& region, std::string_view key,
                         std::string_view message, std::string hint) const {
  throw Error(ErrorKind::usage, location(region) + fmt::format(fmt::runtime(message), name(key)),
              std::move(hint));
}

}  // namespace dts
