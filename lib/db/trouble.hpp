#pragma once

#include <string>

#include "dts/error.hpp"

namespace dts {

/// What can be done about an error that a server gave while rows were copied or changes applied.
struct Trouble {
  bool passes = false;  ///< it may be over, or mended, while we wait
  const char* remedy = "";
};

Trouble trouble_of(const Error& error);

/// An error of the copy with what was copied, and the remedy instead of its own hint where there is one.
Error explained(const Error& error, const std::string& table);

}  // namespace dts
