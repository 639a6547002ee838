#pragma once

#include "dts/endpoint.hpp"

struct st_mysql;

namespace dts {

/// To be called once, after the client library was initialized.
void initialize_login();

/// Connects and logs in, so that nobody on the way learns the password: whether the session is
/// encrypted is decided by the greeting of this very connection, and ways to log in that tell the
/// password are open only to a server that has proved who it is. A later call that hears nothing
/// for `read_timeout_seconds` fails; 0 waits for ever. Throws Error{connect}.
void log_in(st_mysql* mysql, const Endpoint& endpoint, unsigned read_timeout_seconds);

}  // namespace dts
