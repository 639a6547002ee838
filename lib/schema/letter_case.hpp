#pragma once

#include <string>
#include <string_view>

namespace dts {

// Letters of all scripts, about as servers turn them; what is not UTF-8 stays.
std::string lowered(const std::string& name);
std::string raised(const std::string& name);

/// Whether two names of columns are the same for a server: in any case.
bool same_column(std::string_view a, std::string_view b);

}  // namespace dts
