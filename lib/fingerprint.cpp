#include <algorithm>

#include <fmt/format.h>

#include "dts/job.hpp"
#include "fnv.hpp"

namespace dts {

namespace {

/// Builds the canonical text: every value with its length, so that no two jobs have the same. What
/// is written here decides whether an upgraded dtsctl still knows the jobs of the older one: new
/// keys are to be added only where they differ from their default.
class Canonical {
 public:
  void add(std::string_view key, std::string_view value) {
    text_ += fmt::format("{}={}:{}\n", key, value.size(), value);
  }
  void add(std::string_view key, std::vector<std::string> set) {
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    for (const auto& value : set) add(key, value);
  }
  template <class Enum>
  void add_enum(std::string_view key, Enum value) {
    add(key, std::to_string(static_cast<int>(value)));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string fingerprint(const Job& job) {
  Canonical canonical;
  canonical.add("name", job.name);
  canonical.add("include", job.objects.include);
  canonical.add("exclude", job.objects.exclude);
  canonical.add_enum("name_case", job.objects.name_case);
  // The first rule that matches serves: here the order counts.
  for (const auto& rule : job.objects.map) {
    canonical.add("map.source", rule.source);
    canonical.add("map.target", rule.target);
    for (const auto& [source, target] : rule.columns) {
      canonical.add("map.column", source);
      canonical.add("map.renamed", target);
    }
    canonical.add("map.exclude_columns", rule.exclude_columns);
    canonical.add("map.where", rule.where);
    canonical.add("map.dml", fmt::format("{:d}{:d}{:d}", rule.insert, rule.update, rule.remove));
  }
  canonical.add_enum("existing_tables", job.schema.existing_tables);
  canonical.add_enum("events", job.schema.events);
  canonical.add_enum("triggers", job.schema.triggers);
  canonical.add_enum("definer", job.schema.definer);
  return fmt::format("{:016x}", fnv1a(canonical.text()));
}

}  // namespace dts
