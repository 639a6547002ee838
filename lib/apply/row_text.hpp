#pragma once

#include <string>

#include "binlog/event.hpp"
#include "schema/table.hpp"

// Rows in SQL.

namespace dts {

void append_value(std::string& to, const Column& column, const Value& value);

/// "`a` = 1": for keys, which are never NULL.
void append_equal(std::string& to, const Column& column, const Value& value);

/// "`a` = 1 AND `b` = 2": the row key, of versioned tables without the end of the version, because
/// statements see what is valid now only.
void append_key(std::string& to, const Table& table, const Row& row);

/// Every column, NULL-safe: how a row without a key is found.
void append_whole_row(std::string& to, const Table& table, const Row& row);

/// "(`a`, `b`)": the columns that are written.
void append_columns(std::string& to, const Table& table);

/// Their values. With `as_current`, a version of a versioned table as if it were still valid.
void append_row(std::string& to, const Table& table, const Row& row, bool as_current = false);

}  // namespace dts
