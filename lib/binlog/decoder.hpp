#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "binlog/event.hpp"
#include "binlog/row_image.hpp"

namespace dts {

/// Tells the decoder what a table looked like at the transaction being read; null if its rows are
/// not wanted there. The table must stay as it is until forget_shapes().
using ShapeLookup = std::function<const Table*(const TableName&, const TransactionId&)>;
/// Receives transactions, or pieces of large ones, in order. May block.
using TransactionSink = std::function<void(Transaction&&)>;

struct DecoderOptions {
  /// A transaction that takes more is passed on in pieces.
  std::size_t piece_bytes = 4 << 20;
  /// The position is a file and an offset: MySQL's GTIDs, which some transactions may have, do not
  /// name them.
  bool by_file = false;
  /// How MySQL's JSON is to be written: as plain text, or as SQL that keeps the types in it.
  JsonForm json = JsonForm::sql;
};

/// Turns binlog events into transactions. It does no I/O; the same bytes always give the same
/// transactions. What it does not understand ends with Error{source}: nothing is passed over
/// silently but what cannot carry data.
class Decoder {
 public:
  Decoder(ShapeLookup lookup, TransactionSink sink, DecoderOptions options);

  /// One event, header and checksum included.
  void feed(std::string_view event);

  /// Reads Transaction::events: gives their changes as one transaction, in pieces if it is large.
  void replay(const TransactionId& id, std::string_view events);

  /// The changes of the transactions that `list` names, whatever they are, are to be left out (and
  /// are told so by Transaction::skipped_kind).
  void skip(Position list) { to_skip_ = std::move(list); }

  /// Transactions that `applied` contains are passed over: the source may begin earlier than asked.
  void pass_over(Position applied) { applied_ = std::move(applied); }

  /// Shapes have changed: tables are looked up again.
  void forget_shapes() { maps_.clear(); }

  /// Where the stream stands in the source's files.
  const std::string& file() const { return file_; }
  std::uint64_t offset() const { return offset_; }
  /// Whether the stream is between two transactions.
  bool at_boundary() const { return !in_transaction_; }

 private:
  struct Header;
  struct CachedMap {
    std::string raw;
    TableMap map;
  };
  struct Savepoint {
    std::string name;
    std::size_t changes, events;
  };

  // decoder.cpp: transactions
  void check_crc(std::string_view event) const;
  void refuse_old_server(std::string_view format_event) const;
  void feed_format(std::string_view body);
  void dispatch(const Header& header, Bytes body);
  void feed_gtid(const Header& header, Bytes body);
  void feed_query(Bytes body, bool compressed);
  void feed_query_in_transaction(Ddl query, std::string_view statement);
  void begin_xa(std::string xid);
  void feed_xa(std::string_view statement);
  void feed_xa_prepare(Bytes body);
  void feed_heartbeat(std::uint32_t end, Bytes body);
  bool skip_event(std::uint8_t type, Bytes body);
  void add_ddl(Ddl query, std::string_view statement);
  void set_savepoint(std::string name);
  void roll_back_to(std::string_view statement);
  void begin(decltype(TransactionId::gtid) gtid);
  void finish(bool rolled_back);
  void emit(bool last);
  [[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) const;

  // row_events.cpp: rows
  void feed_table_map(Bytes body);
  bool feed_row_event(std::uint8_t type, Bytes body);
  void feed_rows(Bytes body, RowChange change, const TableMap& map, bool compressed, bool partial);
  void keep_row_event(std::uint8_t type, std::string_view body);

  ShapeLookup lookup_;
  TransactionSink sink_;
  DecoderOptions options_;

  std::string file_;
  std::uint64_t offset_ = 0;
  std::uint64_t event_begin_ = 0;
  bool seen_format_ = false;
  bool mariadb_ = true;
  bool checksums_ = true;

  bool in_transaction_ = false;
  bool standalone_ = false;  ///< the transaction is one statement, without BEGIN and COMMIT
  bool skipping_ = false;
  bool keeping_ = false;     ///< rows of an XA transaction are kept as events
  bool passing_ = false;     ///< the transaction has been applied before
  Position to_skip_, applied_;
  Transaction open_;
  std::vector<Savepoint> savepoints_;
  std::unordered_map<std::uint64_t, CachedMap> maps_;
  std::unordered_set<std::uint64_t> kept_maps_;  ///< tables described in open_.events
};

}  // namespace dts
