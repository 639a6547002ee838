#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/applier.hpp"
#include "apply/ddl_names.hpp"
#include "apply/ddl_tables.hpp"
#include "apply/online_ddl.hpp"
#include "apply/shapes.hpp"
#include "binlog/event.hpp"
#include "db/connection.hpp"
#include "dts/job.hpp"
#include "schema/mapping.hpp"
#include "schema/object_statement.hpp"

namespace dts {

/// What statements mean on the source, beside what the binlog says of them.
struct SourceSettings {
  std::string default_engine;
  bool lowers_names = false;  ///< lower_case_table_names is 1
  bool logs_cascades = true;  ///< the binlog has the rows that foreign keys change
};

/// A statement as far as it is shown.
std::string shortened(const std::string& statement);

/// Whether what becomes of the tables does not depend on what is in them.
bool moves_tables(const DdlNames& names);

/// Applies DDL of the stream to the target. MariaDB and MySQL cannot roll DDL back, so it is made
/// safe against crashes by an intent: written and committed before the statement runs, it keeps
/// what the named tables looked like; whoever finds it afterwards compares, runs the statement if
/// nothing has changed, and moves the position on if something has.
class DdlApplier {
 public:
  DdlApplier(Connection& target, const Job& job, Applier& applier, Shapes& shapes,
             Mapping& mapping, SourceSettings source);

  /// Applies or, by the job's policy, skips the statement of `transaction`, keeps the shapes in
  /// step, and moves the position over it. Throws Error{target} with the statement and the ways on
  /// if it is not understood, concerns selected and other tables alike, or fails.
  void apply(const Transaction& transaction);

  /// Passes over a statement that the user has taken care of.
  void skip(const Transaction& transaction);

  /// To be called before the position moves over what has been read.
  void note_passed();

  /// Makes a statement that is being run fail. May be called from another thread. The server may
  /// finish the statement all the same; the intent tells at the next start.
  void cancel() noexcept;

  /// The statement that has been running for some seconds; empty if there is none. May be called
  /// from another thread.
  std::string under_way();

 private:
  Ddl in_utf8(Ddl ddl);
  DdlNames names_in(Ddl& text) const;
  Ddl mapped(const Transaction& transaction, const Ddl& text, const DdlNames& names,
             bool is_cut) const;
  bool is_wanted(const TableName& name) const;
  bool is_in_copy(const TableName& name, const Transaction& transaction, bool moves) const;
  bool is_copied(const Transaction& transaction, const std::vector<TableName>& tables,
                 bool moves = false) const;
  void check_merged(const Transaction& transaction, const std::vector<TableName>& tables) const;
  void check_database(const Transaction& transaction, const std::string& database) const;
  void check_taken(const Transaction& transaction, const DdlNames& names);
  void check_place(const Transaction& transaction, const DdlNames& names);
  void keep_collations(const std::vector<TableName>& names, Table& table) const;
  void pass_by(const Transaction& transaction, const Ddl& text, const DdlNames& names);
  enum class Decision { run, pass_over, skip };
  bool moves_waiting(const Ddl& text, const DdlNames& names) const;
  Decision decide(const Transaction& transaction, const Ddl& text, const DdlNames& names) const;
  std::string evaluated(const Transaction& transaction, const Ddl& text, const DdlNames& names) const;
  Decision by_policy(const Transaction& transaction, std::string_view kind,
                     const std::vector<TableName>& tables) const;
  /// What is to run on the target for a statement.
  struct Work {
    Ddl context;
    std::vector<std::string> statements;
    std::function<std::string()> structure;     ///< of all that it names
    std::function<void()> check;                ///< before it is run
    std::function<std::vector<Sql>()> follow;   ///< behind it
    std::optional<std::string> sql_mode = {};   ///< other than the context's
    std::string undo = {};                      ///< if the last of several statements fails
    bool repeatable = false;                    ///< may run twice
    /// What is left of one that was interrupted, by the structure before it; nothing if that can't be
    /// told. Empty: it is one as a whole.
    std::function<std::optional<std::vector<std::string>>(const std::string& before)> rest = {};
    bool timed = false;                         ///< begins at the statement's time
    /// Whether what it leaves is not there, by the structure as it is.
    std::function<bool(const std::string& now)> undone = {};
    bool joins_later = false;  ///< of an object that joined the job later, and may be gone by then
  };
  void run(const Transaction& transaction, Work work);
  std::vector<Sql> run_then_follow(const Transaction& transaction, Work work);
  void execute(const Transaction& transaction, const Work& work, const Position& after,
               const std::string& before);
  Work table_work(const Transaction& transaction, const Ddl& text, const DdlNames& names,
                  bool is_cut);
  void make_databases(const DdlNames& names);
  std::string default_collation(const TableName& name);
  void apply_tables(const Transaction& transaction, const Ddl& text, const DdlNames& names);
  std::vector<TableName> narrow(const Transaction& transaction, Ddl& text, DdlNames& names) const;
  void translate(const Transaction& transaction, Ddl& text, DdlNames& names);
  Tenants tenants_of(const DdlNames& names);
  std::string structure_of_rename(const DdlNames& names);
  std::optional<std::vector<std::string>> rest_of(const Transaction& transaction, const Ddl& text,
                                                  const DdlNames& names, const std::string& before);
  void apply_object(const Transaction& transaction, const Ddl& text, const DdlNames& found);
  bool select_objects(const Transaction& transaction, ObjectStatement& statement);
  Connection& source();
  void finish(const Transaction& transaction, std::vector<Sql> also);
  std::vector<Sql> follow_shapes(const DdlNames& names, const Transaction& transaction);
  std::vector<Sql> follow_waiting(const DdlNames& names, const Shapes& before);
  std::string structure_of(const DdlNames& names);
  bool done_already(const DdlIntent& intent, const std::string& now);
  [[noreturn]] void stop(const Transaction& transaction, const std::string& why) const;

  // Tables of online DDL tools, in ddl_online.cpp.
  void read_tools();
  bool pass_tools(const Transaction& transaction, const DdlNames& names);
  void name_tools(const Ddl& text, const DdlNames& names);
  void unname_tools();
  void check_tools(const Transaction& transaction, const Ddl& text, const DdlNames& names);
  void check_swap(const Transaction& transaction,
                  const std::vector<std::pair<TableName, TableName>>& pairs, const ToolTable& shadow);
  void check_shadow(const Transaction& transaction, const Ddl& text, const DdlNames& names,
                    ToolTable& shadow);
  const ToolTable* swapped_shadow(const Ddl& text, const DdlNames& names);
  void swap(const Transaction& transaction, const DdlNames& names, const TableName& shadow);
  void alter_base(const Transaction& transaction, const TableName& shadow);
  Sql follow_created(const Transaction& transaction, const TableName& name, const TableName& base);
  std::vector<Sql> follow_tools(const Transaction& transaction, const Ddl& text,
                                const DdlNames& names);
  std::vector<Sql> skip_tools(const Transaction& transaction, const Ddl& text,
                              const DdlNames& names);
  ToolTable* tool(const TableName& name);
  ToolTable* passed_shadow(const TableName& base);
  std::optional<TableName> base_in(const std::vector<std::string>& patterns, const TableName& name);
  Sql save_tool(ToolTable table);
  Sql forget_tool(const TableName& name);
  void pass_over(const ToolTable& table);
  void count_tool(const Transaction& transaction);

  Connection& target_;
  const Job& job_;
  Applier& applier_;
  Shapes& shapes_;
  Mapping& mapping_;
  SourceSettings source_;
  ToolPatterns patterns_;
  std::vector<ToolTable> tools_;
  std::map<TableName, TableName> named_;  ///< by the statement under way, and by none before; their bases
  std::map<TableName, Shapes::HasPassed> passed_;  ///< of fresh shadow tables
  bool has_tool_table_ = false;
  std::unique_ptr<Connection> source_session_;  ///< opened when it is asked for first
  std::mutex mutex_;
  Connection* running_ = nullptr;  ///< the session of the statement under way
  std::string statement_;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace dts
