#include "apply/applied.hpp"

#include <algorithm>

namespace dts {

Conflict& Applied::conflicts_of(const TableName& table, const std::string& kind) {
  const auto same = [&](const Conflict& c) { return c.table == table && c.kind == kind; };
  auto found = std::find_if(conflicts.begin(), conflicts.end(), same);
  if (found == conflicts.end())
    found = conflicts.insert(found, Conflict{table, kind, {}, 0, {}});
  return *found;
}

void Applied::count_skipped(const std::string& kind, const std::string& detail,
                            const std::string& position) {
  const bool listed = kind == "ddl" || kind == "doubt" || kind == "transaction";
  for (Skipped& other : skipped)
    if (other.kind == kind && (!listed || other.detail == detail)) {
      ++other.count;
      other.position = position;
      other.when = now();
      return;
    }
  constexpr std::size_t limit = 100;  // of kinds that are told apart; the rest is counted together
  if (skipped.size() >= limit && detail != "(others)")
    return count_skipped(kind, "(others)", position);
  skipped.push_back({kind, detail, position, 1, now()});
}

}  // namespace dts
