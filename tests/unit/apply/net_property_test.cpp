#include <doctest/doctest.h>

#include <map>
#include <random>

#include "apply/changes.hpp"
#include "apply/net.hpp"

using namespace changes;

namespace {

const dts::Table shape =
    table("t", {{"id"}, {"sub"}, {"code"}, {"v"}}, {{0, 1}, {2}});  // code may be NULL

/// A table that enforces its keys at each step, as the target does.
class Model {
 public:
  std::map<std::pair<std::string, std::string>, Texts> rows;

  static std::pair<std::string, std::string> key(const Texts& row) { return {row[0], row[1]}; }
  bool holds_code(const std::string& code) const {
    for (const auto& [key, row] : rows)
      if (row[2] == code && code != "NULL") return true;
    return false;
  }
  bool insert(const Texts& row) {
    if (holds_code(row[2])) return false;
    return rows.emplace(key(row), row).second;
  }
  /// Exact: the row must be there as it was.
  bool remove(const Texts& row) {
    auto found = rows.find(key(row));
    if (found == rows.end() || found->second != row) return false;
    rows.erase(found);
    return true;
  }
  bool update(const Texts& before, const Texts& after) {
    return remove(before) && insert(after);
  }
  /// REPLACE: rows that clash are removed.
  void replace(const Texts& row) {
    std::erase_if(rows, [&](const auto& other) {
      return other.first == key(row) || (row[2] != "NULL" && other.second[2] == row[2]);
    });
    rows[key(row)] = row;
  }
};

Texts texts(const dts::Row& row) {
  Texts list;
  for (const auto& value : row)
    list.push_back(value.is_null() ? "NULL" : std::string(value.data));
  return list;
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  Texts row() {
    const std::string code = below(4) == 0 ? "NULL" : std::to_string(below(8));
    return {std::to_string(below(4)), std::to_string(below(3)), code, std::to_string(below(3))};
  }
  /// One change that is valid in `model`, which is changed, too; false if it was not.
  bool step(Model& model, Changes& changes) {
    const std::size_t action = below(5);
    if (action < 2 || model.rows.empty()) {
      const auto after = row();
      if (!model.insert(after)) return false;
      changes.insert(shape, after);
      return true;
    }
    auto at = model.rows.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(model.rows.size())));
    const Texts before = at->second;
    if (action == 2) {
      model.remove(before);
      changes.remove(shape, before);
      return true;
    }
    Texts after = row();
    for (std::size_t i = 0; i < after.size(); ++i)
      if (below(2) == 0) after[i] = before[i];
    Model tried = model;
    if (!tried.update(before, after)) return false;
    model = tried;
    changes.update(shape, before, after);
    return true;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("net property: folded changes leave what the single ones leave") {
  std::size_t folded = 0, single = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    Model start;
    for (int i = 0; i < 6; ++i) start.insert(generator.row());
    Model source = start;
    std::vector<dts::Transaction> group;
    for (std::size_t count = 1 + generator.below(4); count > 0; --count) {
      Changes changes;
      for (std::size_t i = generator.below(12); i > 0; --i) generator.step(source, changes);
      single += changes.transaction.changes.size();
      group.push_back(std::move(changes.transaction));
    }

    Model target = start;
    bool valid = true;
    for (const auto& net : dts::net_changes(group)) {
      for (const auto& row : net.deletes) valid &= target.remove(texts(row.before));
      for (const auto& row : net.updates)
        valid &= target.update(texts(row.before), texts(row.after));
      for (const auto& row : net.inserts) valid &= target.insert(texts(row.after));
      folded += net.deletes.size() + net.updates.size() + net.inserts.size();
    }
    REQUIRE(valid);
    REQUIRE(target.rows == source.rows);
  }
  CHECK(single > 15000);
  CHECK(folded < single);
}

TEST_CASE("net property: catching up ends right from any state in between") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    Model source;
    for (int i = 0; i < 6; ++i) source.insert(generator.row());
    // Each row is copied at some moment between the changes, as the chunks of a copy are.
    Model target;
    std::map<std::string, std::size_t> moment;
    for (int id = 0; id < 4; ++id) moment[std::to_string(id)] = generator.below(21);
    std::vector<dts::Transaction> group;
    for (std::size_t now = 0; now <= 20; ++now) {
      for (const auto& [key, row] : source.rows)
        if (moment[row[0]] == now) target.replace(row);
      Changes changes;
      generator.step(source, changes);
      group.push_back(std::move(changes.transaction));
    }

    // in groups of any size
    for (std::size_t from = 0; from < group.size();) {
      const std::size_t size = std::min(group.size() - from, 1 + generator.below(8));
      for (const auto& net : dts::net_changes({group.data() + from, size}, true)) {
        for (const auto& row : net.deletes)
          target.rows.erase(Model::key(texts(row.before)));
        for (const auto& row : net.updates) target.replace(texts(row.after));
        for (const auto& row : net.inserts) target.replace(texts(row.after));
      }
      from += size;
    }
    REQUIRE(target.rows == source.rows);
  }
}
