#include "precheck/target_reading.hpp"

#include <utility>

#include "precheck/session.hpp"

namespace dts {

void TargetReading::start(const Endpoint& target, std::set<TableName> names,
                          const std::stop_token& stop) {
  on_stop_.emplace(stop, [this] { stop_.request_stop(); });
  tables_ = std::async(
      std::launch::async, [target, names = std::move(names), stop = stop_.get_token()] {
        try {
          const auto session = open_session(target, Side::target, stop);
          prepare_reading(*session);
          return read_target_tables(*session, names, names, stop);
        } catch (const Error&) {  // the check that needs them asks again, and tells it
          return TargetTables{};
        }
      });
}

void TargetReading::wait() const {
  if (tables_.valid()) tables_.wait();
}

TargetTables TargetReading::take() {
  return tables_.valid() ? tables_.get() : TargetTables{};
}

}  // namespace dts
