#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "binlog/event.hpp"
#include "dts/job.hpp"
#include "filter/condition.hpp"
#include "schema/mapping.hpp"

namespace dts {

/// Turns changes of the source's tables into changes of the target's: their names and columns, and
/// which rows and kinds of changes go there at all. Of its functions, only left_out() may be called
/// from another thread.
class Router {
 public:
  /// `collator` is asked what row filters can't decide themselves.
  Router(const Job& job, const Mapping& mapping, Collator collator)
      : job_(job), mapping_(mapping), collator_(std::move(collator)) {}

  /// Rewrites the changes of a transaction in place. An update of a row that leaves its filter
  /// becomes a delete, of one that enters it an insert. Tables of the source must live on. Throws
  /// Error{usage} if a filter does not fit its table any more, Error{source} if a transaction in
  /// pieces moves a row between tables that are merged, and inserts it before it deletes it.
  void route(Transaction& transaction);

  /// Changes left out by row filters and by `dml`.
  std::uint64_t left_out() const { return left_out_; }

 private:
  struct Route {
    std::shared_ptr<const Table> target;
    std::vector<std::size_t> columns;  ///< of the source's row; empty: all
    const MapRule* rule = nullptr;
    std::optional<Condition> where;
  };
  const Route& find(const Table& source);
  void settle_merged(Transaction& transaction);
  void check_move(const Table* source, const RowChange& change);
  std::vector<bool> chosen(const Transaction& transaction);

  const Job& job_;
  const Mapping& mapping_;
  Collator collator_;
  std::unordered_map<const Table*, Route> routes_;
  std::vector<std::shared_ptr<const Table>> targets_;  ///< one for all sources of a table
  /// Keys that the pieces of a large transaction have put into tables that are merged, hashed, by the
  /// source they came from.
  struct Inserted {
    std::vector<std::uint64_t> keys;
    bool sorted = true, complete = true;
  };
  std::map<std::pair<const Table*, const Table*>, Inserted> inserted_;  ///< target, source
  std::size_t keys_ = 0;  ///< in all of them
  std::atomic<std::uint64_t> left_out_ = 0;
};

}  // namespace dts
