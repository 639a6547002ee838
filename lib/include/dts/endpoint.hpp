#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dts/export.hpp"

namespace dts {

/// How much the connection must be protected. `required` refuses a server without TLS but accepts
/// any certificate; the verify modes also check the certificate, `verify_identity` its host too.
enum class TlsMode { disabled, preferred, required, verify_ca, verify_identity };

/// A host and a port as people write them: "db2:3307", "[::1]:3307", or "db2" for port 3306.
struct HostPort {
  std::string host;
  std::uint16_t port = 3306;
  bool operator==(const HostPort&) const = default;
};

/// Where a server is and how to log in. Holds no connection.
struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3306;
  std::filesystem::path socket;  ///< a Unix socket instead of host and port, if not empty
  /// Servers that may stand in for each other; `host` and `port` are one of them. Empty: no failover.
  std::vector<HostPort> hosts;

  std::string user;
  std::string password;                 ///< known only after resolve_password()
  std::filesystem::path password_file;  ///< first line is the password
  std::string password_command;         ///< its first line of output is the password
  std::filesystem::path option_file;    ///< a my.cnf to read user and password from
  std::string option_group = "client";
  bool password_given = false;          ///< a literal password stood in the job file

  TlsMode tls = TlsMode::preferred;
  std::filesystem::path tls_ca, tls_cert, tls_key;
};

/// parse_host_port(): nothing if the text is none.
DTS_EXPORT std::optional<HostPort> parse_host_port(std::string_view text);

/// "user@host:port" or "user@socket"; never the password.
DTS_EXPORT std::string to_string(const Endpoint& endpoint);

/// Fills in `endpoint.password` from the first of: literal, password_file, password_command, the
/// environment variable `variable`, option_file, `prompt`. A null `prompt` means that nobody can be
/// asked; it gets the account as to_string() gives it. No source at all means an empty password. A
/// missing user is taken from the option file. Throws Error{usage} if a named file or command fails.
DTS_EXPORT void resolve_password(Endpoint& endpoint, const char* variable,
                                 const std::function<std::string(std::string_view)>& prompt = {});

}  // namespace dts
