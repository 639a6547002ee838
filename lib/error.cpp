#include "dts/error.hpp"

namespace dts {

Error::Error(ErrorKind kind, const std::string& what, std::string hint, unsigned server_errno)
    : std::runtime_error(what), kind_(kind), hint_(std::move(hint)), server_errno_(server_errno) {}

// Out of line, so that the type information lives in the library and is one for all.
Error::~Error() = default;

}  // namespace dts
