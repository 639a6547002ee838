#pragma once

#include <mutex>
#include <string>

#include "apply/applier.hpp"
#include "apply/ddl_names.hpp"
#include "apply/shapes.hpp"
#include "binlog/event.hpp"
#include "db/connection.hpp"
#include "dts/job.hpp"
#include "schema/mapping.hpp"

namespace dts {

/// What statements mean on the source, beside what the binlog says of them.
struct SourceSettings {
  std::string default_engine;
  bool lowers_names = false;  ///< lower_case_table_names is 1
  bool logs_cascades = true;  ///< the binlog has the rows that foreign keys change
};

/// Applies DDL of the stream to the target. MariaDB and MySQL cannot roll DDL back, so it is made
/// safe against crashes by an intent: written and committed before the statement runs, it keeps
/// what the named tables looked like; whoever finds it afterwards compares, runs the statement if
/// nothing has changed, and moves the position on if something has.
class DdlApplier {
 public:
  DdlApplier(Connection& target, const Job& job, Applier& applier, Shapes& shapes,
             const Mapping& mapping, SourceSettings source);

  /// Applies or, by the job's policy, skips the statement of `transaction`, keeps the shapes in
  /// step, and moves the position over it. Throws Error{target} with the statement and the ways on
  /// if it is not understood, concerns selected and other tables alike, or fails.
  void apply(const Transaction& transaction);

  /// Passes over a statement that the user has taken care of.
  void skip(const Transaction& transaction);

  /// Makes a statement that is being run fail. May be called from another thread. The server may
  /// finish the statement all the same; the intent tells at the next start.
  void cancel() noexcept;

 private:
  Ddl in_utf8(Ddl ddl);
  DdlNames names_in(Ddl& text) const;
  Ddl mapped(const Transaction& transaction, const Ddl& text, const DdlNames& names) const;
  bool is_copied(const Transaction& transaction, const std::vector<TableName>& tables) const;
  void check_merged(const Transaction& transaction, const DdlNames& names) const;
  void check_database(const Transaction& transaction, const std::string& database) const;
  void check_taken(const Transaction& transaction, const DdlNames& names);
  void check_place(const Transaction& transaction, const DdlNames& names);
  void keep_collations(const std::vector<TableName>& names, Table& table) const;
  void pass_by(const Transaction& transaction, const DdlNames& names);
  enum class Decision { run, pass_over, skip };
  Decision decide(const Transaction& transaction, const DdlNames& names) const;
  std::string evaluated(const Transaction& transaction, const Ddl& text, const DdlNames& names) const;
  void run(const Transaction& transaction, const Ddl& ddl, const DdlNames& names,
           const std::string& copy_again);
  void finish(const Transaction& transaction, std::vector<Sql> also);
  std::vector<Sql> follow_shapes(const DdlNames& names, const Transaction& transaction);
  std::string structure_of(const DdlNames& names);
  bool done_already(const DdlIntent& intent, const std::string& now);
  [[noreturn]] void stop(const Transaction& transaction, const std::string& why) const;

  Connection& target_;
  const Job& job_;
  Applier& applier_;
  Shapes& shapes_;
  const Mapping& mapping_;
  SourceSettings source_;
  std::mutex mutex_;
  Connection* running_ = nullptr;  ///< the session of the statement under way
};

}  // namespace dts
