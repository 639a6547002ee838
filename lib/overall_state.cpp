#include <algorithm>
#include <array>

#include "dts/state.hpp"

namespace dts {

namespace {

bool is_live(const PhaseState& phase) {
  return phase.status == PhaseStatus::running || phase.status == PhaseStatus::retrying;
}

const char* precheck_state(const PrecheckState& precheck, bool live) {
  if (live) return precheck.status == PhaseStatus::retrying ? "retrying" : "prechecking";
  if (precheck.status == PhaseStatus::interrupted || is_live(precheck)) return "suspended";
  return precheck.passed ? "precheck-passed" : "precheck-failed";
}

const char* initialize_state(const PhaseState& phase, bool live) {
  if (live) return phase.status == PhaseStatus::retrying ? "retrying" : "initializing";
  if (phase.status == PhaseStatus::interrupted || is_live(phase)) return "suspended";
  return phase.status == PhaseStatus::failed ? "initialize-failed" : "initializing";
}

const char* sync_state(const PhaseState& phase, bool caught_up, bool live) {
  if (live && phase.status == PhaseStatus::retrying) return "retrying";
  if (live) return caught_up ? "synchronizing" : "catching-up";
  if (phase.status == PhaseStatus::failed) return "failed";
  return phase.status == PhaseStatus::done ? "finished" : "suspended";
}

}  // namespace

// A phase that runs decides. Only one can, by the lock; but a phase whose process was killed still
// says "running", so among several it is the one that was started last.
//
// If nothing runs, the furthest phase that was ever started decides, whatever an earlier one says:
// a precheck or an init-schema that is done again beside a suspended sync does not make the job any
// less suspended. There
//   - a status that says running is one that was killed, as good as interrupted: suspended;
//   - a done schema or data phase is still initializing, as the next phase is to come (which phases
//     the job has is not known here);
//   - a done sync has reached its --until: finished, and only then.
std::string overall_state(const JobState& state, bool running) {
  const std::array<const PhaseState*, 4> phases = {&state.precheck, &state.schema, &state.data,
                                                   &state.sync_phase};
  const PhaseState* deciding = nullptr;
  bool live = false;
  for (const auto* phase : phases) {
    if (!running || !is_live(*phase)) continue;
    if (!live || phase->started >= deciding->started) deciding = phase;
    live = true;
  }
  for (const auto* phase : phases)
    if (!live && phase->status != PhaseStatus::not_started) deciding = phase;
  // Tables are being copied beside others that are in step.
  if (!live && !state.sync.uncopied.empty() && state.data.status != PhaseStatus::done)
    deciding = &state.data;

  if (!deciding) return "not-started";
  if (deciding == &state.precheck) return precheck_state(state.precheck, live);
  if (deciding == &state.sync_phase)
    return sync_state(state.sync_phase, state.sync.caught_up_copy, live);
  return initialize_state(*deciding, live);
}

}  // namespace dts
