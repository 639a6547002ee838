#include "precheck/session.hpp"

namespace dts {

std::unique_ptr<Connection> open_session(const Endpoint& endpoint, Side side, const std::stop_token& stop) {
  auto session = std::make_unique<Connection>(endpoint, side);
  session->cancel_on(stop);
  session->execute(sql("SET SESSION lock_wait_timeout = 3"));
  return session;
}

}  // namespace dts
