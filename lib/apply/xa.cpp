#include "apply/xa.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "db/bookkeeping.hpp"

namespace dts {

XaApplier::XaApplier(Connection& target, const Job& job, Applier& applier, const Shapes& shapes,
                     Router& router, DecoderOptions options, std::function<void()> before_end)
    : target_(target),
      job_(job),
      applier_(applier),
      shapes_(shapes),
      router_(router),
      options_(options),
      before_end_(std::move(before_end)) {}

void XaApplier::apply(const Transaction& transaction) {
  if (!has_table_) create_xa_table(target_, job_.bookkeeping);
  has_table_ = true;
  if (transaction.rolled_back || transaction.xa == XaStep::prepare) return keep(transaction);
  if (transaction.xa == XaStep::commit) return commit(transaction);
  applier_.move_over(transaction,
                     {forget_xa_events(job_.bookkeeping, job_.name, transaction.xid)});
}

/// An empty piece is kept, too: its commit will be known by it.
void XaApplier::keep(const Transaction& piece) {
  if (piece.first) pieces_ = 0;
  applier_.apply_with(piece, save_xa_events(job_.bookkeeping, job_.name, piece.xid, pieces_++,
                                            piece.events));
}

void XaApplier::commit(const Transaction& transaction) {
  // The last piece of a one-phase commit comes with it; its first ones are in this very transaction.
  if (!transaction.first || !transaction.events.empty()) {
    Transaction piece;
    piece.id = transaction.id;
    piece.offset = transaction.offset;
    piece.timestamp = transaction.timestamp;
    piece.first = transaction.first;
    piece.last = false;
    piece.xid = transaction.xid;
    piece.events = transaction.events;
    keep(piece);
  }
  const std::string& database = job_.bookkeeping;
  const unsigned pieces = count_xa_pieces(target_, database, job_.name, transaction.xid);
  if (pieces == 0)
    throw Error(ErrorKind::target,
                fmt::format("cannot apply XA COMMIT {} at {}: its rows were prepared before the "
                            "job's start position",
                            transaction.xid, to_string(transaction.id)),
                fmt::format("make its changes by hand, then go on with --skip-transaction {}",
                            to_string(transaction.id)));
  bool first = transaction.first && transaction.events.empty();
  auto write = [&](Transaction&& piece) {
    piece.first = std::exchange(first, false);
    piece.last = false;
    piece.offset = transaction.offset;
    piece.timestamp = transaction.timestamp;
    router_.route(piece);
    std::vector<Transaction> group;
    group.push_back(std::move(piece));
    applier_.apply(std::move(group));
  };
  Decoder decoder([this](const TableName& name, const TransactionId& id) {
    return shapes_.find(name, id);
  }, write, options_);
  for (unsigned i = 0; i < pieces; ++i)
    decoder.replay(transaction.id,
                   read_xa_events(target_, database, job_.name, transaction.xid, i));
  before_end_();  // only now it is known which rows there were
  Transaction end;
  end.id = transaction.id;
  end.offset = transaction.offset;
  end.timestamp = transaction.timestamp;
  end.first = false;
  applier_.apply_with(end, forget_xa_events(database, job_.name, transaction.xid));
}

}  // namespace dts
