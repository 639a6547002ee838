#include "db/login.hpp"

#include <errmsg.h>
#include <mysql.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "db/greeting.hpp"
#include "dts/error.hpp"

// Exported by the library, but in none of its headers.
extern "C" int ma_pvio_register_callback(my_bool add,
                                         void (*)(int direction, MYSQL* mysql,
                                                  const unsigned char* bytes, std::size_t size));

namespace dts {

namespace {

bool verifies(const Endpoint& endpoint) {
  return endpoint.tls == TlsMode::verify_ca || endpoint.tls == TlsMode::verify_identity;
}

// Ways to log in that never show the password to who listens. Left out: the hash before 4.1, which
// is as good as the password, and `dialog`, which would put the server's questions to our terminal.
constexpr std::string_view guarded_plugins =
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec,"
    "auth_gssapi_client";
constexpr std::string_view telling_plugin = "mysql_clear_password";

/// Whether the password itself may be told to the other end: it has proved who it is, or is on this
/// machine.
bool may_send_password(const Endpoint& endpoint) {
  return verifies(endpoint) || !endpoint.socket.empty();
}

void set_plugins(MYSQL* mysql, const Endpoint& endpoint) {
  std::string allowed(guarded_plugins);
  if (may_send_password(endpoint)) (allowed += ",") += telling_plugin;
  mysql_options(mysql, MARIADB_OPT_RESTRICTED_AUTH, allowed.c_str());
}

void set_flag(MYSQL* mysql, mysql_option option, bool on) {
  my_bool value = on;
  mysql_options(mysql, option, &value);
}

// The library goes on in clear text if TLS is only wanted (MYSQL_OPT_SSL_ENFORCE) and not offered,
// and then sends passwords as if it were encrypted. So it is told to verify, which it does insist
// on, until the greeting of this very connection is there: see choose_tls().
void set_tls(MYSQL* mysql, const Endpoint& endpoint) {
  const bool wanted = endpoint.tls != TlsMode::disabled && endpoint.socket.empty();
  set_flag(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, wanted);
  if (wanted) set_flag(mysql, MYSQL_OPT_SSL_ENFORCE, true);
}

// How long a server may be silent while we connect and log in.
constexpr unsigned login_seconds = 10;

/// A connection that is being opened by this thread.
struct Opening {
  MYSQL* mysql;
  const Endpoint& endpoint;
  unsigned read_timeout_seconds;
  std::string bytes{};  ///< of the greeting, then what was read last
  Greeting greeting = Greeting::incomplete;
};
thread_local Opening* opening = nullptr;

/// Decides by the greeting, before anything is answered.
void choose_tls(const Opening& at) {
  if (!at.endpoint.socket.empty() || at.endpoint.tls == TlsMode::disabled) return;
  // What is sent before the handshake would be read as if it had come encrypted.
  if (at.greeting == Greeting::excess) ::shutdown(mysql_get_socket(at.mysql), SHUT_RDWR);
  if (at.greeting == Greeting::tls) {
    if (at.endpoint.tls != TlsMode::verify_identity)
      set_flag(at.mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, false);
    auto path = [&](mysql_option option, const std::filesystem::path& file) {
      if (!file.empty()) mysql_options(at.mysql, option, file.c_str());
    };
    path(MYSQL_OPT_SSL_CA, at.endpoint.tls_ca);  // makes the library check who signed
    path(MYSQL_OPT_SSL_CERT, at.endpoint.tls_cert);
    path(MYSQL_OPT_SSL_KEY, at.endpoint.tls_key);
  } else if ((at.greeting == Greeting::plain && at.endpoint.tls == TlsMode::preferred) ||
             at.greeting == Greeting::refusal) {
    set_flag(at.mysql, MYSQL_OPT_SSL_ENFORCE, false);
    set_flag(at.mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, false);
  }
}

/// Called by the library with everything that it has read (0) or written (1).
void look_at_traffic(int direction, MYSQL* mysql, const unsigned char* bytes,
                     std::size_t size) noexcept {
  constexpr int written = 1;
  Opening* at = opening;
  if (at == nullptr || at->mysql != mysql) return;
  // Inside TLS the library waits for an answer for ever unless it has this limit; what stands here
  // when the last answer has come is the session's.
  unsigned limit = direction == written ? login_seconds : at->read_timeout_seconds;
  mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &limit);
  if (direction == written || static_cast<ssize_t>(size) <= 0) return;
  if (at->greeting != Greeting::incomplete) at->bytes.clear();
  at->bytes.append(reinterpret_cast<const char*>(bytes), size);
  if (at->greeting != Greeting::incomplete) return;
  at->greeting = read_greeting(at->bytes);
  if (at->greeting != Greeting::incomplete) choose_tls(*at);
}

const char* name_of(TlsMode mode) {
  static constexpr std::array names = {"disabled", "preferred", "required", "verify-ca",
                                       "verify-identity"};
  return names[static_cast<std::size_t>(mode)];
}

/// The way to log in that the server asked for last; the library's own message names another.
std::string asked_plugin(std::string_view bytes) {
  constexpr std::size_t header = 4;
  std::string name;
  if (bytes.size() == header + 1) return "mysql_old_password";  // a request without a name
  if (bytes.size() > header && bytes[header] == '\xfe') {
    name = bytes.substr(header + 1, bytes.find('\0', header) - header - 1);
  } else if (bytes.size() > header) {  // a greeting ends with it
    bytes.remove_suffix(bytes.back() == '\0');
    name = bytes.substr(bytes.rfind('\0') + 1);
  }
  auto strange = [](unsigned char c) { return !std::isalnum(c) && c != '_'; };
  std::replace_if(name.begin(), name.end(), strange, '?');
  return name;
}

/// Why a connection could not be opened, and what to do about it.
Error connect_error(const Opening& at) {
  const unsigned code = mysql_errno(at.mysql);
  const Endpoint& endpoint = at.endpoint;
  std::string why = fmt::format("{} ({})", mysql_error(at.mysql), code);
  std::string hint = "check host, port, the server's bind-address and any firewall in between";
  const bool required = endpoint.tls >= TlsMode::required;
  if (required && at.greeting == Greeting::plain) {
    why = fmt::format("tls is '{}', but the server does not offer it", name_of(endpoint.tls));
    hint = "enable TLS on the server; if it is, somebody in between hides it";
  } else if (at.greeting == Greeting::excess) {
    why = "something was sent ahead of the TLS handshake, as if by somebody in between";
    hint = "look for what stands between here and the server";
  } else if (code == CR_PLUGIN_NOT_ALLOWED) {
    const std::string plugin = asked_plugin(at.bytes);
    const bool telling = plugin == telling_plugin;
    why = fmt::format("the server asks to log in by '{}', which {}", plugin,
                      telling ? "would tell it the password, and it has not proved who it is"
                      : plugin == "dialog" ? "needs a person to answer its questions"
                                           : "is unknown or unsafe");
    hint = telling              ? "set tls = \"verify-identity\", or give the account another way"
           : plugin == "dialog" ? "set pam_use_cleartext_plugin on the server, or give the account "
                                  "another way"
                                : "give the account another way";
    hint += " to log in, such as mysql_native_password or caching_sha2_password";
  } else if (code == CR_SSL_CONNECTION_ERROR) {
    hint = verifies(endpoint)
               ? "check that tls_ca is the authority that signed the server's "
                 "certificate, that this has not expired, and that it is for this host"
               : "check TLS on the server, and tls_ca, tls_cert and tls_key if set";
  } else if (code == 1045 || code == 1698) {
    hint = "check the user, the password and the host the account is granted for";
  }
  return {ErrorKind::connect, fmt::format("cannot connect to {}: {}", to_string(endpoint), why),
          hint, required && at.greeting == Greeting::plain ? CR_SSL_CONNECTION_ERROR : code};
}

}  // namespace

void initialize_login() {
  ma_pvio_register_callback(1, look_at_traffic);
}

void log_in(MYSQL* mysql, const Endpoint& endpoint, unsigned read_timeout_seconds) {
  const bool by_socket = !endpoint.socket.empty();
  unsigned protocol = by_socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
  mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &login_seconds);
  mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);  // or "localhost" would be some socket
  set_plugins(mysql, endpoint);
  set_tls(mysql, endpoint);
  Opening this_one{mysql, endpoint, read_timeout_seconds};
  opening = &this_one;
  const MYSQL* connected = mysql_real_connect(
      mysql, by_socket ? nullptr : endpoint.host.c_str(), endpoint.user.c_str(),
      endpoint.password.c_str(), nullptr, by_socket ? 0 : endpoint.port,
      by_socket ? endpoint.socket.c_str() : nullptr, CLIENT_FOUND_ROWS | CLIENT_MULTI_STATEMENTS);
  opening = nullptr;
  if (connected == nullptr) throw connect_error(this_one);
  if (endpoint.tls >= TlsMode::required && mysql_get_ssl_cipher(mysql) == nullptr)
    throw Error(
        ErrorKind::connect,
        fmt::format("cannot connect to {}: the session is not encrypted", to_string(endpoint)),
        "enable TLS on the server", CR_SSL_CONNECTION_ERROR);
}

}  // namespace dts
