#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "binlog/event.hpp"
#include "binlog/row_image.hpp"

namespace dts {

/// Tells the decoder what a table looked like at the transaction being read; null if its rows are
/// not wanted there. The table must stay as it is until forget_shapes().
using ShapeLookup = std::function<const Table*(const TableName&, const DomainGtid&)>;
/// Receives transactions, or pieces of large ones, in order. May block.
using TransactionSink = std::function<void(Transaction&&)>;

/// Turns binlog events into transactions. It does no I/O; the same bytes always give the same
/// transactions. What it does not understand ends with Error{source}: nothing is passed over
/// silently but what cannot carry data.
class Decoder {
 public:
  /// A transaction that takes more than `piece_bytes` is passed on in pieces.
  Decoder(ShapeLookup lookup, TransactionSink sink, std::size_t piece_bytes);

  /// One event, header and checksum included.
  void feed(std::string_view event);

  /// The changes of this transaction, whatever they are, are to be left out (and are told so by
  /// Transaction::skipped_kind).
  void skip(std::vector<DomainGtid> transactions) { to_skip_ = std::move(transactions); }

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

  void check_crc(std::string_view event) const;
  void feed_format(std::string_view body);
  void feed_gtid(Bytes body, const Header& header);
  void feed_query(Bytes body, bool compressed);
  bool skip_event(std::uint8_t type, Bytes body);
  void feed_query_in_transaction(Ddl query, std::string_view statement);
  void feed_table_map(Bytes body);
  void feed_rows(Bytes body, ChangeKind kind, bool v2, bool compressed);
  void feed_rows_of(Bytes body, ChangeKind kind, const TableMap& map);
  void add_ddl(Ddl query, std::string_view statement);
  void set_savepoint(std::string name);
  void roll_back_to(std::string_view statement);
  void finish(bool rolled_back);
  void emit(bool last);
  void begin();

  ShapeLookup lookup_;
  TransactionSink sink_;
  std::size_t piece_bytes_;

  std::string file_;
  std::uint64_t offset_ = 0;
  bool seen_format_ = false;
  bool checksums_ = true;
  std::vector<std::uint8_t> post_header_;

  bool in_transaction_ = false;
  bool standalone_ = false;
  bool skipping_ = false;
  std::vector<DomainGtid> to_skip_;
  DomainGtid gtid_;
  Transaction open_;
  std::vector<std::pair<std::string, std::size_t>> savepoints_;
  std::unordered_map<std::uint64_t, CachedMap> maps_;
};

}  // namespace dts
