#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "precheck/check.hpp"

namespace dts {

namespace {

std::set<std::string> words(const std::string& list) {
  const auto parts = split(list);
  return {parts.begin(), parts.end()};
}

/// What only the first one has.
std::vector<std::string> without(const std::set<std::string>& all, const std::set<std::string>& others) {
  std::vector<std::string> rest;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(), std::back_inserter(rest));
  return rest;
}

std::string in_words(double seconds) {
  if (seconds < 60) return fmt::format("{:.0f} seconds", seconds);
  if (seconds < 90) return "one minute";
  if (seconds < 2 * 3600) return fmt::format("{:.0f} minutes", seconds / 60);
  return fmt::format("{:.0f} hours", seconds / 3600);
}

/// How much a server's clock is ahead of the one here, in seconds.
double ahead(Connection& server) {
  using Clock = std::chrono::system_clock;
  const auto here = [] { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); };
  double seconds = 0, quickest = 1e9;
  for (int i = 0; i < 3; ++i) {  // the quickest answer is the most exact one
    const double before = here();
    const double there =
        std::strtod(server.value(sql("SELECT UNIX_TIMESTAMP(SYSDATE(6))")).value_or("0").c_str(), nullptr);
    const double after = here();
    if (after - before > quickest) continue;
    quickest = after - before;
    seconds = there - (before + after) / 2;
  }
  return seconds;
}

}  // namespace

Findings check_sql_mode(Context& context) {
  const auto here = words(context.variable(Side::source, "sql_mode")),
             there = words(context.variable(Side::target, "sql_mode"));
  const auto lost = without(here, there), more = without(there, here);
  if (lost.empty() && more.empty()) return {pass("both servers have the same sql_mode")};
  std::string text = "the servers differ in sql_mode:";
  if (!lost.empty()) text += fmt::format(" only the source has {}", listed(lost));
  if (!more.empty()) text += fmt::format("{} only the target has {}", lost.empty() ? "" : ";", listed(more));
  return {pass(text + "; the job's own sessions do not go by it, programs that move to the target will")};
}

Findings check_clocks(Context& context) {
  constexpr double most = 60, exact = 1;
  const double apart = ahead(*context.target) - ahead(*context.source);
  if (std::abs(apart) < exact) return {pass("the servers' clocks agree")};
  // In words that stay the same from one run to the next.
  const std::string fact = fmt::format("its clock is about {} {} the source's", in_words(std::abs(apart)),
                                       apart > 0 ? "ahead of" : "behind");
  if (std::abs(apart) < most) return {pass(fact, "target")};
  return {warning("target",
                  fact + ": what depends on the time of day, such as events, defaults and programs that move "
                         "there, would see it jump",
                  "set the clocks of both machines by the same time server")};
}

}  // namespace dts
