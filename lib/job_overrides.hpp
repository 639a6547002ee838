#pragma once

#include <string>

#include "toml_reader.hpp"

namespace dts {

/// Puts one "section.key=value" of -c into the document of a job file. Throws Error{usage}; values
/// remember where they come from, so that later complaints begin with "-c KEY=VALUE: " too.
void apply_override(toml::table& root, const std::string& text);

}  // namespace dts
