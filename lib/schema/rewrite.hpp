#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/map_objects.hpp"
#include "schema/map_text.hpp"
#include "schema/mentions.hpp"

// What map_objects.cpp, map_body.cpp and map_view.cpp share.

namespace dts {

/// What a column is on the target.
struct ColumnFate {
  bool changed = false, left_out = false;
  std::string name;
};

/// One text on its way to the target.
struct Rewrite {
  const ObjectNames& names;
  const ObjectId& id;
  std::string_view text;
  Dialect dialect;
  Pieces pieces;
  std::string home = {};  ///< the object's database on the target
  const ObjectNames::Relation* trigger_table = nullptr;
  std::vector<Edit> edits = {};
  MappedObject result = {};

  /// Pieces `first` to `last` give way to `with`.
  void replace(std::size_t first, std::size_t last, std::string with);
  void refuse(std::string why);

  /// The table or view of this name; it counts as mentioned.
  const ObjectNames::Relation* relation(const std::string& schema, const std::string& table);
  /// What a table or view is called on the target, also one that is not there yet; nothing if it is
  /// not selected.
  std::optional<TableName> target_of(const std::string& schema, const std::string& table);
  /// Whether a name leads to the same thing there.
  bool same(const std::string& a, const std::string& b) const;
  bool same(const TableName& a, const TableName& b) const;
  /// As it is to be written in the object.
  std::string written(const TableName& target) const;

  /// `a`.`b` is a table, view or sequence of database `a`.
  void map_pair(const Mention& mention);
  /// a.b(...), CALL b, CALL a.b.c
  void map_call(const Mention& mention);
  ColumnFate column(const ObjectNames::Relation& relation, const std::string& name) const;
  void refuse_column(const ObjectNames::Relation& relation, const std::string& name,
                     const ColumnFate& fate);
};

std::string in_backticks(std::string_view name);

/// Names beyond ASCII can't be compared, nor written, where the text has other bytes for them.
void check_charset(Rewrite& rewrite, std::size_t from);

/// The names in pieces[from...].
void map_body(Rewrite& rewrite, std::size_t from);
void map_view(Rewrite& rewrite, std::size_t from);

}  // namespace dts
