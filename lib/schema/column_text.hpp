#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/tokens.hpp"

namespace dts {

/// A column of CREATE TABLE in its parts, each as it was written.
struct ColumnText {
  std::string name;             ///< quoted
  std::string type_name, type;  ///< "int", "int(5) unsigned"
  std::string charset, collation;
  std::string generated, storage;  ///< "(a + 1)", "VIRTUAL" or "STORED"
  std::string null;                ///< "NOT NULL", "NULL" or nothing
  std::string default_value;
  bool default_is_expression = false;
  std::string on_update;
  bool auto_increment = false, invisible = false, compressed = false, versioned = false;
  std::string comment, check, srid;
  std::vector<std::string> left_out;  ///< what has no part here
};

/// Reads what a server wrote, from the name on.
ColumnText read_column_text(std::span<const Token> tokens);

/// In an order that both MySQL and MariaDB take.
std::string write_column_text(const ColumnText& column);

/// The text with the contents of executable comments in their place, as the server that wrote them
/// reads it, and without other comments.
std::string without_executable_comments(std::string_view text);

}  // namespace dts
