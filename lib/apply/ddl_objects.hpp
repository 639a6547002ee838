#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/shapes.hpp"
#include "binlog/event.hpp"
#include "db/connection.hpp"
#include "dts/job.hpp"
#include "schema/definition.hpp"
#include "schema/mapping.hpp"
#include "schema/object_statement.hpp"
#include "schema/translate_text.hpp"

// Views, routines, triggers and events of the stream, as init-schema would make them: by the names
// of the target, in its words, with the definer that the job says, triggers guarded, events
// disabled. All comes from the statement; what the source has by now may be later than the
// position.

namespace dts {

/// What is known, and who may be asked, of names and words.
struct ObjectScene {
  Connection& target;
  const Job& job;
  const Shapes& shapes;
  const Mapping& mapping;
  const TransactionId& transaction;
  bool source_folds;
  bool catching_up;
  std::function<Connection&()> source;  ///< for what its kind of server understands
};

/// What is to run on the target for a statement.
struct ObjectWork {
  std::vector<std::string> statements;  ///< none: the target has nothing to do
  std::optional<std::string> sql_mode;  ///< other than the statement's own
  std::string undo;                     ///< if the last of several statements fails
  std::vector<ObjectId> objects;    ///< on the target, by which it can be told whether it was run
  bool repeatable = false;          ///< may run twice
  std::string trouble;              ///< why it can't be there
  std::vector<std::string> doubts;  ///< what may be other than on the source
};

/// What the texts of a statement mean where it ran.
SourceFacts facts_of(const Ddl& ddl, Connection& source);

/// `ddl` is the statement in the bytes of its character set `charset`, `statement` the same in
/// UTF-8 with the names that are selected.
ObjectWork object_work(const Ddl& ddl, const std::string& charset, const ObjectStatement& statement,
                       const ObjectScene& scene);

}  // namespace dts
