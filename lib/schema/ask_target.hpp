#pragma once

#include <map>
#include <string>

#include "db/connection.hpp"
#include "schema/definition.hpp"
#include "schema/map_objects.hpp"

// What a server understands is asked of the server itself: it prepares a statement, which it parses
// and does not run.

namespace dts {

enum class Presence { none, function, word };

/// What has been asked, and of whom.
struct Questions {
  Connection& source;
  Connection& target;
  std::map<std::string, Presence> of_source{}, of_target{};
};

/// Why the target can't have this view, routine, trigger or event: it has not a function that the
/// text calls, or does not understand it; empty if it can, as far as that is known before tables
/// are there.
std::string refusal_of(Questions& questions, const Definition& definition,
                       const ObjectNames& names);

/// The error as a reason to leave an object out: "is refused by the target: ..."; empty if it is no
/// matter of the object, but of rights, or of the state of the server.
std::string refusal_of(const Connection& target, const Error& error);

}  // namespace dts
