#include "binlog/row_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "binlog/column_value.hpp"
#include "binlog/json.hpp"
#include "binlog/types.hpp"
#include "schema/letter_case.hpp"

namespace dts {

namespace {

/// Bytes of metadata that a column type has in TABLE_MAP.
std::size_t metadata_size(std::uint8_t type) {
  switch (type) {
    case binlog_type::float_:
    case binlog_type::double_:
    case binlog_type::blob:
    case binlog_type::geometry:
    case binlog_type::json:
    case binlog_type::vector:
    case binlog_type::blob_compressed:
    case binlog_type::timestamp2:
    case binlog_type::datetime2:
    case binlog_type::time2:
      return 1;
    case binlog_type::varchar:
    case binlog_type::var_string:
    case binlog_type::varchar_compressed:
    case binlog_type::string:
    case binlog_type::new_decimal:
    case binlog_type::bit:
    case binlog_type::enum_:
    case binlog_type::set:
      return 2;
    default:
      return 0;
  }
}

/// ENUM and SET travel as type 254 with the real type in the first metadata byte.
std::uint8_t real_type(std::uint8_t type, std::uint16_t metadata) {
  if (type != binlog_type::string) return type;
  auto first = static_cast<std::uint8_t>(metadata & 0xff);
  return first == binlog_type::enum_ || first == binlog_type::set ? first : type;
}

bool matches(std::uint8_t type, ColumnType column) {
  using C = ColumnType;
  switch (type) {
    case binlog_type::tiny:
    case binlog_type::short_:
    case binlog_type::int24:
    case binlog_type::long_:
    case binlog_type::longlong:
      return column == C::integer;
    case binlog_type::float_:
      return column == C::float_;
    case binlog_type::double_:
      return column == C::double_;
    case binlog_type::new_decimal:
      return column == C::decimal;
    case binlog_type::year:
      return column == C::year;
    case binlog_type::date:
      return column == C::date;
    case binlog_type::time:
    case binlog_type::time2:
      return column == C::time;
    case binlog_type::datetime:
    case binlog_type::datetime2:
      return column == C::datetime;
    case binlog_type::timestamp:
    case binlog_type::timestamp2:
      return column == C::timestamp;
    case binlog_type::bit:
      return column == C::bit;
    case binlog_type::enum_:
      return column == C::enum_;
    case binlog_type::set:
      return column == C::set;
    case binlog_type::varchar:
    case binlog_type::var_string:
    case binlog_type::varchar_compressed:
    case binlog_type::blob:
    case binlog_type::blob_compressed:
      return column == C::text || column == C::bytes || column == C::geometry ||
             column == C::json || column == C::vector;
    case binlog_type::string:
      return column == C::text || column == C::binary || column == C::uuid ||
             column == C::inet4 || column == C::inet6;
    case binlog_type::geometry:
      return column == C::geometry;
    case binlog_type::vector:
      return column == C::vector;
    case binlog_type::json:
      return column == C::json;
    default:
      return false;
  }
}

/// Columns that the list of signs has an entry for.
bool is_numeric(std::uint8_t type) {
  switch (type) {
    case binlog_type::tiny:
    case binlog_type::short_:
    case binlog_type::int24:
    case binlog_type::long_:
    case binlog_type::longlong:
    case binlog_type::float_:
    case binlog_type::double_:
    case binlog_type::new_decimal:
    case binlog_type::year:
      return true;
    default:
      return false;
  }
}

void read_optional_metadata(Bytes& body, OptionalMetadata& metadata) {
  constexpr std::uint8_t signs = 1, column_names = 4;
  while (!body.done()) {
    std::uint8_t kind = body.byte();
    Bytes value(body.take(body.length()));
    if (kind == signs)
      while (!value.done())
        for (unsigned bits = value.byte(), mask = 0x80; mask != 0; mask >>= 1)
          metadata.is_unsigned.push_back((bits & mask) != 0);
    if (kind == column_names)
      while (!value.done()) metadata.names.emplace_back(value.take(value.length()));
  }
}

[[noreturn]] void shape_mismatch(const TableMap& map, const std::string& difference) {
  throw Error(ErrorKind::source,
              fmt::format("cannot read rows of {}: {}", to_string(map.name), difference),
              "the table was changed in a way that is not in the binlog, or its kept shape is not "
              "the one it had then: copy it again (dtsctl init-data --restart)");
}

/// Whether MariaDB can't index a column as a whole.
bool is_long(const Column& column) {
  constexpr std::uint64_t part_bytes_max = 3072;
  const bool is_blob = column.definition.find("text") != std::string::npos ||
                       column.definition.find("blob") != std::string::npos;
  return column.bytes_max > part_bytes_max ||
         (is_blob && (column.type == ColumnType::text || column.type == ColumnType::bytes));
}

/// MariaDB keeps hashes for unique keys over long values, in columns that nobody else sees, behind
/// all others: how many.
std::size_t count_hashes(const Table& table) {
  constexpr std::uint64_t key_bytes_max = 3500;
  return static_cast<std::size_t>(
      std::count_if(table.keys.begin(), table.keys.end(), [&](const Key& key) {
        std::uint64_t bytes = 0;
        bool has_long = false;
        for (const KeyPart& part : key.parts) {
          if (part.prefix) continue;
          bytes += table.columns[part.column].bytes_max;
          has_long = has_long || is_long(table.columns[part.column]);
        }
        return key.unique && (has_long || bytes > key_bytes_max);
      }));
}

bool only_hashes_behind(const TableMap& map, const OptionalMetadata& metadata) {
  const std::size_t first = map.table->columns.size();
  if (map.types.size() != first + count_hashes(*map.table)) return false;
  for (std::size_t i = first; i < map.types.size(); ++i)
    if (map.types[i] != binlog_type::longlong ||
        (i < metadata.names.size() && !metadata.names[i].starts_with("DB_ROW_HASH_")))
      return false;
  return true;
}

}  // namespace

TableMap read_table_map(Bytes& body, OptionalMetadata& metadata_behind) {
  TableMap map;
  map.name.schema = body.take(body.byte());
  body.skip(1);
  map.name.table = body.take(body.byte());
  body.skip(1);
  std::size_t count = body.length();
  std::string_view types = body.take(count);
  map.types.assign(types.begin(), types.end());
  Bytes metadata(body.take(body.length()));
  map.metadata.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto value = static_cast<std::uint16_t>(metadata.number(metadata_size(map.types[i])));
    map.metadata.push_back(value);
    map.types[i] = real_type(map.types[i], value);
  }
  body.skip((count + 7) / 8);  // which columns may be NULL
  read_optional_metadata(body, metadata_behind);
  return map;
}

void check_shape(const TableMap& map, const OptionalMetadata& metadata) {
  const auto& columns = map.table->columns;
  const auto& names = metadata.names;
  if (map.types.size() != columns.size() && !only_hashes_behind(map, metadata))
    shape_mismatch(map, fmt::format("the event has {} columns, the kept shape {}",
                                    map.types.size(), columns.size()));
  std::size_t numeric = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    // A shape that was read on the target may have another case of the name.
    if (!names.empty() && i < names.size() && !same_column(names[i], columns[i].name))
      shape_mismatch(map, fmt::format("column {} is '{}' in the event and '{}' in the kept shape",
                                      i + 1, names[i], columns[i].name));
    if (!matches(map.types[i], columns[i].type))
      shape_mismatch(map, fmt::format("column '{}' ({}) has binlog type {} in the event",
                                      columns[i].name, columns[i].definition, map.types[i]));
    if (!is_numeric(map.types[i])) continue;
    const bool known = numeric < metadata.is_unsigned.size();
    const bool differs = known && metadata.is_unsigned[numeric] != columns[i].is_unsigned;
    ++numeric;
    if (differs && map.types[i] != binlog_type::year)
      shape_mismatch(map, fmt::format("column '{}' ({}) has the other sign in the event",
                                      columns[i].name, columns[i].definition));
  }
}

namespace {

bool is_null(std::string_view nulls, std::size_t column) {
  return (static_cast<unsigned char>(nulls[column / 8]) >> (column % 8) & 1) != 0;
}

Value json_value(const Json& document, JsonForm json, Arena& arena) {
  if (json == JsonForm::text) return {ValueKind::text, arena.copy(json_text(document))};
  return {ValueKind::expression, arena.copy(json_sql(document))};
}

}  // namespace

Row read_row_image(Bytes& body, const TableMap& map, JsonForm json, Arena& arena,
                   std::vector<std::string_view>* documents) {
  std::size_t count = map.table->columns.size();
  std::string_view nulls = body.take((map.types.size() + 7) / 8);
  Value* values = arena.values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_json = map.types[i] == binlog_type::json;
    if (is_json && documents != nullptr) documents->emplace_back();
    if (is_null(nulls, i)) continue;
    if (!is_json) {
      values[i] = read_column(body, map.types[i], map.metadata[i], map.table->columns[i], arena);
      continue;
    }
    std::string_view raw = body.take(body.number(map.metadata[i]));
    if (documents != nullptr) documents->back() = raw;
    values[i] = json_value(parse_json(raw, arena), json, arena);
  }
  constexpr std::size_t hash_bytes = 8;
  for (std::size_t i = count; i < map.types.size(); ++i)
    if (!is_null(nulls, i)) body.skip(hash_bytes);
  return {values, count};
}

Row read_partial_image(Bytes& body, const TableMap& map,
                       const std::vector<std::string_view>& documents, JsonForm json,
                       Arena& arena) {
  constexpr std::uint64_t partial_json = 1;
  std::size_t count = map.types.size();
  std::string_view partial;
  if ((body.length() & partial_json) != 0) partial = body.take((documents.size() + 7) / 8);
  std::string_view nulls = body.take((count + 7) / 8);
  Value* values = arena.values(count);
  std::size_t document = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_json = map.types[i] == binlog_type::json;
    const std::size_t number = document;
    if (is_json) ++document;
    if (is_null(nulls, i)) continue;
    if (!is_json) {
      values[i] = read_column(body, map.types[i], map.metadata[i], map.table->columns[i], arena);
      continue;
    }
    std::string_view raw = body.take(body.number(map.metadata[i]));
    if (partial.empty() || !is_null(partial, number)) {
      values[i] = json_value(parse_json(raw, arena), json, arena);
      continue;
    }
    Json changed = parse_json(documents[number], arena);
    apply_json_diffs(changed, Bytes(raw), arena);
    values[i] = json_value(changed, json, arena);
  }
  return {values, count};
}

}  // namespace dts
