#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "schema/table.hpp"

/// golden/types-10.11.*: a binlog of MariaDB 10.11 with every column type, and what SELECT says.
namespace golden {

inline std::string read_file(const std::string& name) {
  auto path = std::filesystem::path(__FILE__).parent_path().parent_path() / "golden" / name;
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in, "cannot read ", path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The events of a binlog file.
inline std::vector<std::string> events(const std::string& file) {
  std::vector<std::string> list;
  for (std::size_t at = 4; at + 19 <= file.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, file.data() + at + 9, sizeof size);
    list.push_back(file.substr(at, size));
    at += size;
  }
  return list;
}

struct Tables {
  std::map<std::string, dts::Table> shapes;
  std::map<std::string, std::vector<std::vector<std::string>>> rows;

  /// Rows of a table with no NULL bytes in names; nothing for tables of other databases.
  const dts::Table* find(const dts::TableName& name) const {
    auto found = shapes.find(name.table);
    return name.schema == "he" && found != shapes.end() ? &found->second : nullptr;
  }
};

inline Tables tables(const std::string& file) {
  Tables all;
  std::string shape, name;
  auto finish = [&] {
    if (!name.empty()) all.shapes[name] = dts::parse_shape("dtsctl shape 1\n" + shape);
    shape.clear();
  };
  std::istringstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
    if (line.ends_with('\t')) fields.emplace_back();
    if (fields[0] == "row") {
      fields.erase(fields.begin());
      all.rows[name].push_back(fields);
      continue;
    }
    if (fields[0] == "table") {
      finish();
      name = fields[2];
    }
    shape += line + '\n';
  }
  finish();
  return all;
}

}  // namespace golden
