#pragma once

#include <string_view>

namespace dts {

/// What a server's first bytes are.
enum class Greeting {
  incomplete,  ///< there must be more to come
  tls,         ///< offers TLS
  plain,       ///< does not
  excess,      ///< offers TLS, but something follows that nobody asked for
  refusal,     ///< an error instead of a greeting
  unknown,     ///< none of these
};

/// Reads the first bytes that came from a server.
Greeting read_greeting(std::string_view bytes);

}  // namespace dts
