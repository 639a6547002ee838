#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dts {

/// Writes TOML text line by line. Strings may hold any bytes: what TOML cannot hold (control
/// characters, invalid UTF-8) and '%' itself become %XX, which percent_decode() undoes.
class TomlWriter {
 public:
  void comment(std::string_view text);
  void table(std::string_view name);    ///< [name]
  void element(std::string_view name);  ///< [[name]]

  void write(std::string_view key, std::string_view value);
  void write(std::string_view key, const char* value) { write(key, std::string_view(value)); }
  void write(std::string_view key, const std::vector<std::string>& values);
  void write(std::string_view key, std::uint64_t value);
  void write(std::string_view key, double value);
  void write(std::string_view key, bool value);
  /// `value` is TOML already: a time, an inline table.
  void write_verbatim(std::string_view key, std::string_view value);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string toml_string(std::string_view bytes);

/// Undoes the %XX; false if there is a '%' that toml_string() could not have written.
bool percent_decode(std::string& text);

}  // namespace dts
