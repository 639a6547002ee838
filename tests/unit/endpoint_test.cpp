#include "dts/endpoint.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "catch_error.hpp"
#include "temp_dir.hpp"

namespace {

constexpr const char* variable = "DTSCTL_TEST_PASSWORD";

std::string resolved(dts::Endpoint endpoint) {
  resolve_password(endpoint, variable);
  return endpoint.password;
}

dts::Endpoint with_file(const std::filesystem::path& file) {
  dts::Endpoint endpoint;
  endpoint.password_file = file;
  return endpoint;
}

dts::Endpoint with_command(const char* command) {
  dts::Endpoint endpoint;
  endpoint.password_command = command;
  return endpoint;
}

dts::Endpoint with_options(const std::filesystem::path& file, const char* group = "client") {
  dts::Endpoint endpoint;
  endpoint.option_file = file;
  endpoint.option_group = group;
  return endpoint;
}

std::string usage_error(const dts::Endpoint& endpoint) {
  const auto error = catch_error([&] { resolved(endpoint); });
  CHECK(error.kind() == dts::ErrorKind::usage);
  return error.what();
}

}  // namespace

TEST_CASE("endpoints for people never show the password") {
  dts::Endpoint endpoint;
  endpoint.user = "dts";
  endpoint.password = "secret";
  CHECK(to_string(endpoint) == "dts@127.0.0.1:3306");
  endpoint.host = "::1";
  CHECK(to_string(endpoint) == "dts@[::1]:3306");
  endpoint.socket = "/run/mysqld.sock";
  CHECK(to_string(endpoint) == "dts@/run/mysqld.sock");
  endpoint.user.clear();
  CHECK(to_string(endpoint) == "/run/mysqld.sock");
}

TEST_CASE("hosts and ports are read as people write them") {
  const auto read = [](const char* text) {
    const auto place = dts::parse_host_port(text);
    return place ? place->host + " " + std::to_string(place->port) : "none";
  };
  CHECK(read("db2") == "db2 3306");
  CHECK(read("db2.example.com:3307") == "db2.example.com 3307");
  CHECK(read("[::1]:3307") == "::1 3307");
  CHECK(read("[::1]") == "::1 3306");
  CHECK(read("::1") == "::1 3306");
  for (const char* text : {"", ":3306", "db2:", "db2:0", "db2:65536", "db2:x", "db2:1x", "[]:1",
                           "[::1]3307"}) {
    CAPTURE(text);
    CHECK(read(text) == "none");
  }
}

TEST_CASE("a password file gives its first line") {
  const TempDir dir;
  CHECK(resolved(with_file(dir.write("a", "s3cret\n"))) == "s3cret");
  CHECK(resolved(with_file(dir.write("b", "s3cret"))) == "s3cret");
  CHECK(resolved(with_file(dir.write("c", " a b \r\nsecond\n"))) == " a b ");
  CHECK(resolved(with_file(dir.write("d", "\n"))) == "");
  CHECK(usage_error(with_file(dir / "none")) == "cannot read the password file '" +
                                                    (dir / "none").string() +
                                                    "': No such file or directory");
  CHECK(usage_error(with_file(dir.path())).find("Is a directory") != std::string::npos);
  CHECK(usage_error(with_file(dir.write("e", ""))).find("it is empty") != std::string::npos);
  // Cut at the zero byte it would be another password.
  CHECK(usage_error(with_file(dir.write("f", std::string("s3c\0ret", 7)))) ==
        "cannot use the password of 127.0.0.1:3306: it has a zero byte, as if it were no text");
}

TEST_CASE("a password command gives the first line of its output") {
  CHECK(resolved(with_command("echo 's3 cret'; echo other")) == "s3 cret");
  CHECK(resolved(with_command("printf x")) == "x");
  CHECK(usage_error(with_command("echo x; exit 3")) ==
        "cannot use the password command 'echo x; exit 3': it ended with exit status 3");
  CHECK(usage_error(with_command("kill -9 $$")).find("signal 9") != std::string::npos);
  CHECK(usage_error(with_command("true")).find("it printed nothing") != std::string::npos);
}

TEST_CASE("an option file is read as by the server's own clients") {
  const TempDir dir;
  const auto file = dir.write("my.cnf", R"(# a comment
user = outside
!includedir /nowhere
[client]
  user=dts   # the account
; password = old
password = "a#b\"c\\ \
[mysqld]
user = mysql
[ dts ]
password = 'it''s # quoted'
password=plain#cut
[empty]
skip-networking
[quoted]
user = "two words"
password = '  # x '   # y
)");
  dts::Endpoint endpoint = with_options(file, "quoted");
  resolve_password(endpoint, variable);
  CHECK(endpoint.user == "two words");
  CHECK(endpoint.password == "  # x ");

  endpoint = with_options(file, "dts");
  endpoint.user = "given";
  resolve_password(endpoint, variable);
  CHECK(endpoint.user == "given");
  CHECK(endpoint.password == "plain");

  endpoint = with_options(file);
  resolve_password(endpoint, variable);
  CHECK(endpoint.user == "dts");

  CHECK(resolved(with_options(file, "empty")).empty());
  CHECK(usage_error(with_options(file, "none")) ==
        "cannot use the option file '" + file.string() + "': there is no [none]");
  CHECK(usage_error(with_options(dir / "none")).find("No such file") != std::string::npos);
  CHECK(resolved(with_options(dir.write(
            "escapes", "[client]\npassword=\"a\\tb\\sc\\\"d\\\\e\\q\""))) == "a\tb c\"d\\e\\q");
}

TEST_CASE("the first source of a password serves") {
  const TempDir dir;
  int asked = 0;
  std::string account;
  const auto prompt = [&](std::string_view text) {
    ++asked;
    account = text;
    return std::string("typed");
  };
  dts::Endpoint all;
  all.user = "dts";
  all.password = "literal";
  all.password_given = true;
  all.password_file = dir.write("pw", "filed\n");
  all.password_command = "echo ordered";
  all.option_file = dir.write("my.cnf", "[client]\npassword=optional\n");
  const auto resolve = [&] {
    auto endpoint = all;
    resolve_password(endpoint, variable, prompt);
    return endpoint.password;
  };
  ::setenv(variable, "environmental", 1);
  CHECK(resolve() == "literal");
  all.password.clear();
  CHECK(resolve().empty());  // a literal empty one is given too
  all.password_given = false;
  CHECK(resolve() == "filed");
  all.password_file.clear();
  CHECK(resolve() == "ordered");
  all.password_command.clear();
  CHECK(resolve() == "environmental");
  ::unsetenv(variable);
  CHECK(resolve() == "optional");
  all.option_file.clear();
  CHECK(asked == 0);
  CHECK(resolve() == "typed");
  CHECK(asked == 1);
  CHECK(account == "dts@127.0.0.1:3306");
  CHECK(resolved(all).empty());  // nobody can be asked
}
