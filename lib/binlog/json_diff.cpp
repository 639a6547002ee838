#include <algorithm>

#include "binlog/json.hpp"

namespace dts {

namespace {

using detail::json_damaged;

[[noreturn]] void rejected() {
  throw Error(ErrorKind::source,
              "cannot apply a partial update of a JSON document: the document differs",
              "load the table again, or set binlog_row_value_options = '' on the source");
}

/// One step of a path: a member's name, or an index that counts from the start or from the end.
struct Leg {
  bool is_cell = false, from_end = false;
  std::string_view key;
  std::uint64_t index = 0;
};

std::uint64_t path_number(std::string_view& path) {
  std::uint64_t value = 0;
  std::size_t count = 0;
  for (; count < path.size() && path[count] >= '0' && path[count] <= '9'; ++count)
    if (count < 11) value = value * 10 + static_cast<std::uint64_t>(path[count] - '0');
  if (count == 0 || count > 10) json_damaged();
  path.remove_prefix(count);
  return value;
}

bool skip(std::string_view& path, std::string_view word) {
  if (!path.starts_with(word)) return false;
  path.remove_prefix(word.size());
  return true;
}

/// After "[": 3], last] or last-3].
Leg cell(std::string_view& path) {
  Leg leg;
  leg.is_cell = true;
  leg.from_end = skip(path, "last");
  if (!leg.from_end || skip(path, "-")) leg.index = path_number(path);
  if (!skip(path, "]")) json_damaged();
  return leg;
}

/// After ".": a name without special characters, or one in quotes.
Leg member(std::string_view& path, Arena& arena) {
  Leg leg;
  if (path.starts_with('"')) {
    leg.key = detail::take_json_string(path, arena);
    return leg;
  }
  leg.key = path.substr(0, path.find_first_of(".["));
  if (leg.key.empty() || leg.key.find('*') != leg.key.npos) json_damaged();
  path.remove_prefix(leg.key.size());
  return leg;
}

std::vector<Leg> parse_path(std::string_view path, Arena& arena) {
  std::vector<Leg> legs;
  if (!skip(path, "$")) json_damaged();
  while (!path.empty()) {
    if (skip(path, "["))
      legs.push_back(cell(path));
    else if (skip(path, "."))
      legs.push_back(member(path, arena));
    else
      json_damaged();
    if (legs.size() > json_depth_max) json_damaged();
  }
  return legs;
}

/// The server keeps members by the length of their names, then by their bytes.
auto place_of(Json& object, std::string_view key) {
  return std::lower_bound(
      object.items.begin(), object.items.end(), key, [](const Json& item, std::string_view wanted) {
        return item.key.size() != wanted.size() ? item.key.size() < wanted.size()
                                                : item.key < wanted;
      });
}

/// The position of the item that `leg` means.
auto find(Json& parent, const Leg& leg) {
  if (parent.kind != (leg.is_cell ? JsonKind::array : JsonKind::object)) rejected();
  if (!leg.is_cell) {
    auto place = place_of(parent, leg.key);
    if (place == parent.items.end() || place->key != leg.key) rejected();
    return place;
  }
  const std::size_t count = parent.items.size();
  if (leg.index >= count) rejected();
  const std::size_t index = leg.from_end ? count - 1 - leg.index : leg.index;
  return parent.items.begin() + static_cast<std::ptrdiff_t>(index);
}

void insert(Json& parent, const Leg& leg, Json&& value) {
  if (parent.kind != (leg.is_cell ? JsonKind::array : JsonKind::object)) rejected();
  if (!leg.is_cell) {
    auto place = place_of(parent, leg.key);
    if (place != parent.items.end() && place->key == leg.key) rejected();
    value.key = leg.key;
    parent.items.insert(place, std::move(value));
    return;
  }
  // An index outside means the nearest end.
  const std::uint64_t count = parent.items.size();
  const std::uint64_t last = count == 0 ? 0 : count - 1;
  const std::uint64_t index =
      leg.from_end ? last - std::min(last, leg.index) : std::min(count, leg.index);
  parent.items.insert(parent.items.begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
}

}  // namespace

void apply_json_diffs(Json& document, Bytes diffs, Arena& arena) {
  enum Operation : std::uint8_t { replace = 0, add = 1, remove = 2 };
  while (!diffs.done()) {
    const std::uint8_t operation = diffs.byte();
    if (operation > remove) json_damaged();
    const std::vector<Leg> legs = parse_path(diffs.take(diffs.length()), arena);
    Json value;
    if (operation != remove)
      value = detail::parse_json_at(diffs.take(diffs.length()), static_cast<unsigned>(legs.size()),
                                    arena);
    if (legs.empty()) {
      if (operation != replace) rejected();
      document = std::move(value);
      continue;
    }
    Json* parent = &document;
    for (std::size_t i = 0; i + 1 < legs.size(); ++i) parent = &*find(*parent, legs[i]);
    if (operation == add) {
      insert(*parent, legs.back(), std::move(value));
      continue;
    }
    auto item = find(*parent, legs.back());
    if (operation == remove) {
      parent->items.erase(item);
    } else {
      value.key = item->key;
      *item = std::move(value);
    }
  }
}

}  // namespace dts
