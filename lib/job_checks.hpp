#pragma once

#include "dts/job.hpp"
#include "toml_reader.hpp"

namespace dts {

/// Complains about the first of the key's patterns that is not one of a database or table.
void check_object_patterns(const TomlReader& table, std::string_view key,
                           const std::vector<std::string>& patterns);

/// Complains if an element of the key is not a regular expression.
void check_regexes(const TomlReader& table, std::string_view key,
                   const std::vector<std::string>& expressions);

/// Complains about rules that cannot mean anything.
void check_map_rule(const TomlReader& table, const MapRule& rule);

}  // namespace dts
