#include "binlog/decoder.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "binlog/column_value.hpp"
#include "binlog/query.hpp"
#include "binlog/types.hpp"
#include "db/tokens.hpp"

namespace dts {

namespace {

constexpr std::size_t header_size = 19, crc_size = 4;
constexpr std::uint64_t dummy_table_id = 0xffffff;

std::string shortened(std::string_view statement) {
  constexpr std::size_t limit = 400;
  if (statement.size() <= limit) return std::string(statement);
  return std::string(statement.substr(0, limit)) + "...";
}

/// Account statements hold passwords: only what they are may be shown.
std::string leading_words(std::string_view statement) {
  auto tokens = tokenize(statement, {}, 2);
  std::string words;
  for (std::size_t i = 0; i < tokens.size() && i < 2; ++i)
    words += (i > 0 ? " " : "") + std::string(tokens[i].text);
  return words + " ...";
}

}  // namespace

struct Decoder::Header {
  std::uint32_t timestamp, server_id, size, end;
  std::uint8_t type;
  std::uint16_t flags;

  explicit Header(Bytes in)
      : timestamp(static_cast<std::uint32_t>(in.number(4))) {
    type = in.byte();
    server_id = static_cast<std::uint32_t>(in.number(4));
    size = static_cast<std::uint32_t>(in.number(4));
    end = static_cast<std::uint32_t>(in.number(4));
    flags = static_cast<std::uint16_t>(in.number(2));
  }
  bool artificial() const { return (flags & 0x20) != 0; }
  bool ignorable() const { return (flags & 0x80) != 0; }
};

Decoder::Decoder(ShapeLookup lookup, TransactionSink sink, std::size_t piece_bytes)
    : lookup_(std::move(lookup)), sink_(std::move(sink)), piece_bytes_(piece_bytes) {}

// Before the first format event the (artificial) ROTATE has a checksum because we asked for them;
// from then on the last format event decides.
void Decoder::check_crc(std::string_view event) const {
  Bytes tail(event.substr(event.size() - crc_size));
  auto expected = static_cast<std::uint32_t>(tail.number(crc_size));
  auto actual = crc32(0, reinterpret_cast<const Bytef*>(event.data()),
                      static_cast<uInt>(event.size() - crc_size));
  if (actual != expected)
    throw Error(ErrorKind::source,
                fmt::format("cannot trust the binlog at {}:{}: an event's checksum is wrong", file_,
                            offset_),
                "check the source's disk and the network in between, then run it again");
}

void Decoder::feed_format(std::string_view event) {
  Bytes body(event.substr(header_size));
  if (body.number(2) != 4)
    throw Error(ErrorKind::source, "cannot read the binlog: its version is not 4");
  body.skip(50 + 4);
  if (body.byte() != header_size)
    throw Error(ErrorKind::source, "cannot read the binlog: its event headers have an odd size");
  if (body.left() < 1 + crc_size)
    throw Error(ErrorKind::source, "cannot read the binlog: its format event is too short");
  std::string_view sizes = body.take(body.left() - 1 - crc_size);
  post_header_.assign(sizes.begin(), sizes.end());
  checksums_ = body.byte() == 1;
  seen_format_ = true;
  maps_.clear();
}

void Decoder::begin() {
  open_ = Transaction{};
  open_.gtid = gtid_;
  savepoints_.clear();
  in_transaction_ = true;
}

void Decoder::feed_gtid(Bytes body, const Header& header) {
  constexpr std::uint8_t standalone = 1;
  if (in_transaction_)
    throw Error(ErrorKind::source,
                fmt::format("cannot read the binlog at {}:{}: a transaction begins inside another",
                            file_, offset_));
  gtid_.server = header.server_id;
  gtid_.sequence = body.number(8);
  gtid_.domain = static_cast<std::uint32_t>(body.number(4));
  standalone_ = (body.byte() & standalone) != 0;
  begin();
  skipping_ = std::find(to_skip_.begin(), to_skip_.end(), gtid_) != to_skip_.end();
  if (!skipping_) return;
  open_.skipped_kind = "transaction";
  open_.skipped = "left out on request";
}

/// Of a transaction that is left out only its end counts. False for what is no part of it.
bool Decoder::skip_event(std::uint8_t type, Bytes body) {
  switch (type) {
    case event_type::xid:
    case event_type::xa_prepare:
      break;
    case event_type::query:
    case event_type::query_compressed: {
      std::string_view statement;
      Ddl query = read_query(body, statement);
      QueryKind kind = type == event_type::query ? classify(statement, query.sql_mode)
                                                 : QueryKind::statement;
      if (!standalone_ && kind != QueryKind::commit && kind != QueryKind::rollback) return true;
      break;
    }
    default:
      return type != event_type::rotate && type != event_type::gtid &&
             type != event_type::incident;
  }
  skipping_ = false;
  finish(false);
  return true;
}

void Decoder::emit(bool last) {
  open_.last = last;
  open_.file = file_;
  open_.offset = offset_;
  Transaction next;
  next.gtid = open_.gtid;
  next.first = false;
  sink_(std::exchange(open_, std::move(next)));
}

void Decoder::finish(bool rolled_back) {
  if (rolled_back) {
    open_.changes.clear();
    open_.rolled_back = true;
  }
  in_transaction_ = false;
  emit(true);
}

void Decoder::add_ddl(Ddl query, std::string_view statement) {
  savepoints_.clear();
  if (!open_.changes.empty()) emit(false);
  query.statement = statement;
  open_.ddl = std::move(query);
  if (standalone_) {
    finish(false);
  } else {
    emit(false);  // CREATE TABLE ... SELECT: its rows follow
  }
  maps_.clear();
}

/// A savepoint takes the place of an older one of the same name.
void Decoder::set_savepoint(std::string name) {
  std::erase_if(savepoints_, [&](const auto& savepoint) { return savepoint.first == name; });
  savepoints_.emplace_back(std::move(name), open_.changes.size());
}

void Decoder::roll_back_to(std::string_view statement) {
  std::string name = savepoint_name(statement);
  while (!savepoints_.empty() && savepoints_.back().first != name) savepoints_.pop_back();
  if (savepoints_.empty())
    throw Error(ErrorKind::source,
                fmt::format("cannot apply '{}' at {}:{}: its savepoint is in an earlier part of a "
                            "large transaction",
                            shortened(statement), file_, offset_),
                "skip the transaction with --skip-transaction and repair by hand");
  open_.changes.resize(savepoints_.back().second);
}

void Decoder::feed_query(Bytes body, bool compressed) {
  std::string_view statement;
  Ddl query = read_query(body, statement);
  Arena arena;
  if (compressed) statement = inflate_event(statement, arena);
  if (!in_transaction_) {  // written without a GTID: cannot be found again after a restart
    if (classify(statement, query.sql_mode) == QueryKind::nothing) return;
    throw Error(ErrorKind::source,
                fmt::format("cannot apply '{}' at {}:{}: it has no GTID", shortened(statement),
                            file_, offset_));
  }
  feed_query_in_transaction(std::move(query), statement);
}

void Decoder::feed_query_in_transaction(Ddl query, std::string_view statement) {
  QueryKind kind = classify(statement, query.sql_mode);
  switch (kind) {
    case QueryKind::begin:
      return;
    case QueryKind::commit:
      return finish(false);
    case QueryKind::rollback:
      return finish(true);
    case QueryKind::savepoint:
      return set_savepoint(savepoint_name(statement));
    case QueryKind::rollback_to:
      return roll_back_to(statement);
    case QueryKind::ddl:
      return add_ddl(std::move(query), statement);
    case QueryKind::account:
    case QueryKind::maintenance:
      open_.skipped_kind = kind == QueryKind::account ? "account" : "maintenance";
      open_.skipped = leading_words(statement);
      break;
    case QueryKind::xa:
      // Harmless while no selected row was changed; see feed() for the end of a prepared one.
      break;
    case QueryKind::nothing:
      break;
    case QueryKind::statement:
      throw Error(ErrorKind::source,
                  fmt::format("cannot apply '{}' at {}:{} ({}): it was logged as a statement, not "
                              "as rows",
                              shortened(statement), file_, offset_, gtid_text(Position{{gtid_}, {}, 0})),
                  "set binlog_format = ROW for every session of the source; get past this one with "
                  "--skip-transaction once its effect has been made by hand");
  }
  if (standalone_) finish(false);
}

void Decoder::feed_table_map(Bytes body) {
  std::uint64_t id = body.number(6);
  body.skip(2);
  std::string_view raw = body.rest();
  CachedMap& cached = maps_[id];
  if (cached.raw != raw || cached.raw.empty()) {
    Bytes again(raw);
    std::vector<std::string> names;
    cached.raw.clear();  // not to be trusted until the shape is checked
    cached.map = read_table_map(again, names);
    cached.map.table = lookup_(cached.map.name, gtid_);
    if (cached.map.table != nullptr) {
      check_shape(cached.map, names);
      cached.raw = raw;
    }
    return;
  }
  // The answer may depend on the transaction (tables with a start position of their own), and is
  // the same shape otherwise.
  cached.map.table = lookup_(cached.map.name, gtid_);
}

void Decoder::feed_rows(Bytes body, ChangeKind kind, bool v2, bool compressed) {
  std::uint64_t id = body.number(6);
  body.skip(2);
  if (v2) {
    std::size_t extra = body.number(2);
    if (extra >= 2) body.skip(extra - 2);
  }
  if (id == dummy_table_id) return;
  if (!in_transaction_)
    throw Error(ErrorKind::source, fmt::format("cannot read the binlog at {}:{}: rows outside a "
                                               "transaction", file_, offset_));
  auto found = maps_.find(id);
  if (found == maps_.end())
    throw Error(ErrorKind::source, fmt::format("cannot read the binlog at {}:{}: rows without a "
                                               "table", file_, offset_));
  const TableMap& map = found->second.map;
  if (map.table == nullptr) return;

  std::size_t count = body.length();
  if (count != map.types.size())
    throw Error(ErrorKind::source, fmt::format("cannot read rows of {} at {}:{}: wrong number of "
                                               "columns", to_string(map.name), file_, offset_));
  std::size_t bitmap_size = (count + 7) / 8;
  for (int images = kind == ChangeKind::update ? 2 : 1; images > 0; --images) {
    std::string_view present = body.take(bitmap_size);
    for (std::size_t i = 0; i < count; ++i)
      if ((static_cast<unsigned char>(present[i / 8]) >> (i % 8) & 1) == 0)
        throw Error(ErrorKind::source,
                    fmt::format("cannot apply rows of {} at {}:{}: the row image is not complete",
                                to_string(map.name), file_, offset_),
                    "set binlog_row_image = FULL for every session of the source, and copy the "
                    "table again");
  }
  std::string_view rows = compressed ? inflate_event(body.rest(), *open_.arena)
                                     : open_.arena->copy(body.rest());
  feed_rows_of(Bytes(rows), kind, map);
}

void Decoder::feed_rows_of(Bytes body, ChangeKind kind, const TableMap& map) {
  while (!body.done()) {
    RowChange change{kind, map.table, {}, {}};
    if (kind != ChangeKind::insert) change.before = read_row_image(body, map, *open_.arena);
    if (kind != ChangeKind::remove) change.after = read_row_image(body, map, *open_.arena);
    open_.changes.push_back(change);
  }
  if (open_.bytes() > piece_bytes_) {
    savepoints_.clear();
    emit(false);
  }
}

void Decoder::feed(std::string_view event) {
  if (event.size() < header_size)
    throw Error(ErrorKind::source, "cannot read the binlog: an event is too short");
  Header header{Bytes(event)};
  if (header.size != event.size())
    throw Error(ErrorKind::source, "cannot read the binlog: an event has the wrong size");
  bool is_format = header.type == event_type::format_description;
  if (checksums_ || is_format) {
    if (event.size() < header_size + crc_size)
      throw Error(ErrorKind::source, "cannot read the binlog: an event is too short");
    check_crc(event);
  }
  if (is_format) return feed_format(event);
  std::string_view data =
      event.substr(header_size, event.size() - header_size - (checksums_ ? crc_size : 0));
  Bytes body(data);

  if (!header.artificial() && header.type != event_type::heartbeat) {
    // 32 bits in the header, and 0 where the server did not know it.
    std::uint64_t by_size = offset_ + header.size;
    offset_ = header.end == 0 ? by_size
                              : ((offset_ >> 32) << 32 | header.end) +
                                    (header.end < (offset_ & 0xffffffff) ? 1ULL << 32 : 0);
    open_.timestamp = header.timestamp;
  }

  if (skipping_ && skip_event(header.type, body)) return;
  switch (header.type) {
    case event_type::rotate:
      offset_ = body.number(8);
      file_ = body.rest();
      maps_.clear();
      return;
    case event_type::gtid:
      feed_gtid(body, header);
      open_.timestamp = header.timestamp;
      return;
    case event_type::query:
      return feed_query(body, false);
    case event_type::query_compressed:
      return feed_query(body, true);
    case event_type::xid:
      if (!in_transaction_)
        throw Error(ErrorKind::source, "cannot read the binlog: a commit without a transaction");
      return finish(false);
    case event_type::table_map:
      return feed_table_map(body);
    case event_type::write_rows_v1:
    case event_type::write_rows:
      return feed_rows(body, ChangeKind::insert, header.type == event_type::write_rows, false);
    case event_type::update_rows_v1:
    case event_type::update_rows:
      return feed_rows(body, ChangeKind::update, header.type == event_type::update_rows, false);
    case event_type::delete_rows_v1:
    case event_type::delete_rows:
      return feed_rows(body, ChangeKind::remove, header.type == event_type::delete_rows, false);
    case event_type::write_rows_compressed:
      return feed_rows(body, ChangeKind::insert, false, true);
    case event_type::update_rows_compressed:
      return feed_rows(body, ChangeKind::update, false, true);
    case event_type::delete_rows_compressed:
      return feed_rows(body, ChangeKind::remove, false, true);
    case event_type::xa_prepare:
      if (!open_.changes.empty() || !open_.first)
        throw Error(ErrorKind::source,
                    fmt::format("cannot apply the XA transaction at {}:{} ({}): this version does "
                                "not support XA",
                                file_, offset_, gtid_text(Position{{gtid_}, {}, 0})),
                    "skip it with --skip-transaction and make its changes by hand");
      return finish(false);
    case event_type::incident:
      throw Error(ErrorKind::source,
                  fmt::format("cannot go on at {}:{}: the source reports an incident, its binlog "
                              "has a gap there",
                              file_, offset_),
                  "copy the data again: dtsctl init-data --restart");
    case event_type::intvar:
    case event_type::rand:
    case event_type::user_var:  // belong to a statement, which is judged when it comes
    case event_type::stop:
    case event_type::heartbeat:
    case event_type::ignorable:
    case event_type::rows_query:
    case event_type::previous_gtids:
    case event_type::annotate_rows:
    case event_type::binlog_checkpoint:
    case event_type::gtid_list:
    case event_type::start_encryption:
      return;
    default:
      if (header.ignorable()) return;
      throw Error(ErrorKind::source,
                  fmt::format("cannot read the binlog at {}:{}: unknown event type {}", file_,
                              offset_, header.type),
                  "this version does not know it; nothing was skipped");
  }
}

}  // namespace dts
