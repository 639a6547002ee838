#include <fmt/format.h>

#include "binlog/column_value.hpp"
#include "binlog/decoder.hpp"
#include "binlog/types.hpp"

namespace dts {

namespace {

// Of events that are kept on the target: a piece is written there by one statement, in hex.
constexpr std::size_t kept_bytes = 4 << 20;

constexpr std::uint64_t dummy_table_id = 0xffffff;
constexpr std::uint64_t no_foreign_key_checks = 2;  // a flag of the event

void put(std::string& to, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) to += static_cast<char>(value >> (8 * i) & 0xff);
}

/// An event in Transaction::events: length, type, body.
void append_event(std::string& to, std::uint8_t type, std::string_view prefix,
                  std::string_view body) {
  put(to, 1 + prefix.size() + body.size(), 4);
  put(to, type, 1);
  to += prefix;
  to += body;
}

bool all_present(std::string_view bitmap, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if ((static_cast<unsigned char>(bitmap[i / 8]) >> (i % 8) & 1) == 0) return false;
  return true;
}

bool has_extra_data(std::uint8_t type) {
  return type == event_type::write_rows || type == event_type::update_rows ||
         type == event_type::delete_rows || type == event_type::partial_update_rows;
}

}  // namespace

void Decoder::feed_table_map(Bytes body) {
  std::uint64_t id = body.number(6);
  body.skip(2);
  std::string_view raw = body.rest();
  CachedMap& cached = maps_[id];
  kept_maps_.erase(id);
  if (cached.raw != raw || cached.raw.empty()) {
    Bytes again(raw);
    OptionalMetadata metadata;
    cached.raw.clear();  // not to be trusted until the shape is checked
    cached.map = read_table_map(again, metadata);
    cached.map.table = lookup_(cached.map.name, open_.id);
    if (cached.map.table != nullptr) {
      check_shape(cached.map, metadata);
      cached.raw = raw;
    }
    return;
  }
  // The answer may depend on the transaction (tables with a start position of their own), and is
  // the same shape otherwise.
  cached.map.table = lookup_(cached.map.name, open_.id);
}

/// False if the event is about something else.
bool Decoder::feed_row_event(std::uint8_t type, Bytes body) {
  struct RowEvent {
    ChangeKind kind;
    bool compressed = false, partial = false;
  } event{};
  switch (type) {
    case event_type::table_map:
      feed_table_map(body);
      return true;
    case event_type::write_rows_v1:
    case event_type::write_rows:
      event = {ChangeKind::insert};
      break;
    case event_type::update_rows_v1:
    case event_type::update_rows:
      event = {ChangeKind::update};
      break;
    case event_type::delete_rows_v1:
    case event_type::delete_rows:
      event = {ChangeKind::remove};
      break;
    case event_type::write_rows_compressed:
      event = {ChangeKind::insert, true};
      break;
    case event_type::update_rows_compressed:
      event = {ChangeKind::update, true};
      break;
    case event_type::delete_rows_compressed:
      event = {ChangeKind::remove, true};
      break;
    case event_type::partial_update_rows:
      event = {ChangeKind::update, false, true};
      break;
    default:
      return false;
  }
  if (!in_transaction_) refuse("cannot read the binlog: rows outside a transaction");
  Bytes again = body;
  const std::uint64_t id = body.number(6);
  const bool unchecked = (body.number(2) & no_foreign_key_checks) != 0;
  if (has_extra_data(type)) {
    std::size_t extra = body.number(2);
    if (extra >= 2) body.skip(extra - 2);
  }
  if (id == dummy_table_id) return true;
  auto found = maps_.find(id);
  if (found == maps_.end()) refuse("cannot read the binlog: rows without a table");
  const TableMap& map = found->second.map;
  if (map.table == nullptr) return true;
  if (keeping_)
    keep_row_event(type, again.rest());
  else
    feed_rows(body, {event.kind, map.table, {}, {}, unchecked}, map, event.compressed, event.partial);
  return true;
}

/// `change`: what all the rows have in common.
void Decoder::feed_rows(Bytes body, RowChange change, const TableMap& map, bool compressed,
                        bool partial) {
  const ChangeKind kind = change.kind;
  std::size_t count = body.length();
  if (count == 0 || count != map.types.size())
    refuse(fmt::format("cannot read rows of {}: wrong number of columns", to_string(map.name)));
  for (int images = kind == ChangeKind::update ? 2 : 1; images > 0; --images)
    if (!all_present(body.take((count + 7) / 8), count))
      refuse(fmt::format("cannot apply rows of {}: the row image is not complete",
                         to_string(map.name)),
             "set binlog_row_image = FULL for every session of the source, and copy the table "
             "again");
  Arena& arena = *open_.arena;
  Bytes rows(compressed ? inflate_event(body.rest(), arena) : arena.copy(body.rest()));
  std::vector<std::string_view> documents;
  while (!rows.done()) {
    documents.clear();
    if (kind != ChangeKind::insert)
      change.before =
          read_row_image(rows, map, options_.json, arena, partial ? &documents : nullptr);
    if (kind != ChangeKind::remove)
      change.after = partial ? read_partial_image(rows, map, documents, options_.json, arena)
                             : read_row_image(rows, map, options_.json, arena);
    open_.changes.push_back(change);
  }
  if (open_.bytes() > options_.piece_bytes) {
    savepoints_.clear();
    emit(false);
  }
}

/// Keeps the event as it is, behind the one that describes its table.
void Decoder::keep_row_event(std::uint8_t type, std::string_view body) {
  const std::uint64_t id = Bytes(body).number(6);
  if (kept_maps_.insert(id).second) {
    std::string prefix;
    put(prefix, id, 6);
    put(prefix, 0, 2);
    append_event(open_.events, event_type::table_map, prefix, maps_.at(id).raw);
  }
  append_event(open_.events, type, {}, body);
  if (open_.bytes() > std::min(options_.piece_bytes, kept_bytes)) {
    savepoints_.clear();
    emit(false);
  }
}

void Decoder::replay(const TransactionId& id, std::string_view events) {
  maps_.clear();
  begin(id.gtid);
  open_.id = id;
  file_ = id.file;
  skipping_ = false;
  for (Bytes in(events); !in.done();) {
    Bytes event(in.take(in.number(4)));
    const std::uint8_t type = event.byte();
    if (!feed_row_event(type, event))
      throw Error(ErrorKind::state, "cannot read the rows of a prepared XA transaction",
                  "the bookkeeping on the target is damaged");
  }
  finish(false);
}

}  // namespace dts
