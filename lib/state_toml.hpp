#pragma once

#include <string>
#include <string_view>

#include "dts/state.hpp"

namespace dts {

/// The text of a state file: TOML, with a checksum over all of it in the last line.
std::string write_state(const JobState& state);

/// Reads it back; `name` is what complaints call the file. Throws Error{state} if the text is not
/// whole, to the byte, or is from a newer version.
JobState parse_state(std::string_view text, const std::string& name);

}  // namespace dts
