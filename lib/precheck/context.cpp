#include <algorithm>
#include <cstdlib>
#include <utility>

#include "precheck/check.hpp"
#include "schema/list_objects.hpp"
#include "schema/read_selected.hpp"
#include "schema_plan.hpp"
#include "selection.hpp"

namespace dts {

namespace {
std::size_t index(Side side) {
  return side == Side::source ? 0 : 1;
}
}  // namespace

/// Whether some check compares or translates the texts of tables.
bool Context::needs_definitions() const {
  if (!job.schema_phase) return false;
  return state.schema.status != PhaseStatus::not_started ||
         job.schema.existing_tables == ExistingTables::keep ||
         (target && are_translated(kind_of(*source), kind_of(*target)));
}

void Context::begin_target_reading() {
  if (std::exchange(target_reading_begun_, true)) return;
  if (!reads_ahead || !target || !job.schema_phase || !has_schema_to_compare(job, state)) return;
  std::set<TableName> names;
  try {
    for (const TableName& name : list_tables(*source, job.objects)) names.insert(mapping().table(name));
  } catch (const Error& error) {  // told by the checks that need them
    if (error.kind() == ErrorKind::connect) throw;
    return;
  }
  target_reading.start(target->endpoint(), std::move(names), stop);
}

const std::vector<Table>& Context::tables() {
  if (tables_) return *tables_;
  begin_target_reading();
  // An error is told by the check that needs the definition.
  const auto try_define = [&](Connection& session, std::span<const Table> tables) {
    try {
      table_texts_(session, tables);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::connect) throw;
    }
  };
  Selected selected = read_selected(*source, job.objects, needs_definitions() ? Visit(try_define) : Visit());
  tables_ = std::move(selected.tables);
  foreign_keys_ = std::move(selected.foreign_keys);
  return *tables_;
}

const std::vector<ForeignKey>& Context::foreign_keys() {
  if (!foreign_keys_) foreign_keys_ = read_foreign_keys(*source, job.objects);
  return *foreign_keys_;
}

const std::vector<ObjectId>& Context::objects() {
  if (!objects_) objects_ = list_selected(job, *source);
  return *objects_;
}

const std::vector<Definition>& Context::definitions() {
  if (definitions_) return *definitions_;
  definitions_ = define_selected(job, *source, objects(), table_texts_, {}, &unreadable_);
  if (unreadable_.empty()) return *definitions_;
  // What was dropped since it was listed is none of them.
  const auto now = list_selected(job, *source);
  const std::set<ObjectId> there(now.begin(), now.end());
  std::erase_if(*objects_, [&](const ObjectId& id) { return unreadable_.contains(id) && !there.contains(id); });
  std::erase_if(unreadable_, [&](const auto& one) { return !there.contains(one.first); });
  return *definitions_;
}

const Unreadable& Context::unreadable() {
  definitions();
  return unreadable_;
}

const std::vector<std::string>& Context::schemas() {
  if (schemas_) return *schemas_;
  std::vector<std::string> found;
  for (const std::string& schema : selected_schemas(*source, job.objects))
    if (selects_schema(job.objects, schema) ||
        std::any_of(tables().begin(), tables().end(),
                    [&](const Table& table) { return table.name.schema == schema; }))
      found.push_back(schema);
  schemas_ = std::move(found);
  return *schemas_;
}

const Mapping& Context::mapping() {
  if (!mapping_) mapping_.emplace(mapping_for(job.objects, *target));
  return *mapping_;
}

const std::vector<MappedTable>& Context::mapped_tables() {
  if (mapped_) return *mapped_;
  mapped_.emplace();
  mapped_->reserve(tables().size());
  for (const Table& table : tables()) mapped_->push_back(map_table(table, mapping()));
  return *mapped_;
}

std::set<std::string> Context::target_schemas() {
  std::set<std::string> names;
  for (const MappedTable& table : mapped_tables()) names.insert(table.target.name.schema);
  for (const std::string& schema : schemas())
    if (selects_schema(job.objects, schema)) names.insert(mapping().schema(schema));
  return names;
}

const Grants& Context::grants(Side side) {
  auto& grants = grants_[index(side)];
  if (!grants) grants = read_grants(connection(side));
  return *grants;
}

std::string Context::variable(Side side, const std::string& name) {
  auto& variables = variables_[index(side)];
  if (!variables) {
    std::map<std::string, std::string> read;
    for (auto& row : connection(side).query(sql("SHOW GLOBAL VARIABLES")))
      read[row.at(0).value_or("")] = row.at(1).value_or("");
    variables = std::move(read);
  }
  const auto found = variables->find(name);
  return found == variables->end() ? std::string() : found->second;
}

std::uint64_t Context::number(Side side, const std::string& name) {
  return std::strtoull(variable(side, name).c_str(), nullptr, 10);
}

std::optional<Objects> Context::before() const {
  if (!has_started(state)) return std::nullopt;
  auto changed = changed_selection(job, state);
  if (!changed) return std::nullopt;
  return std::move(changed->objects);
}

bool has_started(const JobState& state) {
  return state.schema.status != PhaseStatus::not_started ||
         state.data.status != PhaseStatus::not_started ||
         state.sync_phase.status != PhaseStatus::not_started;
}

std::string entry_for(const TableName& name) {
  // What patterns take for something else goes into a regular expression.
  const bool plain = name.schema.find('.') == std::string::npos && !name.schema.starts_with('~') &&
                     to_string(name).find_first_of("*?") == std::string::npos;
  std::string pattern = plain ? to_string(name) : "~^", quoted = "\"";
  if (!plain) {
    for (const char c : to_string(name)) {
      if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) pattern += '\\';
      pattern += c;
    }
    pattern += '$';
  }
  for (const char c : pattern) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + '"';
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t first = 0; first < list.size();) {
    const std::size_t end = std::min(list.find(',', first), list.size());
    parts.push_back(list.substr(first, end - first));
    first = end + 1;
  }
  return parts;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return text;
}

}  // namespace dts
