#pragma once

#include <stdexcept>
#include <string>

#include "dts/export.hpp"

namespace dts {

/// What went wrong, as far as a caller can act on it. The command line maps each kind to one
/// exit code.
enum class ErrorKind {
  usage,        ///< the command line or the job file is wrong; nothing was attempted
  connect,      ///< cannot connect or log in
  source,       ///< the source refused or lacks something
  target,       ///< the target refused or lacks something
  precheck,     ///< the job may not start: its precheck has not passed
  state,        ///< the state is missing, damaged or of another job
  locked,       ///< another dtsctl works on this job
  interrupted,  ///< stopped on request; the same call resumes
};

/// The one exception of the library. `what()` says what failed and why, in lower case and without
/// a final stop; `hint()` says what to do about it and may be empty.
class DTS_EXPORT Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& what, std::string hint = {}, unsigned server_errno = 0);
  ~Error() override;

  ErrorKind kind() const noexcept { return kind_; }
  const std::string& hint() const noexcept { return hint_; }
  /// The server's (or the client library's) error number; 0 where none belongs to it.
  unsigned server_errno() const noexcept { return server_errno_; }

 private:
  ErrorKind kind_;
  std::string hint_;
  unsigned server_errno_;
};

}  // namespace dts
