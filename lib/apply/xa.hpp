#pragma once

#include <string>

#include <functional>

#include "apply/applier.hpp"
#include "apply/route.hpp"
#include "apply/shapes.hpp"
#include "binlog/decoder.hpp"
#include "binlog/event.hpp"
#include "db/connection.hpp"
#include "dts/job.hpp"

namespace dts {

/// Applies two-phase (XA) transactions. The rows of a prepared one are kept in the bookkeeping on
/// the target, in the same target transaction that moves the position over it; when the source
/// commits, they are read back and written, and forgotten in that transaction. So nothing is held
/// back, and a crash at any time changes nothing.
class XaApplier {
 public:
  XaApplier(Connection& target, const Job& job, Applier& applier, const Shapes& shapes,
            Router& router, DecoderOptions options, std::function<void()> before_end);

  /// Takes a prepared transaction or a piece of it, a commit or a rollback. For a commit the shapes
  /// must be those of that moment: nothing may be read ahead. Throws Error{target} for the commit of
  /// a transaction whose rows were never seen.
  void apply(const Transaction& transaction);

 private:
  void keep(const Transaction& piece);
  void commit(const Transaction& transaction);

  Connection& target_;
  const Job& job_;
  Applier& applier_;
  const Shapes& shapes_;
  Router& router_;
  DecoderOptions options_;
  std::function<void()> before_end_;  ///< of a commit, in its target transaction
  unsigned pieces_ = 0;  ///< of the transaction under way that are kept
  bool has_table_ = false;
};

}  // namespace dts
