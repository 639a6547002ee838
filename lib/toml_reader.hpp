#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dts {

/// "FILE:LINE:COLUMN: ", or "-c KEY=VALUE: " for what came from the command line.
std::string location(const toml::source_region& region);

/// Parses a document; `name` is what complaints call it. Throws Error{usage}.
toml::table parse_toml(std::string_view text, std::string_view name);

/// Strict reading of one TOML table: no conversions between types, and every complaint is an
/// Error{usage} that begins with where it is. The read_ functions leave `out` as it is where the
/// key is missing. Refers to the table, which must outlive it.
class TomlReader {
 public:
  explicit TomlReader(const toml::table& table, std::string path = {},
                      const toml::source_region* outer = nullptr);

  /// Refuses every other key.
  void allow(std::initializer_list<std::string_view> keys) const;
  void require(std::string_view key) const;
  bool has(std::string_view key) const { return table_.contains(key); }
  const toml::node* node(std::string_view key) const { return table_.get(key); }

  void read(std::string_view key, std::string& out) const;
  void read(std::string_view key, bool& out) const;
  void read(std::string_view key, std::vector<std::string>& out) const;
  void read_real(std::string_view key, double& out, double min, double max) const;

  template <class Integer>
  void read_integer(std::string_view key, Integer& out, std::uint64_t min,
                    std::uint64_t max) const {
    if (const auto value = integer(key, min, max)) out = static_cast<Integer>(*value);
  }

  template <class Enum>
  using Names = std::initializer_list<std::pair<std::string_view, Enum>>;

  template <class Enum>
  void read_enum(std::string_view key, Enum& out, Names<Enum> names) const {
    if (!has(key)) return;
    std::string word;
    read(key, word);
    std::vector<std::string_view> words;
    for (const auto& [name, value] : names) {
      if (name == word) {
        out = value;
        return;
      }
      words.push_back(name);
    }
    fail_choice(key, word, words);
  }

  /// Nothing if there is no such key.
  std::optional<TomlReader> table(std::string_view key) const;
  std::vector<TomlReader> tables(std::string_view key) const;
  const toml::table& data() const { return table_; }

  /// Complains about the value of `key` (of its element `index`), or about the table if there is
  /// none. "{}" in `message` stands for the key's full name.
  [[noreturn]] void fail(std::string_view key, std::string_view message,
                         std::string hint = {}) const;
  [[noreturn]] void fail(std::string_view key, std::size_t index, std::string_view message,
                         std::string hint = {}) const;
  [[noreturn]] void fail_choice(std::string_view key, std::string_view word,
                                const std::vector<std::string_view>& words) const;

  /// "section.key"
  std::string name(std::string_view key) const;

 private:
  std::optional<std::uint64_t> integer(std::string_view key, std::uint64_t min,
                                       std::uint64_t max) const;
  [[noreturn]] void fail_at(const toml::source_region& region, std::string_view key,
                            std::string_view message, std::string hint) const;

  const toml::table& table_;
  std::string path_;
  toml::source_region region_;
};

}  // namespace dts
