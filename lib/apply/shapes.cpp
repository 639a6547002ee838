#include "apply/shapes.hpp"

#include <algorithm>

namespace dts {

Shapes::Shapes(const Job& job, std::vector<TrackedTable> tables, std::optional<Position> listed,
               const std::vector<LateTable>& late)
    : job_(job), listed_(std::move(listed)) {
  for (TrackedTable& table : tables) {
    const auto found = std::find_if(late.begin(), late.end(), [&](const LateTable& entry) {
      return entry.name == table.shape.name;
    });
    const bool copied = found != late.end() && found->step == LateTable::Step::copied;
    const TableName name = table.shape.name;
    table.shape.converging = copied;
    set(std::move(table));
    if (found != late.end() && !copied) wait(name, found->reason);
  }
}

const Table* Shapes::find(const TableName& name, const TransactionId& transaction) const {
  auto [at, added] = entries_.try_emplace(key(name));
  Entry& entry = at->second;
  if (added) entry.selected = name.schema != job_.bookkeeping && selects(job_.objects, name);
  if (entry.has_passed) {
    *entry.has_passed = true;
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
  return !reason(name).empty() || is_in_copy(name, transaction);
}

bool Shapes::is_in_copy(const TableName& name, const TransactionId& transaction) const {
  const auto found = entries_.find(key(name));
  const bool known = found != entries_.end() && found->second.table != nullptr;
  if (!known && joins_later(name, transaction)) return true;
  const std::optional<Position>& start = known ? found->second.table->start : listed_;
  return start && contains(*start, transaction);
}

bool Shapes::joins_later(const TableName& name, const TransactionId& transaction) const {
  const auto has = [&](const Objects& objects) {
    return name.table.empty() ? selects_schema(objects, name.schema) : selects(objects, name);
  };
  const auto later = [&](const Joined& joined) {
    return !has(joined.before) && contains(joined.start, transaction);
  };
  return std::any_of(joined_.begin(), joined_.end(), later) && has(job_.objects);
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
  entry.has_passed = passed ? std::make_shared<std::atomic<bool>>(false) : nullptr;
  if (!passed && entry.table == nullptr) entries_.erase(key(name));
}

Shapes::HasPassed Shapes::has_passed(const TableName& name) const {
  const auto found = entries_.find(key(name));
  return found == entries_.end() ? nullptr : found->second.has_passed;
}

void Shapes::set(TrackedTable table) {
  Entry& entry = entries_[key(table.shape.name)];
  if (entry.table) {
    table.shape.converging = table.shape.converging || entry.table->shape.converging;
    retired_.push_back(entry.table);
  }
  entry.selected = true;
  entry.table = std::make_shared<const TrackedTable>(std::move(table));
}

void Shapes::join(Position start, Objects before) {
  joined_.push_back({std::move(start), std::move(before)});
}

void Shapes::wait(const TableName& name, const std::string& reason) {
  entries_[key(name)].waiting = reason;
}

std::string Shapes::reason(const TableName& name) const {
  const auto found = entries_.find(key(name));
  return found == entries_.end() ? std::string() : found->second.waiting;
}

std::vector<std::string> Shapes::waiting() const {
  std::vector<std::string> texts;
  for (const auto& [key, entry] : entries_)
    if (entry.table && !entry.waiting.empty())
      texts.push_back(to_string(entry.table->shape.name) + ": " + entry.waiting);
  std::sort(texts.begin(), texts.end());
  return texts;
}

void Shapes::forget(const TableName& name) {
  auto found = entries_.find(key(name));
  if (found == entries_.end()) return;
  if (found->second.table) retired_.push_back(std::move(found->second.table));
  found->second.waiting.clear();
  if (!found->second.has_passed) entries_.erase(found);
}

std::vector<TableName> Shapes::names() const {
  std::vector<TableName> names;
  for (const auto& [key, entry] : entries_)
    if (entry.table) names.push_back(entry.table->shape.name);
  return names;
}

}  // namespace dts
