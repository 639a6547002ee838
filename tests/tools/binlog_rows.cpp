// Prints the rows of binlog files as the decoder of libdts reads them, in the pseudo SQL of the
// servers' own tools (mysqlbinlog -v, mariadb-binlog -v), so that the two can be compared. What the
// tables look like is taken from the TABLE_MAP events themselves.
//
//   binlog_rows FILE...           one "# GTID" line for each transaction, and its rows
//   binlog_rows --count FILE...   rows, seconds of CPU and rows a second; nothing is printed of
//   them
//
// A file that the decoder refuses is reported as "# REFUSED: why", and the next one follows; the
// exit code is then 3.

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "binlog/decoder.hpp"
#include "binlog/payload.hpp"
#include "binlog/types.hpp"

namespace {

using dts::ColumnType;
namespace type = dts::binlog_type;

constexpr std::size_t header_size = 19, crc_size = 4;

ColumnType column_type(std::uint8_t binlog_type) {
  switch (binlog_type) {
    case type::float_:
      return ColumnType::float_;
    case type::double_:
      return ColumnType::double_;
    case type::new_decimal:
      return ColumnType::decimal;
    case type::year:
      return ColumnType::year;
    case type::date:
      return ColumnType::date;
    case type::time:
    case type::time2:
      return ColumnType::time;
    case type::datetime:
    case type::datetime2:
      return ColumnType::datetime;
    case type::timestamp:
    case type::timestamp2:
      return ColumnType::timestamp;
    case type::bit:
      return ColumnType::bit;
    case type::enum_:
      return ColumnType::enum_;
    case type::set:
      return ColumnType::set;
    case type::json:
      return ColumnType::json;
    case type::geometry:
      return ColumnType::geometry;
    case type::vector:
      return ColumnType::vector;
    case type::tiny:
    case type::short_:
    case type::int24:
    case type::long_:
    case type::longlong:
      return ColumnType::integer;
    default:
      return ColumnType::text;
  }
}

bool has_sign(std::uint8_t binlog_type) {
  const ColumnType column = column_type(binlog_type);
  return column == ColumnType::integer || column == ColumnType::float_ ||
         column == ColumnType::double_ || column == ColumnType::decimal ||
         column == ColumnType::year;
}

/// The tables of a file, each as its last TABLE_MAP event described it.
class Tables {
 public:
  struct Shape {
    std::string raw;
    dts::Table table;
    dts::TableMap map;
  };

  /// Takes note of the tables that an event describes.
  void look_at(std::string_view event, bool checksum) {
    if (event.size() < header_size + (checksum ? crc_size : 0)) return;
    const auto kind = static_cast<std::uint8_t>(event[4]);
    std::string_view body = event.substr(header_size);
    if (checksum) body.remove_suffix(crc_size);
    if (kind == dts::event_type::transaction_payload)
      dts::for_each_payload_event(dts::Bytes(body),
                                  [this](std::string_view inner) { look_at(inner, false); });
    if (kind == dts::event_type::table_map && body.size() > 8) add(body.substr(8));
  }

  const dts::Table* find(const dts::TableName& name) const {
    auto found = current_.find(dts::to_string(name));
    return found == current_.end() ? nullptr : &found->second->table;
  }
  const Shape& shape(const dts::Table* table) const { return *by_table_.at(table); }

 private:
  void add(std::string_view raw) {
    if (last_ != nullptr && last_->raw == raw) return;
    dts::Bytes body(raw);
    dts::OptionalMetadata metadata;
    dts::TableMap map = dts::read_table_map(body, metadata);
    Shape*& current = current_[dts::to_string(map.name)];
    if (current == nullptr || current->raw != raw) {
      current = &shapes_.emplace_back(Shape{std::string(raw), {}, std::move(map)});
      describe(*current, metadata);
      by_table_[&current->table] = current;
    }
    last_ = current;
  }

  static void describe(Shape& shape, const dts::OptionalMetadata& metadata) {
    shape.table.name = shape.map.name;
    std::size_t numeric = 0;
    for (std::size_t i = 0; i < shape.map.types.size(); ++i) {
      dts::Column column;
      column.name = i < metadata.names.size() ? metadata.names[i] : fmt::format("@{}", i + 1);
      column.type = column_type(shape.map.types[i]);
      if (has_sign(shape.map.types[i]) && numeric < metadata.is_unsigned.size())
        column.is_unsigned = metadata.is_unsigned[numeric++];
      shape.table.columns.push_back(std::move(column));
    }
  }

  std::deque<Shape> shapes_;  // addresses stay
  std::map<std::string, Shape*> current_;
  std::unordered_map<const dts::Table*, const Shape*> by_table_;
  const Shape* last_ = nullptr;
};

// --- values as the servers' tools write them -----------------------------------------------------

std::uint64_t to_number(std::string_view digits) {
  std::uint64_t value = 0;
  if (digits.starts_with('-')) return ~to_number(digits.substr(1)) + 1;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// They do not know the sign of a column, and write negative values in both readings.
std::string integer(std::string_view digits, std::uint8_t binlog_type) {
  static constexpr std::pair<std::uint8_t, unsigned> sizes[] = {
      {type::tiny, 1}, {type::short_, 2}, {type::int24, 3}, {type::long_, 4}, {type::longlong, 8}};
  unsigned shift = 0;
  for (auto [code, bytes] : sizes)
    if (code == binlog_type) shift = 64 - 8 * bytes;
  const std::uint64_t raw = to_number(digits) << shift;
  const auto value = static_cast<std::int64_t>(raw) >> shift;
  return value < 0 ? fmt::format("{} ({})", value, raw >> shift) : fmt::format("{}", value);
}

std::string bits(std::string_view digits, unsigned count) {
  const std::uint64_t value = to_number(digits);
  std::string text = "b'";
  for (unsigned i = count; i-- > 0;) text += (value >> i & 1) != 0 ? '1' : '0';
  return text + "'";
}

/// Byte by byte, the lowest first.
std::string set_bits(std::string_view digits, unsigned bytes) {
  const std::uint64_t value = to_number(digits);
  std::string text = "b'";
  for (unsigned i = 0; i < bytes; ++i) text += fmt::format("{:08b}", value >> (8 * i) & 0xff);
  return text + "'";
}

/// Seconds since 1970 with the fraction: the tools' time zone does not matter.
std::string epoch(std::string_view text) {
  using namespace std::chrono;
  const auto part = [&](std::size_t at, std::size_t size) {
    return static_cast<int>(to_number(text.substr(at, size)));
  };
  const year_month_day day{year{part(0, 4)}, month{static_cast<unsigned>(part(5, 2))},
                           std::chrono::day{static_cast<unsigned>(part(8, 2))}};
  const long seconds = part(0, 4) == 0 ? 0
                                       : sys_days{day}.time_since_epoch().count() * 86400L +
                                             part(11, 2) * 3600 + part(14, 2) * 60 + part(17, 2);
  return fmt::format("{}{}", seconds, text.substr(std::min<std::size_t>(19, text.size())));
}

/// The tool of MySQL escapes as the server reads it, that of MariaDB control characters only.
std::string quoted(std::string_view text, bool mariadb) {
  std::string to = "'";
  for (const char c : text) {
    static constexpr std::string_view escaped = "\b\t\n\f\r\\'", letters = "btnfr\\'";
    const auto byte = static_cast<unsigned char>(c);
    const auto at = mariadb ? std::string_view::npos : escaped.find(c);
    if (at != std::string_view::npos)
      to += {'\\', letters[at]};
    else if (byte < 0x20)
      to += fmt::format("\\x{:02x}", byte);
    else
      to += c;
  }
  return to + "'";
}

std::string vector(std::string_view bytes) {
  std::string to;
  for (; bytes.size() >= sizeof(float); bytes.remove_prefix(sizeof(float))) {
    float number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    to += fmt::format("{}{:.5e}", to.empty() ? '[' : ',', number);
  }
  return to + ']';
}

/// For GEOMETRY, which mysqlbinlog does not know.
std::string hexadecimal(std::string_view bytes) {
  std::string to;
  dts::append_hex(to, bytes);
  return to;
}

std::string json(std::string_view text) {
  std::string to = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') to += '\\';
    to += c;
  }
  return to + "'";
}

std::string shown(const dts::Value& value, const Tables::Shape& shape, std::size_t column,
                  bool mariadb) {
  if (value.is_null()) return "NULL";
  const std::uint8_t code = shape.map.types[column];
  const unsigned first = shape.map.metadata[column] & 0xff,
                 second = shape.map.metadata[column] >> 8;
  switch (shape.table.columns[column].type) {
    case ColumnType::integer:
      return integer(value.data, code);
    case ColumnType::bit:
      return bits(value.data, second * 8 + first);
    case ColumnType::set:
      return set_bits(value.data, second);
    case ColumnType::year:
      return value.data == "0" ? "1900" : std::string(value.data);
    case ColumnType::float_:
    case ColumnType::double_:
    case ColumnType::decimal:
    case ColumnType::enum_:
      return std::string(value.data);
    case ColumnType::date: {
      std::string text(value.data);
      for (char& c : text)
        if (c == '-') c = ':';
      return "'" + text + "'";
    }
    case ColumnType::timestamp:
      return epoch(value.data);
    case ColumnType::time:
    case ColumnType::datetime:
      return fmt::format("'{}'", value.data);
    case ColumnType::json:
      return json(value.data);
    case ColumnType::vector:
      return vector(value.data);
    case ColumnType::geometry:
      return mariadb ? quoted(value.data, mariadb) : hexadecimal(value.data);
    default:
      return quoted(value.data, mariadb);
  }
}

// --- files ---------------------------------------------------------------------------------------

class MappedFile {
 public:
  explicit MappedFile(const char* path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (file < 0 || fstat(file, &status) != 0)
      throw dts::Error(dts::ErrorKind::usage, fmt::format("cannot read {}", path));
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ > 0) data_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (data_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~MappedFile() {
    if (data_ != nullptr) munmap(data_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view text() const { return {static_cast<const char*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

/// The format event of a file that is being written is marked so; its checksum is that of the
/// event without the mark, as the server sends it.
std::string unmarked(std::string_view format_event) {
  constexpr std::size_t flags_at = 17;
  std::string event(format_event);
  event[flags_at] = static_cast<char>(event[flags_at] & ~1);
  return event;
}

/// The events of a binlog file. One that the server did not finish is left out.
template <class Take>
void for_each_event(std::string_view file, Take take) {
  constexpr std::string_view magic =
      "\xfe"
      "bin";
  if (!file.starts_with(magic)) throw dts::Error(dts::ErrorKind::source, "this is no binlog file");
  file.remove_prefix(magic.size());
  while (file.size() >= header_size) {
    const std::size_t size = dts::Bytes(file.substr(9)).number(4);
    if (size < header_size || size > file.size()) return;
    if (static_cast<std::uint8_t>(file[4]) == dts::event_type::format_description)
      take(unmarked(file.substr(0, size)));
    else
      take(file.substr(0, size));
    file.remove_prefix(size);
  }
}

/// Where the format event stands, whether all others end with a checksum.
bool has_checksums(std::string_view format_event) {
  return format_event.size() > header_size + crc_size &&
         format_event[format_event.size() - crc_size - 1] == 1;
}

class Printer {
 public:
  Printer(const Tables& tables, bool mariadb) : tables_(tables), mariadb_(mariadb) {}

  void begin(const dts::TransactionId& id) { held_ = fmt::format("# GTID {}\n", gtid_text(id)); }
  void changes(const dts::Transaction& transaction) {
    for (const dts::RowChange& change : transaction.changes) print(change);
  }
  void end(bool rolled_back) {
    if (rolled_back) held_.resize(held_.find('\n') + 1);
    std::fwrite(held_.data(), 1, held_.size(), stdout);
    held_.clear();
  }

 private:
  static std::string gtid_text(const dts::TransactionId& id) {
    if (std::holds_alternative<std::monostate>(id.gtid)) return "ANONYMOUS";
    return dts::to_string(id);
  }
  void print(const dts::RowChange& change) {
    const Tables::Shape& shape = tables_.shape(change.table);
    static constexpr const char* verbs[] = {"INSERT INTO", "UPDATE", "DELETE FROM"};
    held_ += fmt::format("### {} `{}`.`{}`\n", verbs[static_cast<int>(change.kind)],
                         shape.map.name.schema, shape.map.name.table);
    if (!change.before.empty()) image("WHERE", change.before, shape);
    if (!change.after.empty()) image("SET", change.after, shape);
  }
  void image(const char* title, const dts::Row& row, const Tables::Shape& shape) {
    held_ += fmt::format("### {}\n", title);
    for (std::size_t i = 0; i < row.size(); ++i)
      held_ += fmt::format("###   @{}={}\n", i + 1, shown(row[i], shape, i, mariadb_));
  }

  const Tables& tables_;
  const bool mariadb_;
  std::string held_;  // of the transaction, until it is known to be kept
};

/// Prints one file; false if it was refused.
bool print_file(const char* path) {
  fmt::print("# FILE {}\n", std::string_view(path).substr(std::string_view(path).rfind('/') + 1));
  MappedFile file(path);
  Tables tables;
  Printer printer(tables, file.text().substr(0, 100).find("MariaDB") != std::string_view::npos);
  const auto lookup = [&](const dts::TableName& name, const dts::TransactionId&) {
    return tables.find(name);
  };
  dts::DecoderOptions options;
  options.json = dts::JsonForm::text;
  const auto sink = [&](dts::Transaction&& transaction) {
    if (transaction.first) printer.begin(transaction.id);
    printer.changes(transaction);
    if (!transaction.events.empty()) {
      // The rows of a two-phase transaction are shown where they were logged, as the tools do.
      dts::Decoder prepared(
          lookup, [&](dts::Transaction&& piece) { printer.changes(piece); }, options);
      prepared.replay(transaction.id, transaction.events);
    }
    if (transaction.last) printer.end(transaction.rolled_back);
  };
  dts::Decoder decoder(lookup, sink, options);
  try {
    bool checksums = false;
    for_each_event(file.text(), [&](std::string_view event) {
      if (static_cast<std::uint8_t>(event[4]) == dts::event_type::format_description)
        checksums = has_checksums(event);
      tables.look_at(event, checksums);
      decoder.feed(event);
    });
  } catch (const dts::Error& error) {
    fmt::print("# REFUSED: {}\n", error.what());
    return false;
  }
  return true;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Decodes only. The tables are looked up before the clock starts, and the file is read once so
/// that its pages are in memory.
void count_file(const char* path) {
  MappedFile file(path);
  Tables tables;
  bool checksums = false;
  for_each_event(file.text(), [&](std::string_view event) {
    if (static_cast<std::uint8_t>(event[4]) == dts::event_type::format_description)
      checksums = has_checksums(event);
    tables.look_at(event, checksums);
  });
  std::uint64_t rows = 0, transactions = 0;
  dts::Decoder decoder(
      [&](const dts::TableName& name, const dts::TransactionId&) { return tables.find(name); },
      [&](dts::Transaction&& transaction) {
        rows += transaction.changes.size();
        transactions += transaction.last ? 1 : 0;
      },
      {});
  const double begin = cpu_seconds();
  for_each_event(file.text(), [&](std::string_view event) { decoder.feed(event); });
  const double seconds = cpu_seconds() - begin;
  fmt::print("{} rows, {} transactions, {} bytes, {:.3f} CPU seconds, {:.0f} rows/s\n", rows,
             transactions, file.text().size(), seconds, static_cast<double>(rows) / seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const bool count = argc > 1 && std::string_view(argv[1]) == "--count";
  const int first = count ? 2 : 1;
  if (first >= argc) {
    fmt::print(stderr, "usage: binlog_rows [--count] FILE...\n");
    return 2;
  }
  bool refused = false;
  try {
    for (int i = first; i < argc; ++i) {
      if (count)
        count_file(argv[i]);
      else
        refused |= !print_file(argv[i]);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "binlog_rows: {}\n", error.what());
    return 1;
  }
  return refused ? 3 : 0;
}
