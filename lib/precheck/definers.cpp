#include <algorithm>
#include <set>

#include "db/server_objects.hpp"
#include "precheck/check.hpp"

namespace dts {

namespace {

/// "user@host" of those that views, routines, triggers and events of whole databases belong to.
std::set<std::string> definers(Context& context) {
  std::set<std::string> found;
  const auto add = [&](const Sql& statement) {
    for (auto& row : context.source->query(statement)) {
      std::string name = row.at(0).value_or("");
      if (name.ends_with('@')) name.pop_back();  // a role
      found.insert(std::move(name));
    }
  };
  for (const std::string& schema : context.schemas()) {
    if (!selects_schema(context.job.objects, schema)) continue;
    const Text name{schema};
    add(sql("SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {}", name));
    add(sql("SELECT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {}", name));
    if (context.job.schema.triggers != Triggers::skip)
      add(sql("SELECT DEFINER FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {}", name));
    if (context.job.schema.events)
      add(sql("SELECT DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {}", name));
  }
  return found;
}

/// A role has no host.
std::string account(const TextRow& row) {
  const std::string host = row.at(1).value_or("");
  return row.at(0).value_or("") + (host.empty() ? "" : "@" + host);
}

/// A list of accounts that the target's may not see gives nothing.
std::optional<std::set<std::string>> accounts(Connection& target, const Sql& statement) {
  constexpr unsigned table_denied = 1142, select_denied = 1143, no_table = 1146;
  std::set<std::string> found;
  try {
    for (auto& row : target.query(statement)) found.insert(account(row));
  } catch (const Error& e) {
    const unsigned code = e.server_errno();
    if (code != table_denied && code != select_denied && code != no_table) throw;
    return std::nullopt;
  }
  return found;
}

std::vector<std::string> common(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

void check_system_users(Context& context, const std::set<std::string>& wanted, Findings& findings) {
  const Grants& grants = context.grants(Side::target);
  const std::string right = system_user_right(*context.target);
  if (right.empty() || grants.allow(right)) return;
  const auto strong =
      accounts(*context.target,
               sql("SELECT USER, HOST FROM mysql.global_grants WHERE PRIV = {}", Text{right}));
  if (const auto names = common(wanted, strong.value_or(std::set<std::string>{})); !names.empty())
    findings.push_back(failure(
        "target",
        fmt::format("only an account with {} may create objects of {}", right, listed(names)),
        on(Side::target, grant_statement(grants, {right}, ""))));
}

void check_absent(Context& context, const std::vector<std::string>& absent, Findings& findings) {
  if (absent.empty()) return;
  const Grants& grants = context.grants(Side::target);
  const std::string right = absent_definer_right(*context.target);
  const std::string text = fmt::format(
      "objects belong to accounts that are not there, and can't be used until they "
      "are: {}",
      listed(absent));
  const std::string remedy =
      in_job_file("schema.definer = \"current\"") + "\nor create the accounts on the target";
  if (right.empty() || grants.allow(right))
    findings.push_back(warning("target", text, remedy));
  else
    findings.push_back(failure(
        "target", text, remedy + "\nor " + on(Side::target, grant_statement(grants, {right}, ""))));
}

}  // namespace

Findings check_definers(Context& context) {
  if (context.job.schema.definer == Definer::current)
    return {pass("objects will belong to the target account", "target")};
  const std::set<std::string> wanted = definers(context);
  const auto there = accounts(*context.target, sql("SELECT User, Host FROM mysql.user"));
  Findings findings;
  if (!there) {
    if (!wanted.empty())
      findings.push_back(warning(
          "target",
          fmt::format("{} may not see whether these accounts, which objects belong to, are there: "
                      "{}",
                      context.grants(Side::target).account, listed({wanted.begin(), wanted.end()})),
          on(Side::target, fmt::format("GRANT SELECT (User, Host) ON mysql.user TO {};",
                                       context.grants(Side::target).account)) +
              "\nor look yourself"));
  } else {
    std::vector<std::string> absent;
    std::set_difference(wanted.begin(), wanted.end(), there->begin(), there->end(),
                        std::back_inserter(absent));
    check_absent(context, absent, findings);
    check_system_users(context, wanted, findings);
  }
  if (findings.empty())
    findings.push_back(
        pass(fmt::format("{} accounts that objects belong to are there", wanted.size()), "target"));
  return findings;
}

}  // namespace dts
