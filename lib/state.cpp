#include "dts/state.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "dts/error.hpp"
#include "state_toml.hpp"

namespace dts {

namespace {

namespace fs = std::filesystem;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

[[noreturn]] void fail(const char* what, const fs::path& file, int error, std::string hint = {}) {
  throw Error(ErrorKind::state,
              fmt::format("cannot {} '{}': {}", what, file.string(), std::strerror(error)),
              std::move(hint));
}

/// Follows links, so that every way to a file leads to the same lock and rename() does not replace
/// a link.
fs::path real_path(const fs::path& file) {
  std::error_code error;
  const auto real = fs::weakly_canonical(file, error);
  return error || real.empty() ? file : real;
}

fs::path with_suffix(fs::path file, const char* suffix) {
  return file += suffix;
}
fs::path lock_path(const fs::path& file) {
  return with_suffix(file, ".lock");
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Nothing, with errno, on failure.
std::optional<std::string> read_all(int fd) {
  std::string text;
  char buffer[65536];
  while (true) {
    const auto got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

/// A new file beside `file` that takes its name at commit() and otherwise goes away again.
class AtomicFile {
 public:
  explicit AtomicFile(const fs::path& file)
      : file_(file), temporary_(with_suffix(file, ".tmp")), fd_(create(temporary_)) {
    if (!fd_) fail("create", temporary_, errno);
    exists_ = true;
  }
  ~AtomicFile() {
    if (exists_) ::unlink(temporary_.c_str());
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void commit(std::string_view text) {
    if (!write_all(fd_.get(), text) || ::fsync(fd_.get()) != 0) fail("write", temporary_, errno);
    // Some file systems report a full disk only here.
    if (::close(fd_.release()) != 0) fail("write", temporary_, errno);
    if (::rename(temporary_.c_str(), file_.c_str()) != 0) fail("write", file_, errno);
    exists_ = false;
    const auto directory = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
    const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) fail("open the directory", directory, errno);
    // EINVAL: a file system that can't sync directories.
    if (::fsync(fd.get()) != 0 && errno != EINVAL) fail("sync the directory", directory, errno);
  }

 private:
  static int create(const fs::path& path) {
    ::unlink(path.c_str());  // left behind by a crash; the lock says that nobody else uses it
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  }

  fs::path file_, temporary_;
  Fd fd_;
  bool exists_ = false;
};

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// The value of "key = ..." in the text of a lock file.
std::string lock_value(const std::string& text, const std::string& key) {
  const auto start = ("\n" + text).find("\n" + key + " = ");
  if (start == std::string::npos) return {};
  const auto value = start + key.size() + 3;
  return text.substr(value, text.find('\n', value) - value);
}

LockHolder read_holder(int fd) {
  const std::string text = read_all(fd).value_or("");
  const std::string pid = lock_value(text, "pid");
  LockHolder holder;
  std::from_chars(pid.data(), pid.data() + pid.size(), holder.pid);
  holder.command = lock_value(text, "command");
  holder.since = lock_value(text, "since");
  return holder;
}

[[noreturn]] void fail_locked(const fs::path& file, const LockHolder& holder) {
  std::string who;
  if (holder.pid != 0)
    who = fmt::format(" (pid {}, {}, since {})", holder.pid, holder.command, holder.since);
  throw Error(
      ErrorKind::locked,
      fmt::format("cannot lock '{}': another dtsctl works on this job{}", file.string(), who),
      "wait for it, or stop it with SIGINT; 'dtsctl status' shows what it does");
}

/// An open-file lock: it also refuses a second one of this process, others can ask for it without
/// taking it, and it goes when the process does. The file is never removed, as two processes could
/// then lock two files of one name.
int take_lock(const fs::path& file, const std::string& command) {
  const auto path = lock_path(file);
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) fail("open the lock file", path, errno, "its directory must exist and be writable");
  auto lock = whole_file(F_WRLCK);
  if (::fcntl(fd.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) fail("lock", path, errno);
    fail_locked(file, read_holder(fd.get()));
  }
  std::string line = command;
  for (char& c : line)
    if (c == '\n') c = ' ';
  const auto text =
      fmt::format("pid = {}\ncommand = {}\nsince = {}\n", ::getpid(), line, to_string(now()));
  // Written over the old text before it is cut: a reader never finds the file empty.
  const auto size = static_cast<ssize_t>(text.size());
  if (::pwrite(fd.get(), text.data(), text.size(), 0) != size || ::ftruncate(fd.get(), size) != 0)
    fail("write the lock file", path, errno);
  return fd.release();
}

/// Nothing if there is no such file.
std::optional<JobState> try_read(const fs::path& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) fail("read the state file", file, errno);
  const auto text = read_all(fd.get());
  if (!text) fail("read the state file", file, errno);
  return parse_state(*text, file.string());
}

}  // namespace

void Conflict::add(const std::string& last, std::uint64_t more) {
  count += more;
  key = last;
  if (last.empty()) return;  // not of a single row
  for (ConflictKey& known : keys)
    if (known.key == last) return void(known.count += more);
  if (keys.size() < keys_max) keys.push_back({last, more});
}

void Conflict::add(const Conflict& more) {
  const std::uint64_t all = count + more.count;
  for (const ConflictKey& known : more.keys) add(known.key, known.count);
  count = all;
  key = more.key;
}

Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string to_string(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

const char* to_string(PhaseStatus status) {
  switch (status) {
    case PhaseStatus::not_started:
      return "not-started";
    case PhaseStatus::running:
      return "running";
    case PhaseStatus::retrying:
      return "retrying";
    case PhaseStatus::done:
      return "done";
    case PhaseStatus::failed:
      return "failed";
    case PhaseStatus::interrupted:
      return "interrupted";
  }
  return "not-started";
}

const char* to_string(Level level) {
  switch (level) {
    case Level::pass:
      return "pass";
    case Level::warning:
      return "warning";
    case Level::failure:
      return "failure";
  }
  return "failure";
}

std::filesystem::path state_path(const std::filesystem::path& job_file) {
  auto path = job_file;
  if (path.extension() == ".toml") path.replace_extension();
  return path += ".state.toml";
}

JobState read_state(const std::filesystem::path& file) {
  auto state = try_read(real_path(file));
  if (!state)
    fail("read the state file", file, ENOENT,
         "begin with 'dtsctl precheck', or name the state file with --state");
  return *std::move(state);
}

std::optional<LockHolder> lock_holder(const std::filesystem::path& state_file) {
  const auto path = lock_path(real_path(state_file));
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) fail("read the lock file", path, errno);
  auto lock = whole_file(F_WRLCK);
  if (::fcntl(fd.get(), F_OFD_GETLK, &lock) != 0) fail("read the lock of", path, errno);
  if (lock.l_type == F_UNLCK) return std::nullopt;
  return read_holder(fd.get());
}

StateFile::StateFile(std::filesystem::path file, const std::string& command)
    : file_(std::move(file)) {
  file_ = real_path(file_);
  Fd lock(take_lock(file_, command));
  if (auto read = try_read(file_)) {
    state = *std::move(read);
    fresh_ = false;
  }
  lock_ = lock.release();
}

StateFile::~StateFile() {
  ::close(lock_);
}

void StateFile::save() {
  AtomicFile(file_).commit(write_state(state));
  saved_ = std::chrono::steady_clock::now();
}

void StateFile::save_soon() {
  if (std::chrono::steady_clock::now() - saved_ >= std::chrono::seconds(1)) save();
}

}  // namespace dts
