#include "binlog/decoder.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "binlog/column_value.hpp"
#include "binlog/gtid_event.hpp"
#include "binlog/payload.hpp"
#include "binlog/query.hpp"
#include "binlog/types.hpp"
#include "db/tokens.hpp"

namespace dts {

namespace {

constexpr std::size_t header_size = 19, crc_size = 4;

std::string shortened(std::string_view statement) {
  constexpr std::size_t limit = 400;
  if (statement.size() <= limit) return std::string(statement);
  return std::string(statement.substr(0, limit)) + "...";
}

/// Of a format event: whether the events behind it have checksums. The byte stands before its own.
bool says_checksums(std::string_view event) { return event[event.size() - crc_size - 1] == 1; }

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
  bool heartbeat() const {
    return type == event_type::heartbeat || type == event_type::heartbeat_v2;
  }
};

Decoder::Decoder(ShapeLookup lookup, TransactionSink sink, DecoderOptions options)
    : lookup_(std::move(lookup)), sink_(std::move(sink)), options_(options) {}

void Decoder::refuse(const std::string& what, const std::string& hint) const {
  std::string place = fmt::format("{}:{}", file_, offset_);
  if (in_transaction_) place += fmt::format(", transaction {}", to_string(open_.id));
  throw Error(ErrorKind::source, fmt::format("{} (at {})", what, place), hint);
}

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

/// Before 5.6 there were no checksums, and times had other formats; MariaDB says 5.5.5 first.
void Decoder::refuse_old_server(std::string_view format_event) const {
  constexpr std::size_t version_at = header_size + 2, version_size = 50;
  const auto version = Bytes(format_event.substr(std::min(version_at, format_event.size())))
                           .take(version_size);
  const bool old = version.starts_with("4.") || version.starts_with("3.") ||
                   (version.starts_with("5.") && version.size() > 3 && version[2] < '6' &&
                    version[3] == '.');
  if (!old || version.find("MariaDB") != std::string_view::npos) return;
  throw Error(ErrorKind::source,
              fmt::format("cannot read the binlog of MySQL {}: it is of a version before 5.6",
                          std::string_view(version.data(), strnlen(version.data(), version_size))),
              "upgrade the source");
}

void Decoder::feed_format(std::string_view event) {
  Bytes body(event.substr(header_size));
  if (body.number(2) != 4)
    throw Error(ErrorKind::source, "cannot read the binlog: its version is not 4");
  mariadb_ = body.take(50).find("MariaDB") != std::string_view::npos;
  body.skip(4);
  if (body.byte() != header_size)
    throw Error(ErrorKind::source, "cannot read the binlog: its event headers have an odd size");
  if (body.left() < 1 + crc_size)
    throw Error(ErrorKind::source, "cannot read the binlog: its format event is too short");
  body.skip(body.left() - 1 - crc_size);  // sizes of the events' fixed parts, all of them known
  checksums_ = body.byte() == 1;
  seen_format_ = true;
  maps_.clear();
}

void Decoder::begin(decltype(TransactionId::gtid) gtid) {
  constexpr std::size_t maps_max = 10'000;  // a source with very many tables must not fill memory
  if (maps_.size() > maps_max) maps_.clear();
  open_ = Transaction{};
  open_.id = {std::move(gtid), file_, event_begin_};
  savepoints_.clear();
  kept_maps_.clear();
  keeping_ = false;
  in_transaction_ = true;
  passing_ = !applied_.empty() && contains(applied_, open_.id);
  skipping_ = passing_ || (!to_skip_.empty() && names(to_skip_, open_.id));
  if (!skipping_) return;
  open_.skipped_kind = "transaction";
  open_.skipped = "left out on request: " + to_string(open_.id);
}

void Decoder::feed_gtid(const Header& header, Bytes body) {
  if (in_transaction_)
    throw Error(ErrorKind::source,
                fmt::format("cannot read the binlog at {}:{}: a transaction begins inside another",
                            file_, offset_));
  if (header.type == event_type::gtid) {
    MariadbGtidEvent event = read_mariadb_gtid(body);
    event.gtid.server = header.server_id;
    begin(event.gtid);
    standalone_ = event.standalone;
    if (!event.prepared.empty()) begin_xa(std::move(event.prepared));
  } else {
    decltype(TransactionId::gtid) gtid;
    if (header.type == event_type::gtid_mysql) gtid = read_mysql_gtid(body);
    if (header.type == event_type::gtid_tagged) gtid = read_tagged_gtid(body);
    if (options_.by_file) gtid = std::monostate{};
    begin(std::move(gtid));
    standalone_ = true;  // until BEGIN or XA START says otherwise
  }
  open_.timestamp = header.timestamp;
}

/// Of a transaction that is left out only its end counts. False for what is no part of it.
bool Decoder::skip_event(std::uint8_t type, Bytes body) {
  switch (type) {
    case event_type::xid:
    case event_type::transaction_payload:
      break;
    case event_type::xa_prepare:  // an empty one is kept, so that its end is understood
      feed_xa_prepare(body);
      skipping_ = false;
      return true;
    case event_type::query:
    case event_type::query_compressed: {
      std::string_view statement;
      Ddl query = read_query(body, statement);
      QueryKind kind = type == event_type::query ? classify(statement, query.sql_mode)
                                                 : QueryKind::statement;
      if (kind == QueryKind::begin) standalone_ = false;
      if (kind == QueryKind::xa) {
        feed_xa(statement);
        skipping_ = in_transaction_;
        return true;
      }
      if (!standalone_ && kind != QueryKind::commit && kind != QueryKind::rollback) return true;
      break;
    }
    default:
      return type != event_type::rotate && type != event_type::gtid &&
             type != event_type::gtid_mysql && type != event_type::gtid_tagged &&
             type != event_type::anonymous_gtid && type != event_type::incident;
  }
  skipping_ = false;
  finish(false);
  return true;
}

void Decoder::emit(bool last) {
  open_.last = last;
  open_.id.file = file_;
  open_.offset = offset_;
  Transaction next;
  next.id = open_.id;
  next.timestamp = open_.timestamp;
  next.first = false;
  next.xa = open_.xa;
  next.xid = open_.xid;
  kept_maps_.clear();
  if (std::exchange(passing_, false)) return;
  sink_(std::exchange(open_, std::move(next)));
}

void Decoder::finish(bool rolled_back) {
  if (rolled_back) {
    open_.changes.clear();
    open_.events.clear();
    open_.rolled_back = true;
  }
  in_transaction_ = keeping_ = false;
  emit(true);
}

void Decoder::add_ddl(Ddl query, std::string_view statement) {
  savepoints_.clear();
  if (!open_.changes.empty()) emit(false);
  query.statement = statement;
  query.from_mariadb = mariadb_;
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
  std::erase_if(savepoints_, [&](const Savepoint& savepoint) { return savepoint.name == name; });
  savepoints_.push_back({std::move(name), open_.changes.size(), open_.events.size()});
}

void Decoder::roll_back_to(std::string_view statement) {
  std::string name = savepoint_name(statement);
  while (!savepoints_.empty() && savepoints_.back().name != name) savepoints_.pop_back();
  if (savepoints_.empty())
    refuse(fmt::format("cannot apply '{}': its savepoint is in an earlier part of a large "
                       "transaction",
                       shortened(statement)),
           fmt::format("skip the transaction with --skip-transaction {} and repair by hand",
                       to_string(open_.id)));
  open_.changes.resize(savepoints_.back().changes);
  open_.events.resize(savepoints_.back().events);
  kept_maps_.clear();  // some may have been described behind the savepoint
}

void Decoder::feed_query(Bytes body, bool compressed) {
  std::string_view statement;
  Ddl query = read_query(body, statement);
  Arena arena;
  if (compressed) statement = inflate_event(statement, arena);
  if (!in_transaction_) {
    if (classify(statement, query.sql_mode) == QueryKind::nothing) return;
    if (mariadb_)  // cannot be found again after a restart
      refuse(fmt::format("cannot apply '{}': it has no GTID", shortened(statement)));
    begin(std::monostate{});  // MySQL 5.6 without GTIDs
    standalone_ = true;
  }
  feed_query_in_transaction(std::move(query), statement);
}

void Decoder::feed_query_in_transaction(Ddl query, std::string_view statement) {
  QueryKind kind = classify(statement, query.sql_mode);
  switch (kind) {
    case QueryKind::begin:
      standalone_ = false;
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
    case QueryKind::xa:
      return feed_xa(statement);
    case QueryKind::account:
    case QueryKind::maintenance:
      open_.skipped_kind = kind == QueryKind::account ? "account" : "maintenance";
      open_.skipped = leading_words(statement);
      break;
    case QueryKind::nothing:
      break;
    case QueryKind::statement:
      refuse(fmt::format("cannot apply '{}': it was logged as a statement, not as rows",
                         shortened(statement)),
             fmt::format("set binlog_format = ROW for every session of the source; once its effect "
                         "has been made by hand, go on with --skip-transaction {}",
                         to_string(open_.id)));
  }
  if (standalone_) finish(false);
}

/// Changes of a two-phase transaction are kept until the source has decided; the rows come between
/// XA START, which is part of the GTID event on MariaDB, and XA END.
void Decoder::begin_xa(std::string xid) {
  standalone_ = false;
  keeping_ = true;
  open_.xa = XaStep::prepare;
  open_.xid = std::move(xid);
}

void Decoder::feed_xa(std::string_view statement) {
  XaStatement xa = read_xa(statement);
  open_.xid = xa.xid;
  switch (xa.verb) {
    case XaVerb::start:
      return begin_xa(std::move(xa.xid));
    case XaVerb::end:
      return;
    case XaVerb::prepare:  // the event of the same name says it, too
      return;
    case XaVerb::commit:
      open_.xa = skipping_ ? XaStep::rollback : XaStep::commit;
      return finish(false);
    case XaVerb::rollback:
      open_.xa = XaStep::rollback;
      return finish(false);
  }
}

void Decoder::feed_xa_prepare(Bytes body) {
  const bool one_phase = body.byte() != 0;
  if (open_.xa != XaStep::prepare) refuse("cannot read the binlog: XA PREPARE without XA START");
  if (one_phase) open_.xa = XaStep::commit;
  finish(false);
}

void Decoder::feed(std::string_view event) {
  if (event.size() < header_size)
    throw Error(ErrorKind::source, "cannot read the binlog: an event is too short");
  Header header{Bytes(event)};
  if (header.size != event.size())
    throw Error(ErrorKind::source, "cannot read the binlog: an event has the wrong size");
  bool is_format = header.type == event_type::format_description;
  if (is_format) refuse_old_server(event);
  if (checksums_ || is_format) {
    if (event.size() < header_size + crc_size)
      throw Error(ErrorKind::source, "cannot read the binlog: an event is too short");
    // MySQL changes the format event when it begins inside a file, and counts its sum anew only where
    // the file has sums.
    if (!is_format || says_checksums(event)) check_crc(event);
  }
  if (is_format) return feed_format(event);
  if (!header.artificial() && !header.heartbeat()) {
    event_begin_ = offset_;
    // 32 bits in the header, and 0 where the server did not know it.
    std::uint64_t by_size = offset_ + header.size;
    offset_ = header.end == 0 ? by_size
                              : ((offset_ >> 32) << 32 | header.end) +
                                    (header.end < (offset_ & 0xffffffff) ? 1ULL << 32 : 0);
    open_.timestamp = header.timestamp;
  }
  dispatch(header, Bytes(event.substr(header_size, event.size() - header_size -
                                                       (checksums_ ? crc_size : 0))));
}

/// Says how far the source has looked in vain: the position moves over what it filtered away.
void Decoder::feed_heartbeat(std::uint32_t end, Bytes body) {
  if (in_transaction_ || end <= (offset_ & 0xffffffff) || body.rest() != file_) return;
  offset_ = (offset_ >> 32) << 32 | end;
}

void Decoder::dispatch(const Header& header, Bytes body) {
  if (skipping_ && skip_event(header.type, body)) return;
  if (feed_row_event(header.type, body)) return;
  switch (header.type) {
    case event_type::rotate:
      offset_ = body.number(8);
      file_ = body.rest();
      maps_.clear();
      return;
    case event_type::gtid:
    case event_type::gtid_mysql:
    case event_type::anonymous_gtid:
    case event_type::gtid_tagged:
      return feed_gtid(header, body);
    case event_type::query:
      return feed_query(body, false);
    case event_type::query_compressed:
      return feed_query(body, true);
    case event_type::transaction_payload:
      // Its events have no checksums, and no positions of their own.
      return for_each_payload_event(body, [this](std::string_view event) {
        dispatch(Header{Bytes(event)}, Bytes(event.substr(header_size)));
      });
    case event_type::xid:
      if (!in_transaction_) refuse("cannot read the binlog: a commit without a transaction");
      if (keeping_) open_.xa = XaStep::commit;  // XA COMMIT ... ONE PHASE
      return finish(false);
    case event_type::xa_prepare:
      return feed_xa_prepare(body);
    case event_type::incident:
      refuse("cannot go on: the source reports an incident, its binlog has a gap there",
             "copy the data again: dtsctl init-data --restart");
    case event_type::append_block:
    case event_type::delete_file:
    case event_type::begin_load_query:
    case event_type::execute_load_query:
      refuse("cannot apply a LOAD DATA: it was logged as a statement, not as rows",
             fmt::format("set binlog_format = ROW for every session of the source; once its effect "
                         "has been made by hand, go on with --skip-transaction {}",
                         to_string(open_.id)));
    case event_type::heartbeat:
      return feed_heartbeat(header.end, body);
    case event_type::heartbeat_v2:
    case event_type::intvar:
    case event_type::rand:
    case event_type::user_var:  // belong to a statement, which is judged when it comes
    case event_type::stop:
    case event_type::ignorable:
    case event_type::rows_query:
    case event_type::previous_gtids:
    case event_type::transaction_context:
    case event_type::view_change:
    case event_type::annotate_rows:
    case event_type::binlog_checkpoint:
    case event_type::gtid_list:
    case event_type::start_encryption:
      return;
    default:
      if (header.ignorable()) return;
      refuse(fmt::format("cannot read the binlog: unknown event type {}", header.type),
             "this version does not know it; nothing was skipped");
  }
}

}  // namespace dts
