#include "job_overrides.hpp"

#include <algorithm>

#include "dts/error.hpp"

namespace dts {

namespace {

std::vector<std::string_view> split_key(std::string_view key) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= key.size();) {
    const auto end = std::min(key.find('.', begin), key.size());
    parts.push_back(key.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool is_bare_key(std::string_view key) {
  return !key.empty() &&
         key.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == key.npos;
}

/// The value as a document with the one key "value".
toml::table parse_value(std::string_view value, const std::string& origin) {
  try {
    auto document = toml::parse("value = " + std::string(value), origin);
    if (document.size() == 1) return document;
  } catch (const toml::parse_error&) {
    // A bare word, a path, a host name.
  }
  // Parsed rather than inserted: only the parser gives a node its place.
  auto document = toml::parse("value = ''", origin);
  *document.get_as<std::string>("value") = std::string(value);
  return document;
}

}  // namespace

void apply_override(toml::table& root, const std::string& text) {
  const auto equals = text.find('=');
  std::string_view key = std::string_view(text).substr(0, equals);
  while (key.ends_with(' ')) key.remove_suffix(1);
  const auto parts = split_key(key);
  const std::string origin = "-c " + text;
  const auto fail = [&](const std::string& why, std::string hint = {}) {
    throw Error(ErrorKind::usage, origin + ": " + why, std::move(hint));
  };
  if (equals == text.npos) fail("there is no '='", "write -c section.key=value");
  toml::table document = parse_value(std::string_view(text).substr(equals + 1), origin);
  const auto* section = document.get_as<toml::table>("value");
  if (std::find(parts.begin(), parts.end(), "password") != parts.end() ||
      (section && section->contains("password")))
    throw Error(
        ErrorKind::usage,
        "-c " + std::string(key) + "=...: a password on the command line can be seen by all",
        "use password_file, password_command or a DTSCTL_..._PASSWORD variable");
  for (const auto part : parts)
    if (!is_bare_key(part)) fail("'" + std::string(key) + "' is not a key of the job file");

  const toml::source_region region = document.get("value")->source();
  toml::table* table = &root;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (!table->contains(parts[i]))
      table->insert_or_assign(toml::key(parts[i], region), toml::table());
    table = table->get_as<toml::table>(parts[i]);
    if (!table) fail("'" + std::string(parts[i]) + "' is not a section");
  }
  // Moved, as copies of nodes forget their place.
  document.get("value")->visit([&](auto& value) {
    table->insert_or_assign(toml::key(parts.back(), region), std::move(value));
  });
}

}  // namespace dts
