#include "schema/ask_target.hpp"

#include <algorithm>
#include <array>

#include "schema/map_text.hpp"
#include "schema/mentions.hpp"

namespace dts {

namespace {

// Without a default database, and in one whose functions the account may not call.
constexpr unsigned no_database = 1046, no_such_function = 1305, may_not_call = 1370,
                   syntax_error = 1064;

/// Prepares a text as it is; returns the server's error, if it has one.
std::optional<Error> prepare(Connection& server, const std::string& text) {
  std::string literal = "SET @dtsctl_text = ";
  append_hex(literal, text);
  server.execute(Sql::verbatim(std::move(literal)));
  try {
    server.execute(sql("PREPARE dtsctl_try FROM @dtsctl_text"));
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::connect) throw;
    return e;
  }
  server.execute(sql("DEALLOCATE PREPARE dtsctl_try"));
  return std::nullopt;
}

/// What a server has under the name of a function, as it is to be written: nothing; a function,
/// also if it takes other arguments; or a word that only its parser understands.
Presence presence(Connection& server, std::map<std::string, Presence>& known,
                  const std::string& name) {
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  auto result = Presence::word;
  for (const char* arguments : {"", "1", "1, 1"}) {
    const auto error = prepare(server, fmt::format("SELECT {}({})", name, arguments));
    const unsigned code = error ? error->server_errno() : 0;
    const bool absent =
        code == no_such_function || code == no_database || code == may_not_call;
    if (code == syntax_error) continue;
    if (!absent)
      result = Presence::function;
    else if (result == Presence::word)
      result = Presence::none;
  }
  known.emplace(name, result);
  return result;
}

std::string written(const Pieces& pieces, const Mention& mention) {
  std::string text;
  for (std::size_t i = mention.first; i <= mention.last; ++i) text += pieces[i].text;
  return text;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

/// Words before a parenthesis that are reserved by one kind of server only, and no functions:
/// MATCH () AGAINST (), JSON_TABLE (... COLUMNS ()), MEMBER OF ().
bool is_part_of_syntax(const std::string& name) {
  const std::string word = lowered(name);
  return word == "against" || word == "columns" || word == "of";
}

/// Functions that one of the servers has and the other hasn't. What neither has is a stored one.
std::string function_trouble(Questions& questions, const Definition& definition,
                             const ObjectNames& names) {
  const Pieces pieces =
      pieces_of(create_text(definition), dialect(definition.sql_mode, definition.charset));
  bool in_head = true;
  for (const Mention& mention : find_mentions(pieces, 0)) {
    const bool named = in_head && mention.parts.back() == definition.source.table;
    if (named) in_head = false;  // its own name, with parameters behind it
    if (named || !mention.called || mention.table || mention.procedure || mention.parts.size() > 2)
      continue;
    const bool alone = mention.parts.size() == 1;
    const std::string& schema = alone ? definition.source.schema : mention.parts[0];
    const bool own = names.routines.contains({names.folded(schema), lowered(mention.parts.back())});
    const std::string name = written(pieces, mention);
    if (!is_ascii(name) || (own && !alone)) continue;
    const Presence here = presence(questions.source, questions.of_source, name);
    if (own ? here != Presence::none : here == Presence::none || is_part_of_syntax(name)) continue;
    const Presence there = presence(questions.target, questions.of_target, name);
    if (!own && there == Presence::none)
      return fmt::format("calls {}(), which the target has not", name);
    if (own && there == Presence::function)
      return fmt::format(
          "calls its own function {}(), and the target has another one of its own", name);
  }
  return {};
}

/// What a parser complains of.
bool is_of_text(unsigned code) {
  static constexpr auto codes = std::to_array<unsigned>(
      {1064, 1115, 1128, 1193, 1231, 1235, 1238, 1253, 1272, 1273, 1298, 1314, 1327,
       1333, 1415, 1422, 1582, 1583, 1584, 1626, 1630, 1641, 1642, 1649, 4079, 4161});
  return std::ranges::find(codes, code) != codes.end();
}

/// The text with the database of the object, which may not be there yet: without any, a server
/// reads no further than to the first name.
std::string qualified(const Definition& definition) {
  const std::string& create = create_text(definition);
  const Pieces pieces = pieces_of(create, dialect(definition.sql_mode, definition.charset));
  std::string database;
  append_name(database, definition.id.name.schema);
  std::vector<Edit> edits;
  const auto qualify = [&](std::size_t name) {
    const bool dotted = name + 1 < pieces.size() && is_symbol(pieces[name + 1], '.');
    if (name < pieces.size() && !dotted)
      edits.push_back({pieces[name].begin, pieces[name].begin, database + "."});
  };
  std::size_t at = 0;
  const auto is_kind = [&](const char* kind) { return is_word(pieces[at], kind); };
  while (at < pieces.size() && !is_kind("VIEW") && !is_kind("TRIGGER") && !is_kind("PROCEDURE") &&
         !is_kind("FUNCTION") && !is_kind("PACKAGE") && !is_kind("EVENT"))
    ++at;
  const bool trigger = at < pieces.size() && is_kind("TRIGGER");
  ++at;
  if (at < pieces.size() && is_kind("BODY")) ++at;
  if (at + 3 < pieces.size() && is_kind("IF") && is_word(pieces[at + 1], "NOT")) at += 3;
  qualify(at);
  while (trigger && at < pieces.size() && !is_kind("ON")) ++at;
  if (trigger) qualify(at + 1);
  return edited(create, std::move(edits));
}

std::string syntax_trouble(Questions& questions, const Definition& definition) {
  Connection& target = questions.target;
  std::optional<Error> error;
  try {
    // A database, settings, and for an event its time zone come before the text; settings behind
    // it.
    const auto& all = definition.statements;
    for (std::size_t i = 1; i + 2 < all.size(); ++i) target.execute(Sql::verbatim(all[i]));
    error = prepare(target, qualified(definition));
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::connect) throw;
    error = e;
  }
  target.execute(Sql::verbatim(definition.statements.back()));
  if (!error || !is_of_text(error->server_errno())) return {};
  return refusal_of(target, *error);
}

}  // namespace

std::string refusal_of(Questions& questions, const Definition& definition,
                       const ObjectNames& names) {
  std::string trouble = function_trouble(questions, definition, names);
  return trouble.empty() ? syntax_trouble(questions, definition) : trouble;
}

std::string refusal_of(const Connection& target, const Error& error) {
  // Rights, what is not there, locks, and what the server can't do at the moment.
  static constexpr auto not_of_object =
      std::to_array<unsigned>({1005, 1007, 1021, 1030, 1036, 1037, 1041, 1044, 1045, 1046, 1049,
                               1050, 1114, 1142, 1146, 1205, 1213, 1227, 1290, 1304, 1317,
                               1359, 1370, 1396, 1418, 1419, 1449, 1537, 1792, 1836, 1969, 3024});
  const unsigned code = error.server_errno();
  if (error.kind() != ErrorKind::target || code == 0 ||
      std::ranges::find(not_of_object, code) != not_of_object.end())
    return {};
  std::string words = error.what();
  const std::string before = to_string(target.endpoint()) + ": ";
  if (const auto at = words.find(before); at != words.npos) words.erase(0, at + before.size());
  constexpr std::string_view advice = "the right syntax to use ";
  if (const auto at = words.find(advice); at != words.npos)
    words = "syntax error " + words.substr(at + advice.size());
  std::ranges::replace(words, '\n', ' ');
  return "is refused by the target: " + words;
}

}  // namespace dts
