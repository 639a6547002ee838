#include "precheck/grants.hpp"

#include <algorithm>

#include "db/tokens.hpp"

namespace dts {

namespace {

/// LIKE with the escape character "\", as the server matches names of databases in grants.
bool matches(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    if (pattern.front() == '%') {
      for (std::size_t i = 0; i <= text.size(); ++i)
        if (matches(pattern.substr(1), text.substr(i))) return true;
      return false;
    }
    if (text.empty()) return false;
    bool any = pattern.front() == '_';
    if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    if (!any && pattern.front() != text.front()) return false;
    pattern.remove_prefix(1);
    text.remove_prefix(1);
  }
  return text.empty();
}

bool holds(const Grant& grant, std::string_view privilege) {
  return grant.privileges.contains("ALL PRIVILEGES") ||
         grant.privileges.contains(std::string(privilege));
}

std::string quoted_account(const std::string& account) {
  const auto at = account.rfind('@');
  if (at == std::string::npos) return account;
  std::string text;
  append_name(text, account.substr(0, at));
  text += '@';
  append_name(text, account.substr(at + 1));
  return text;
}

/// Reads "SELECT, SHOW VIEW, UPDATE (`a`)" up to ON; returns where ON stands.
std::size_t read_privileges(const std::vector<Token>& tokens, Grant& grant) {
  std::string name;
  bool of_columns = false;
  int depth = 0;
  std::size_t i = 1;
  const auto finish = [&] {
    if (!name.empty() && !of_columns) grant.privileges.insert(name);
    name.clear();
    of_columns = false;
  };
  for (; i < tokens.size(); ++i) {
    if (is_symbol(tokens[i], '(')) {
      ++depth;
      of_columns = true;
    } else if (is_symbol(tokens[i], ')')) {
      --depth;
    } else if (depth == 0 && is_symbol(tokens[i], ',')) {
      finish();
    } else if (depth == 0 && is_word(tokens[i], "ON")) {
      break;
    } else if (depth == 0) {
      if (!name.empty()) name += ' ';
      name += tokens[i].text;
    }
  }
  finish();
  return i;
}

}  // namespace

void add_grant(Grants& grants, std::string_view line) {
  const std::vector<Token> tokens = tokenize(line);
  const bool revokes = !tokens.empty() && is_word(tokens[0], "REVOKE");
  if (!revokes && (tokens.empty() || !is_word(tokens[0], "GRANT"))) return;
  Grant grant;
  const std::size_t level = read_privileges(tokens, grant) + 1;
  // A role has no ON; PROXY and routines have something else than `schema`.`table` behind it.
  if (level + 2 >= tokens.size() || !is_symbol(tokens[level + 1], '.')) return;
  if (!is_symbol(tokens[level], '*')) grant.schema = name_of(tokens[level]);
  if (!is_symbol(tokens[level + 2], '*')) grant.table = name_of(tokens[level + 2]);
  (revokes ? grants.revoked : grants.list).push_back(std::move(grant));
}

bool Grants::allow(std::string_view privilege) const {
  return std::any_of(list.begin(), list.end(), [&](const Grant& grant) {
    return grant.schema.empty() && holds(grant, privilege);
  });
}

bool Grants::allow(std::string_view privilege, const std::string& schema,
                   const std::string& table) const {
  const bool revoked_here = std::any_of(revoked.begin(), revoked.end(), [&](const Grant& grant) {
    return grant.schema == schema && holds(grant, privilege);
  });
  return std::any_of(list.begin(), list.end(), [&](const Grant& grant) {
    if (!holds(grant, privilege)) return false;
    if (grant.schema.empty()) return !revoked_here;
    if (!grant.table.empty()) return grant.schema == schema && grant.table == table;
    return matches(grant.schema, schema);
  });
}

Grants read_grants(Connection& connection) {
  Grants grants;
  grants.account = quoted_account(connection.value(sql("SELECT CURRENT_USER()")).value_or(""));
  for (auto& row : connection.query(sql("SHOW GRANTS"))) add_grant(grants, row.at(0).value_or(""));
  return grants;
}

std::string grant_statement(const Grants& grants, const std::vector<std::string>& privileges,
                            const std::string& schema) {
  std::string text = "GRANT ";
  for (std::size_t i = 0; i < privileges.size(); ++i) text += (i ? ", " : "") + privileges[i];
  text += " ON ";
  if (schema.empty()) {
    text += "*.*";
  } else {
    std::string pattern;  // in a grant, "_" and "%" stand for other characters too
    for (char c : schema) {
      if (c == '_' || c == '%' || c == '\\') pattern += '\\';
      pattern += c;
    }
    append_name(text, pattern);
    text += ".*";
  }
  return text + " TO " + grants.account + ";";
}

}  // namespace dts
