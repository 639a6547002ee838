// A libFuzzer target for everything that reads bytes of a binlog. Each input ends in values or in a
// dts::Error; anything else is a bug. Built and run by run.sh.
//
// The first byte of an input says what it is: 'E' binlog events one behind the other, 'X' the kept
// events of a prepared transaction, 'J' a binary JSON document with changes behind it, 'T' JSON
// text. The second has options. Checksums and sizes of events are put right before they are
// decoded, and the mutator works on whole events and on what is inside compressed ones: so that
// mutations reach the decoder's inside.

#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "binlog/decoder.hpp"
#include "binlog/gtid_event.hpp"
#include "binlog/json.hpp"
#include "binlog/payload.hpp"
#include "binlog/query.hpp"
#include "binlog/types.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

namespace type = dts::event_type;
using dts::ColumnType;
using Events = std::vector<std::string>;

constexpr std::size_t header_size = 19, crc_size = 4, prefix_size = 2;
constexpr std::size_t expanded_max = 4 << 20;  // of an input, so that memory stays small by itself

volatile unsigned sink;  // so that reading a value is not optimized away

void touch(std::string_view bytes) {
  unsigned sum = 0;
  for (const unsigned char byte : bytes) sum += byte;
  sink = sink + sum;
}

void put(std::string& to, std::size_t at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) to[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint8_t type_of(const std::string& event) {
  return static_cast<std::uint8_t>(event[4]);
}

// --- events, in and out --------------------------------------------------------------------------

/// Cuts bytes into events by the sizes in their headers; a wrong one makes all the rest one event.
Events split(std::string_view bytes) {
  Events events;
  while (bytes.size() >= header_size) {
    std::size_t size = dts::Bytes(bytes.substr(9)).number(4);
    if (size < header_size || size > bytes.size()) size = bytes.size();
    events.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return events;
}

std::string join(const Events& events) {
  std::string bytes;
  for (const std::string& event : events) bytes += event;
  return bytes;
}

bool has_checksums(const std::string& format_event) {
  return format_event.size() > header_size + crc_size &&
         format_event[format_event.size() - crc_size - 1] == 1;
}

/// Sizes and checksums as a server would have written them.
void put_right(Events& events) {
  bool checksums = true;
  for (std::string& event : events) {
    put(event, 9, static_cast<std::uint32_t>(event.size()));
    const bool format = type_of(event) == type::format_description;
    if (format) checksums = has_checksums(event);
    if ((!checksums && !format) || event.size() < header_size + crc_size) continue;
    const std::size_t size = event.size() - crc_size;
    put(event, size,
        static_cast<std::uint32_t>(
            crc32(0, reinterpret_cast<const Bytef*>(event.data()), static_cast<uInt>(size))));
  }
}

/// How many bytes zstd data gives, up to a little more than `expanded_max`.
std::string unzipped(std::string_view data) {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  std::string text;
  ZSTD_inBuffer in{data.data(), data.size(), 0};
  for (std::size_t used = 0; used <= expanded_max;) {
    text.resize(used + 65536);
    ZSTD_outBuffer out{text.data() + used, 65536, 0};
    const std::size_t left = ZSTD_decompressStream(context, &out, &in);
    used += out.pos;
    text.resize(used);
    if (ZSTD_isError(left) != 0 || out.pos == 0) break;
  }
  ZSTD_freeDCtx(context);
  return text;
}

/// The compressed part of a payload event; nothing if its fields are damaged or it is not zstd.
std::string_view zipped_part(std::string_view body) {
  try {
    dts::Bytes in(body);
    for (std::uint64_t field = in.length(); field != 0; field = in.length()) in.skip(in.length());
    return in.rest();
  } catch (const dts::Error&) {
    return {};
  }
}

std::string_view body_of(const std::string& event) {
  if (event.size() < header_size + crc_size) return {};
  return std::string_view(event).substr(header_size, event.size() - header_size - crc_size);
}

// --- decoding ------------------------------------------------------------------------------------

/// Tables as their TABLE_MAP events have them. What the event leaves open, and the decoder takes
/// from the kept shape, depends on the options byte.
class Shapes {
 public:
  explicit Shapes(std::uint8_t options) : options_(options) {}

  void look_at(std::string_view event, std::size_t tail) {
    if (event.size() < header_size + tail + 8) return;
    std::string_view body = event.substr(header_size, event.size() - header_size - tail);
    const auto kind = static_cast<std::uint8_t>(event[4]);
    try {
      if (kind == type::transaction_payload)
        dts::for_each_payload_event(dts::Bytes(body),
                                    [this](std::string_view inner) { look_at(inner, 0); });
      if (kind == type::table_map) add(body.substr(8));
    } catch (const dts::Error&) {
    }
  }

  const dts::Table* find(const dts::TableName& name) const {
    auto found = tables_.find(name.schema + '.' + name.table);
    return found == tables_.end() ? nullptr : found->second;
  }

 private:
  void add(std::string_view raw) {
    dts::Bytes body(raw);
    dts::OptionalMetadata metadata;
    const dts::TableMap map = dts::read_table_map(body, metadata);
    dts::Table& table = all_.emplace_back();
    table.name = map.name;
    for (std::size_t i = 0; i < map.types.size(); ++i) {
      dts::Column column;
      column.name = i < metadata.names.size() ? metadata.names[i] : "c";
      column.type = column_type(map.types[i], i);
      column.is_unsigned = ((options_ + i) & 1) != 0 && metadata.is_unsigned.empty();
      table.columns.push_back(std::move(column));
    }
    tables_[map.name.schema + '.' + map.name.table] = &table;
  }

  ColumnType column_type(std::uint8_t binlog_type, std::size_t column) const {
    namespace t = dts::binlog_type;
    static constexpr ColumnType strings[] = {ColumnType::text, ColumnType::binary, ColumnType::uuid,
                                             ColumnType::inet4, ColumnType::inet6};
    static constexpr ColumnType blobs[] = {ColumnType::text, ColumnType::bytes,
                                           ColumnType::geometry, ColumnType::vector};
    static const std::map<int, ColumnType> others = {{t::tiny, ColumnType::integer},
                                                     {t::short_, ColumnType::integer},
                                                     {t::int24, ColumnType::integer},
                                                     {t::long_, ColumnType::integer},
                                                     {t::longlong, ColumnType::integer},
                                                     {t::float_, ColumnType::float_},
                                                     {t::double_, ColumnType::double_},
                                                     {t::new_decimal, ColumnType::decimal},
                                                     {t::year, ColumnType::year},
                                                     {t::date, ColumnType::date},
                                                     {t::time, ColumnType::time},
                                                     {t::time2, ColumnType::time},
                                                     {t::datetime, ColumnType::datetime},
                                                     {t::datetime2, ColumnType::datetime},
                                                     {t::timestamp, ColumnType::timestamp},
                                                     {t::timestamp2, ColumnType::timestamp},
                                                     {t::bit, ColumnType::bit},
                                                     {t::enum_, ColumnType::enum_},
                                                     {t::set, ColumnType::set},
                                                     {t::json, ColumnType::json},
                                                     {t::geometry, ColumnType::geometry},
                                                     {t::vector, ColumnType::vector}};
    const std::size_t choice = (options_ >> 1) + column;
    if (binlog_type == t::string) return strings[choice % std::size(strings)];
    auto found = others.find(binlog_type);
    return found != others.end() ? found->second : blobs[choice % std::size(blobs)];
  }

  const std::uint8_t options_;
  std::deque<dts::Table> all_;
  std::map<std::string, const dts::Table*> tables_;
};

void touch(const dts::Transaction& transaction) {
  for (const dts::RowChange& change : transaction.changes)
    for (const dts::Row& row : {change.before, change.after})
      for (const dts::Value& value : row) touch(value.data);
  if (transaction.ddl) touch(transaction.ddl->statement);
  touch(to_string(transaction.id));
  touch(transaction.xid);
}

dts::DecoderOptions decoder_options(std::uint8_t options) {
  dts::DecoderOptions result;
  result.json = (options & 1) != 0 ? dts::JsonForm::text : dts::JsonForm::sql;
  result.by_file = (options & 2) != 0;
  result.piece_bytes = (options & 4) != 0 ? 1000 : 4 << 20;
  return result;
}

void replay(const Shapes& shapes, const dts::Transaction& kept, std::uint8_t options) {
  dts::Decoder decoder(
      [&](const dts::TableName& name, const dts::TransactionId&) { return shapes.find(name); },
      [](dts::Transaction&& transaction) { touch(transaction); }, decoder_options(options));
  decoder.replay(kept.id, kept.events);
}

bool too_large(const Events& events) {
  std::size_t size = 0;
  for (const std::string& event : events)
    if (type_of(event) == type::transaction_payload)
      size += unzipped(zipped_part(body_of(event))).size();
  return size > expanded_max;
}

/// All transactions of one domain and of the uuids that occur.
dts::Position everything(const Events& events) {
  dts::Position position;
  position.gtids = {{0, 1, UINT64_MAX}};
  for (const std::string& event : events) {
    constexpr std::size_t uuid_at = header_size + 1;
    if (type_of(event) != type::gtid_mysql || event.size() < uuid_at + 16) continue;
    dts::UuidGtids& set = position.sets.emplace_back();
    std::memcpy(set.uuid.data(), event.data() + uuid_at, set.uuid.size());
    set.intervals = {{1, UINT64_MAX}};
  }
  return position;
}

void decode_events(std::string_view bytes, std::uint8_t options) {
  Events events = split(bytes);
  put_right(events);
  if (too_large(events)) return;
  Shapes shapes(options);
  dts::Decoder decoder(
      [&](const dts::TableName& name, const dts::TransactionId&) { return shapes.find(name); },
      [&](dts::Transaction&& transaction) {
        touch(transaction);
        if (!transaction.events.empty()) replay(shapes, transaction, options);
      },
      decoder_options(options));
  if ((options & 8) != 0) decoder.pass_over(everything(events));
  if ((options & 24) == 16) decoder.skip(everything(events));
  std::size_t tail = crc_size;
  for (const std::string& event : events) {
    if (type_of(event) == type::format_description) tail = has_checksums(event) ? crc_size : 0;
    shapes.look_at(event, tail);
    decoder.feed(event);
  }
}

void decode_kept(std::string_view bytes, std::uint8_t options) {
  Shapes shapes(options);
  dts::Transaction kept;
  kept.events = bytes;
  try {
    for (dts::Bytes in(bytes); !in.done();) {
      std::string_view event = in.take(in.number(4));
      if (!event.empty() && static_cast<std::uint8_t>(event[0]) == type::table_map)
        shapes.look_at(std::string(4, '\0') + std::string(event.substr(0, 1)) +
                           std::string(14, '\0') + std::string(event.substr(1)),
                       0);
    }
  } catch (const dts::Error&) {
  }
  replay(shapes, kept, options);
}

void decode_json(std::string_view bytes, std::uint8_t) {
  dts::Bytes in(bytes);
  const std::string_view document = in.take(in.number(2));
  dts::Arena arena;
  dts::Json json = dts::parse_json(document, arena);
  touch(dts::json_text(json));
  touch(dts::json_sql(json));
  if (in.done()) return;
  dts::apply_json_diffs(json, in, arena);
  touch(dts::json_text(json));
}

void decode_json_text(std::string_view bytes, std::uint8_t) {
  dts::Arena arena;
  const dts::Json json = dts::parse_json_text(bytes, arena);
  touch(dts::json_text(json));
  touch(dts::json_sql(json));
}

// --- mutation ------------------------------------------------------------------------------------

using Random = std::minstd_rand;

std::string mutated(std::string bytes, std::size_t grow_by) {
  const std::size_t size = bytes.size(), max_size = size + grow_by;
  bytes.resize(std::max<std::size_t>(max_size, 1));
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size()));
  return bytes;
}

std::string length(std::uint64_t value) {
  std::string text = "\xfe";
  for (unsigned i = 0; i < 8; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

void mutate(Events& events, Random& random, std::size_t tail);

/// Mutates the events inside a TRANSACTION_PAYLOAD event.
void mutate_payload(std::string& event, Random& random) {
  const std::string inner = unzipped(zipped_part(body_of(event)));
  if (inner.empty() || inner.size() > expanded_max / 4) return;
  Events events = split(inner);
  mutate(events, random, 0);
  for (std::string& one : events) put(one, 9, static_cast<std::uint32_t>(one.size()));
  const std::string plain = join(events);
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1);
  if (ZSTD_isError(size) != 0) return;
  packed.resize(size);
  event.resize(header_size);
  event +=
      std::string("\x02\x01\x00\x03", 4) + '\x09' + length(plain.size()) + '\0' + packed + "CRC!";
}

/// Makes the rows of an event compressed ones, as MariaDB writes them.
void compress_rows(std::string& event) {
  const std::uint8_t kind = type_of(event);
  if (kind < type::write_rows_v1 || kind > type::delete_rows_v1) return;
  const std::string_view body = body_of(event);
  if (body.size() < 9 || static_cast<std::uint8_t>(body[8]) > 250) return;
  const std::size_t bitmap = (static_cast<std::uint8_t>(body[8]) + 7u) / 8;
  const std::size_t head = 9 + bitmap * (kind == type::update_rows_v1 ? 2 : 1);
  if (body.size() <= head) return;
  const std::string rows(body.substr(head));
  uLongf size = compressBound(rows.size());
  std::string packed(size, '\0');
  if (compress(reinterpret_cast<Bytef*>(packed.data()), &size,
               reinterpret_cast<const Bytef*>(rows.data()), rows.size()) != Z_OK)
    return;
  packed.resize(size);
  std::string length(1, '\x84');
  for (unsigned shift = 32; shift > 0;)
    length += static_cast<char>(rows.size() >> (shift -= 8) & 0xff);
  event = event.substr(0, header_size + head) + length + packed + "CRC!";
  event[4] = static_cast<char>(kind - type::write_rows_v1 + type::write_rows_compressed);
}

void mutate_one(std::string& event, Random& random, std::size_t tail) {
  const unsigned choice = random() % 16;
  if (type_of(event) == type::transaction_payload && tail > 0 && choice < 12)
    return mutate_payload(event, random);
  if (choice == 0) {
    event[4] = static_cast<char>(random() % 43 + (random() % 3 == 0 ? 150 : 0));
  } else if (choice == 1) {
    event[17] = static_cast<char>(random());  // flags
  } else {
    if (event.size() < header_size + tail) return;
    std::string body = event.substr(header_size, event.size() - header_size - tail);
    event = event.substr(0, header_size) + mutated(body, 64) + std::string(tail, '\0');
    if (choice == 2 && tail > 0) compress_rows(event);
  }
}

void mutate(Events& events, Random& random, std::size_t tail) {
  if (events.empty()) return;
  const std::size_t at = random() % events.size(), other = random() % events.size();
  switch (random() % 10) {
    case 0:
      events.insert(events.begin() + static_cast<long>(at), events[other]);
      break;
    case 1:
      if (events.size() > 1) events.erase(events.begin() + static_cast<long>(at));
      break;
    case 2:
      std::swap(events[at], events[other]);
      break;
    default:
      mutate_one(events[at], random, tail);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < prefix_size) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + prefix_size,
                               size - prefix_size);
  try {
    switch (data[0]) {
      case 'E':
        decode_events(bytes, data[1]);
        break;
      case 'X':
        decode_kept(bytes, data[1]);
        break;
      case 'J':
        decode_json(bytes, data[1]);
        break;
      case 'T':
        decode_json_text(bytes, data[1]);
        break;
      default:
        break;
    }
  } catch (const dts::Error&) {
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  if (size < prefix_size || data[0] != 'E' || seed % 16 == 0)
    return LLVMFuzzerMutate(data, size, max_size);
  Random random(seed);
  Events events = split({reinterpret_cast<const char*>(data) + prefix_size, size - prefix_size});
  mutate(events, random, crc_size);
  put_right(events);
  const std::string bytes = join(events);
  if (bytes.size() + prefix_size > max_size) return LLVMFuzzerMutate(data, size, max_size);
  if (random() % 8 == 0) data[1] = static_cast<std::uint8_t>(random());
  std::memcpy(data + prefix_size, bytes.data(), bytes.size());
  return bytes.size() + prefix_size;
}

/// Events of one input in the middle of another.
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size,
                                                 const std::uint8_t* b, std::size_t b_size,
                                                 std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed) {
  if (a_size < prefix_size || b_size < prefix_size || a[0] != 'E' || b[0] != 'E') return 0;
  Random random(seed);
  Events to = split({reinterpret_cast<const char*>(a) + prefix_size, a_size - prefix_size});
  const Events from = split({reinterpret_cast<const char*>(b) + prefix_size, b_size - prefix_size});
  if (to.empty() || from.empty()) return 0;
  const std::size_t first = random() % from.size();
  const std::size_t count = 1 + random() % std::min<std::size_t>(6, from.size() - first);
  to.insert(to.begin() + static_cast<long>(random() % to.size()) + 1,
            from.begin() + static_cast<long>(first),
            from.begin() + static_cast<long>(first + count));
  put_right(to);
  const std::string bytes = std::string(reinterpret_cast<const char*>(a), prefix_size) + join(to);
  if (bytes.size() > max_size) return 0;
  std::memcpy(out, bytes.data(), bytes.size());
  return bytes.size();
}
