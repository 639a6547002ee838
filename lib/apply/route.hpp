#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "binlog/event.hpp"
#include "dts/job.hpp"
#include "schema/mapping.hpp"

namespace dts {

/// Turns changes of the source's tables into changes of the target's: their names and columns, and
/// which rows and kinds of changes go there at all. Of its functions, only left_out() may be called
/// from another thread.
class Router {
 public:
  Router(const Job& job, const Mapping& mapping) : job_(job), mapping_(mapping) {}

  /// Rewrites the changes of a transaction in place. Tables of the source must live on.
  void route(Transaction& transaction);

  /// Changes left out by row filters and by `dml`.
  std::uint64_t left_out() const { return left_out_; }

 private:
  struct Route {
    std::shared_ptr<const Table> target;
    std::vector<std::size_t> columns;  ///< of the source's row; empty: all
    const MapRule* rule = nullptr;
  };
  const Route& find(const Table& source);
  bool route(RowChange& change, const Route& route, Arena& arena);

  const Job& job_;
  const Mapping& mapping_;
  std::unordered_map<const Table*, Route> routes_;
  std::vector<std::shared_ptr<const Table>> targets_;  ///< one for all sources of a table
  std::atomic<std::uint64_t> left_out_ = 0;
};

}  // namespace dts
