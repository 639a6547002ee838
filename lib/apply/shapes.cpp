#include "apply/shapes.hpp"

namespace dts {

Shapes::Shapes(const Job& job, std::vector<TrackedTable> tables, std::optional<Position> listed)
    : job_(job), listed_(std::move(listed)) {
  for (TrackedTable& table : tables) set(std::move(table));
}

const Table* Shapes::find(const TableName& name, const TransactionId& transaction) const {
  auto [at, added] = entries_.try_emplace(key(name));
  Entry& entry = at->second;
  if (added) entry.selected = name.schema != job_.bookkeeping && selects(job_.objects, name);
  if (entry.passed) {
    entry.has_passed = true;
    return nullptr;
  }
  if (!entry.selected) return nullptr;
  if (is_copied(name, transaction)) return nullptr;
  if (entry.table == nullptr)
    throw Error(ErrorKind::state,
                "cannot apply changes of " + to_string(name) + ": its shape is not known",
                "the table is selected but was not there when the copy began, and the statement "
                "that created it was not applied: run dtsctl init-data --restart, or begin a new "
                "job that excludes it");
  return &entry.table->shape;
}

bool Shapes::is_copied(const TableName& name, const TransactionId& transaction) const {
  const auto found = entries_.find(key(name));
  const bool known = found != entries_.end() && found->second.table != nullptr;
  const std::optional<Position>& start = known ? found->second.table->start : listed_;
  return start && contains(*start, transaction);
}

const Table* Shapes::kept(const TableName& name) const {
  const auto found = entries_.find(key(name));
  return found == entries_.end() || !found->second.table ? nullptr : &found->second.table->shape;
}

std::optional<Position> Shapes::start(const TableName& name) const {
  const auto found = entries_.find(key(name));
  if (found == entries_.end() || !found->second.table) return std::nullopt;
  return found->second.table->start;
}

void Shapes::pass_over(const TableName& name, bool passed) {
  Entry& entry = entries_[key(name)];
  entry.passed = passed;
  entry.has_passed = false;
  if (!passed && entry.table == nullptr) entries_.erase(key(name));
}

bool Shapes::has_passed(const TableName& name) const {
  const auto found = entries_.find(key(name));
  return found != entries_.end() && found->second.has_passed;
}

void Shapes::set(TrackedTable table) {
  Entry& entry = entries_[key(table.shape.name)];
  if (entry.table) retired_.push_back(entry.table);
  entry.selected = true;
  entry.table = std::make_shared<const TrackedTable>(std::move(table));
}

void Shapes::forget(const TableName& name) {
  auto found = entries_.find(key(name));
  if (found == entries_.end()) return;
  if (found->second.table) retired_.push_back(std::move(found->second.table));
  if (!found->second.passed) entries_.erase(found);
}

std::vector<TableName> Shapes::names() const {
  std::vector<TableName> names;
  for (const auto& [key, entry] : entries_)
    if (entry.table) names.push_back(entry.table->shape.name);
  return names;
}

}  // namespace dts
