// Runs the phases of a job from a program of one's own: what dtsctl does, in forty lines.
//
//   embed JOB.toml        precheck, init-schema, init-data, then sync up to now

#include <dts/error.hpp>
#include <dts/init_data.hpp>
#include <dts/init_schema.hpp>
#include <dts/job.hpp>
#include <dts/precheck.hpp>
#include <dts/state.hpp>
#include <dts/sync.hpp>
#include <dts/version.hpp>
#include <iostream>

namespace {

class Talk : public dts::Observer {
 public:
  void message(dts::Severity severity, std::string_view text) override {
    if (severity != dts::Severity::debug) std::cerr << text << '\n';
  }
};

void run(const std::string& file) {
  dts::Job job = dts::load_job(file);
  dts::resolve_password(job.source, "DTSCTL_SOURCE_PASSWORD");
  dts::resolve_password(job.target, "DTSCTL_TARGET_PASSWORD");
  dts::StateFile state(dts::state_path(file), "embed");
  Talk talk;
  auto findings = dts::precheck(job, state, {}, talk);
  if (!dts::passed(findings))
    throw dts::Error(dts::ErrorKind::precheck, "the precheck has not passed");
  dts::init_schema(job, state, talk);
  dts::init_data(job, state, false, talk);
  dts::sync(job, state, {.until = "now"}, talk);
  std::cout << dts::overall_state(state.state, false) << '\n';
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: embed JOB.toml (libdts " << dts::version << ")\n";
    return 2;
  }
  try {
    run(arguments[1]);
    return 0;
  } catch (const dts::Error& error) {
    std::cerr << error.what() << '\n' << error.hint() << '\n';
    return 1;
  }
}
