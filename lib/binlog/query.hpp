#pragma once

#include <string_view>

#include "binlog/bytes.hpp"
#include "binlog/event.hpp"

namespace dts {

/// What a QUERY event is, as far as the stream of transactions is concerned.
enum class QueryKind {
  begin,
  commit,
  rollback,
  savepoint,
  rollback_to,
  xa,           ///< XA START, END, PREPARE, COMMIT, ROLLBACK
  ddl,
  account,      ///< GRANT, CREATE USER and the like
  maintenance,  ///< ANALYZE, OPTIMIZE, FLUSH ...: no effect on data
  nothing,      ///< a comment of the server's
  statement,    ///< anything else: data changed by a statement instead of by rows
};

QueryKind classify(std::string_view statement, long long sql_mode);

/// The savepoint named by SAVEPOINT or ROLLBACK TO, in lower case: the server does not tell cases
/// apart.
std::string savepoint_name(std::string_view statement);

enum class XaVerb { start, end, prepare, commit, rollback };
struct XaStatement {
  XaVerb verb = XaVerb::start;
  std::string xid;  ///< X'67',X'62',1: the same in all statements of a transaction
};
/// Reads a statement of kind QueryKind::xa as servers write it to the binlog.
XaStatement read_xa(std::string_view statement);

/// Reads the body of a QUERY event. `statement` points into the event; that of a compressed one
/// still has to be inflated.
Ddl read_query(Bytes& body, std::string_view& statement);

}  // namespace dts
