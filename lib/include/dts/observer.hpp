#pragma once

#include <cstdint>
#include <string_view>

#include "dts/export.hpp"

namespace dts {

struct JobState;

enum class Severity { debug, info, warning };

/// Where a running phase stands, as of now. Counters only grow; rates are over the last seconds.
struct Progress {
  std::string_view phase;  ///< "schema", "data" or "sync"
  const JobState* state = nullptr;  ///< valid during the call
  double rows_per_second = 0;
  double bytes_per_second = 0;
  double eta_seconds = -1;  ///< -1: not known
};

/// Told what a phase does. Every call comes from the thread that called the phase: no locks needed.
class DTS_EXPORT Observer {
 public:
  virtual ~Observer();
  virtual void progress(const Progress&) {}
  virtual void message(Severity, std::string_view) {}
};

}  // namespace dts
