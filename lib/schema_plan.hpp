#pragma once

#include <map>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "schema/definition.hpp"
#include "schema/mapping.hpp"

namespace dts {

/// What the target is to have.
struct SchemaPlan {
  std::vector<Definition> objects;         ///< in the order in which they can be created
  std::map<TableName, MappedTable> tables; ///< by their names on the source
};

/// What the source has of it, as it is there.
struct SourceObjects {
  std::vector<Table> tables;
  std::vector<ObjectId> ids;            ///< all that is selected; events come last
  std::vector<Definition> definitions;  ///< of `ids`, without those that the job leaves out
  Unreadable* uncarried = nullptr;      ///< takes what can't be carried, which is thrown without it
};

/// All that is selected, events too if the job brings them.
std::vector<ObjectId> list_selected(const Job& job, Connection& source);
/// Definitions of tables that are read together with their shapes: a Visit of read_selected().
struct TableTexts {
  const SchemaOptions& options;
  std::map<TableName, Definition> texts{};
  std::mutex mutex{};

  void operator()(Connection& session, std::span<const Table> tables);
};
/// The definitions of those that the job does not leave out; takes what is known already. What can't be
/// read goes to `unreadable`; without it, the first of these is thrown.
std::vector<Definition> define_selected(const Job& job, Connection& source,
                                        const std::vector<ObjectId>& ids, TableTexts& known,
                                        const std::stop_token& stop,
                                        Unreadable* unreadable = nullptr);
SourceObjects read_source(const Job& job, Connection& source, const std::stop_token& stop);

/// The selected objects of the source, as they are to be on the target. What is left out or
/// changed on the way is told to `observer`. Throws Error for what can't be there.
SchemaPlan plan_objects(const Job& job, Connection& source, Connection& target,
                        SourceObjects objects, const Mapping& mapping, Observer& observer,
                        const std::stop_token& stop);
/// The same, read now.
SchemaPlan plan_objects(const Job& job, Connection& source, Connection& target,
                        const Mapping& mapping, Observer& observer, const std::stop_token& stop);

/// Throws Error{interrupted} if a stop is requested.
void check_stop(const std::stop_token& stop);

}  // namespace dts
