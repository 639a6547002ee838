#pragma once

#include <zlib.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binlog/decoder.hpp"
#include "binlog/types.hpp"

/// Binlog events made by hand, as a MariaDB server would write them.
namespace events {

inline std::string le(std::uint64_t value, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

inline std::string be(std::uint64_t value, std::size_t size) {
  std::string text = le(value, size);
  return {text.rbegin(), text.rend()};
}

/// Bytes written as hex: hex("00 ff").
inline std::string hex(std::string_view digits) {
  std::string text, pair;
  for (char c : digits) {
    if (c == ' ') continue;
    pair += c;
    if (pair.size() < 2) continue;
    text += static_cast<char>(std::stoi(pair, nullptr, 16));
    pair.clear();
  }
  return text;
}

inline std::string length(std::uint64_t value) {
  if (value < 251) return le(value, 1);
  if (value < 65536) return le(252, 1) + le(value, 2);
  return value < 1 << 24 ? le(253, 1) + le(value, 3) : le(254, 1) + le(value, 8);
}

inline std::string deflate(std::string_view data, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(data.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// As binlog_buf_compress() of MariaDB's sql/log_event.cc does it.
inline std::string compressed(std::string_view data) {
  std::size_t size = data.size() < 256 ? 1 : data.size() < 65536 ? 2 : 3;
  return le(0x80 | size, 1) + be(data.size(), size) + deflate(data, 15);
}

/// Makes the checksum at the end of an event right again.
inline void fix_crc(std::string& event) {
  if (event.size() < 4) return;
  auto sum = crc32(0, reinterpret_cast<const Bytef*>(event.data()),
                   static_cast<uInt>(event.size() - 4));
  event.replace(event.size() - 4, 4, le(sum, 4));
}

/// A column as it is in TABLE_MAP.
struct MapColumn {
  std::uint8_t type;
  std::string metadata;
};
inline const MapColumn int_column{dts::binlog_type::long_, ""};
inline const MapColumn varchar_column{dts::binlog_type::varchar, le(40, 2)};

struct Builder {
  std::uint32_t timestamp = 1700000000, server = 71;
  std::uint64_t position = 4;
  bool checksums = true;
  std::uint8_t signs = 0;  ///< of numeric columns in TABLE_MAP: first bit for the first column

  static constexpr std::uint16_t artificial = 0x20, ignorable = 0x80;

  /// `end`: what the header says; by default where the event really ends.
  std::string event(std::uint8_t type, const std::string& body, std::uint16_t flags = 0,
                    std::int64_t end = -1) {
    bool sum = checksums || type == dts::event_type::format_description;
    std::size_t size = 19 + body.size() + (sum ? 4 : 0);
    if ((flags & artificial) == 0) position += size;
    std::uint64_t shown = end >= 0 ? static_cast<std::uint64_t>(end)
                          : (flags & artificial) != 0 ? 0
                                                      : position;
    std::string text = le(timestamp, 4) + le(type, 1) + le(server, 4) + le(size, 4) +
                       le(shown, 4) + le(flags, 2) + body;
    if (sum) {
      text += "1234";
      fix_crc(text);
    }
    return text;
  }

  std::string format(bool with_checksums = true, std::uint16_t version = 4, int header = 19) {
    std::string name = "10.11.19-MariaDB-log";
    name.resize(50);
    std::string text = event(dts::event_type::format_description,
                             le(version, 2) + name + le(timestamp, 4) +
                                 le(static_cast<std::uint64_t>(header), 1) +
                                 std::string(170, '\x08') + le(with_checksums ? 1 : 0, 1));
    checksums = with_checksums;
    return text;
  }
  std::string rotate(const std::string& file, std::uint64_t offset, bool is_artificial = false) {
    std::string text = event(dts::event_type::rotate, le(offset, 8) + file,
                             is_artificial ? artificial : std::uint16_t{0});
    position = offset;
    return text;
  }
  std::string gtid(std::uint64_t sequence, bool standalone = false, std::uint32_t domain = 0) {
    return event(dts::event_type::gtid,
                 le(sequence, 8) + le(domain, 4) + le(standalone ? 1 : 0, 1) + le(0, 6));
  }
  /// MariaDB's GTID event that is an XA START, too, as one of a group commit.
  std::string gtid_xa(std::uint64_t sequence, const std::string& gtrid, const std::string& bqual,
                      std::int32_t format) {
    return event(dts::event_type::gtid,
                 le(sequence, 8) + le(0, 4) + le(0x42, 1) + le(99, 8) +
                     le(static_cast<std::uint32_t>(format), 4) + le(gtrid.size(), 1) +
                     le(bqual.size(), 1) + gtrid + bqual);
  }
  static std::string query_body(const std::string& statement, const std::string& schema = "db",
                                const std::string& status = "") {
    return le(7, 4) + le(0, 4) + le(schema.size(), 1) + le(0, 2) + le(status.size(), 2) + status +
           schema + le(0, 1) + statement;
  }
  std::string query(const std::string& statement, const std::string& schema = "db",
                    const std::string& status = "") {
    return event(dts::event_type::query, query_body(statement, schema, status));
  }
  std::string query_compressed(const std::string& statement) {
    return event(dts::event_type::query_compressed, query_body(compressed(statement)));
  }
  std::string xid() { return event(dts::event_type::xid, le(5, 8)); }
  std::string table_map(std::uint64_t id, const std::string& schema, const std::string& table,
                        const std::vector<MapColumn>& columns,
                        const std::vector<std::string>& names = {}) {
    std::string types, metadata, list;
    for (const MapColumn& column : columns) {
      types += static_cast<char>(column.type);
      metadata += column.metadata;
    }
    for (const std::string& name : names) list += length(name.size()) + name;
    std::string body = le(id, 6) + le(1, 2) + le(schema.size(), 1) + schema + le(0, 1) +
                       le(table.size(), 1) + table + le(0, 1) + length(columns.size()) + types +
                       length(metadata.size()) + metadata +
                       std::string((columns.size() + 7) / 8, '\xff');
    // Signedness first: the numeric columns are signed.
    if (!names.empty())
      body += le(1, 1) + length(1) + le(signs, 1) + le(4, 1) + length(list.size()) + list;
    return event(dts::event_type::table_map, body);
  }
  /// `images`: null bitmaps and values.
  std::string rows(std::uint8_t type, std::uint64_t id, std::size_t columns,
                   const std::string& images, const std::string& present = "") {
    using namespace dts::event_type;
    bool v2 = type == write_rows || type == update_rows || type == delete_rows;
    bool update = type == update_rows || type == update_rows_v1 || type == update_rows_compressed;
    bool packed = type >= write_rows_compressed;
    std::string all((columns + 7) / 8, '\xff');
    std::string bitmap = present.empty() ? (update ? all + all : all) : present;
    return event(type, le(id, 6) + le(1, 2) + (v2 ? le(4, 2) + "ab" : "") + length(columns) +
                           bitmap + (packed ? compressed(images) : images));
  }
};

/// One row image of (INT, VARCHAR(40)): a null bitmap and the two values.
inline std::string pair(std::int32_t number, const std::string& text) {
  return le(0, 1) + le(static_cast<std::uint32_t>(number), 4) + le(text.size(), 1) + text;
}

/// A decoder with shapes and what came out of it.
struct Feed {
  Builder make;
  std::map<std::pair<std::string, std::string>, dts::Table> shapes;
  std::vector<dts::Transaction> got;
  std::vector<dts::TransactionId> asked;
  dts::Decoder decoder;

  explicit Feed(std::size_t piece_bytes = 1 << 20)
      : decoder(
            [this](const dts::TableName& name, const dts::TransactionId& id) {
              asked.push_back(id);
              auto found = shapes.find({name.schema, name.table});
              return found == shapes.end() ? nullptr : &found->second;
            },
            [this](dts::Transaction&& t) { got.push_back(std::move(t)); },
            dts::DecoderOptions{piece_bytes}) {
    shapes[{"db", "t"}] = pair_table("t");
  }
  Feed(const Feed&) = delete;

  static dts::Table pair_table(const std::string& name) {
    dts::Table table;
    table.name = {"db", name};
    table.columns.resize(2);
    table.columns[0].name = "id";
    table.columns[0].type = dts::ColumnType::integer;
    table.columns[1].name = "name";
    table.columns[1].type = dts::ColumnType::text;
    table.columns[1].charset = "utf8mb4";
    table.keys = {{"PRIMARY", true, false, {{0, {}}}}};
    table.row_key = 0;
    return table;
  }
  /// The number of a transaction's GTID.
  std::uint64_t sequence(std::size_t i) const {
    return std::get<dts::DomainGtid>(got.at(i).id.gtid).sequence;
  }
  void operator()(const std::string& event) { decoder.feed(event); }
  /// ROTATE and FORMAT_DESCRIPTION as a dump begins.
  void start(std::uint64_t offset = 4) {
    (*this)(make.rotate("bin.000001", offset, true));
    (*this)(make.format());
    make.position = offset;
  }
  void map(std::uint64_t id = 9, const std::string& table = "t") {
    (*this)(make.table_map(id, "db", table, {int_column, varchar_column}));
  }
  void insert(std::int32_t number, const std::string& text, std::uint64_t id = 9) {
    (*this)(make.rows(dts::event_type::write_rows_v1, id, 2, pair(number, text)));
  }
};

/// A value as text with its kind in front: "n:5", "d:2024-01-01", "t:abc", "b:..." or "NULL".
inline std::string show(const dts::Value& value) {
  if (value.is_null()) return "NULL";
  static constexpr char kinds[] = {'?', 'n', 'd', 't', 'b'};
  return std::string(1, kinds[static_cast<int>(value.kind)]) + ":" + std::string(value.data);
}

inline std::string show(const dts::Row& row) {
  std::string text;
  for (const dts::Value& value : row) text += (text.empty() ? "" : " ") + show(value);
  return text;
}

/// "+n:1 t:a" for an insert, "-..." for a remove, "before > after" for an update.
inline std::string show(const dts::RowChange& change) {
  if (change.kind == dts::ChangeKind::insert) return "+" + show(change.after);
  if (change.kind == dts::ChangeKind::remove) return "-" + show(change.before);
  return show(change.before) + " > " + show(change.after);
}

inline std::vector<std::string> show(const dts::Transaction& transaction) {
  std::vector<std::string> list;
  for (const dts::RowChange& change : transaction.changes) list.push_back(show(change));
  return list;
}

}  // namespace events
