#include "binlog/golden.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <bit>
#include <cstdlib>

#include "binlog/decoder.hpp"
#include "binlog/event_builder.hpp"

namespace {

using dts::ColumnType;
using dts::ValueKind;

std::string to_hex(std::string_view bytes) {
  std::string text;
  dts::append_hex(text, bytes);
  return text.substr(2, text.size() - 3);
}

ValueKind kind_of(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
    case ColumnType::decimal:
    case ColumnType::float_:
    case ColumnType::double_:
    case ColumnType::bit:
    case ColumnType::year:
    case ColumnType::enum_:
    case ColumnType::set:
      return ValueKind::number;
    case ColumnType::text:
      return ValueKind::text;
    case ColumnType::binary:
    case ColumnType::bytes:
    case ColumnType::geometry:
      return ValueKind::bytes;
    default:
      return ValueKind::temporal;
  }
}

std::string address_bytes(const std::string& text) {
  std::string raw(16, '\0');
  CHECK(inet_pton(AF_INET6, text.c_str(), raw.data()) == 1);
  return raw;
}

/// Whether the decoded value is the one that SELECT showed.
bool agrees(const dts::Column& column, const dts::Value& value, const std::string& expected) {
  if (expected == "NULL") return value.is_null();
  if (value.kind != kind_of(column.type)) return false;
  std::string text(value.data);
  switch (column.type) {
    case ColumnType::float_:
    case ColumnType::double_:
      return std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)) ==
             std::bit_cast<std::uint64_t>(std::strtod(expected.c_str(), nullptr));
    case ColumnType::text:
    case ColumnType::binary:
    case ColumnType::bytes:
    case ColumnType::geometry:
      return to_hex(text) == expected;
    case ColumnType::inet6:
      return address_bytes(text) == address_bytes(expected);
    default:
      return text == expected;
  }
}

void compare(const dts::Table& table, const dts::Row& row,
             const std::vector<std::string>& expected) {
  REQUIRE(row.size() == expected.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& column = table.columns[i];
    CHECK_MESSAGE(agrees(column, row[i], expected[i]), table.name.table, ".", column.name, " (",
                  column.definition, "): decoded ", events::show(row[i]), ", SELECT says ",
                  expected[i]);
  }
}

}  // namespace

TEST_CASE("golden: every type of MariaDB 10.11 is decoded as SELECT shows it") {
  const auto all = golden::tables(golden::read_file("types-10.11.txt"));
  REQUIRE(all.shapes.size() == 10);
  std::vector<dts::Transaction> got;
  dts::Decoder decoder(
      [&](const dts::TableName& name, const dts::TransactionId&) { return all.find(name); },
      [&](dts::Transaction&& t) { got.push_back(std::move(t)); }, {});
  for (const auto& event : golden::events(golden::read_file("types-10.11.bin")))
    decoder.feed(event);

  std::map<std::string, std::size_t> inserted, removed;
  std::size_t updated = 0, ddl = 0;
  for (const auto& transaction : got) {
    CHECK(std::get<dts::DomainGtid>(transaction.id.gtid).server == 71);
    CHECK(transaction.timestamp > 1700000000);
    if (transaction.ddl) {
      ++ddl;
      CHECK(transaction.ddl->statement.starts_with("ALTER TABLE he.ints COMMENT"));
    }
    for (const auto& change : transaction.changes) {
      const auto& name = change.table->name.table;
      const auto& rows = all.rows.at(name);
      CAPTURE(name);
      if (change.kind == dts::ChangeKind::insert) {
        compare(*change.table, change.after, rows.at(inserted[name]++));
      } else if (change.kind == dts::ChangeKind::remove) {
        compare(*change.table, change.before, rows.at(removed[name]++));
      } else {
        ++updated;
        CHECK(name == "computed");
      }
    }
  }
  CHECK(ddl == 1);
  CHECK(updated == 4);
  for (const auto& [name, rows] : all.rows) {
    CHECK(rows.size() == 6);
    CHECK(inserted[name] == 6);
    CHECK(removed[name] == 6);
  }
}
