#include "schema/collations.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "schema/read.hpp"

namespace dts {

namespace {

/// "utf8mb4_de_pb_0900_ai_ci" or "utf8mb4_uca1400_german2_nopad_as_ci" in its parts.
struct Parts {
  std::string charset, language;
  bool pads = true, accents = false, cases = false;
};

// What MySQL calls them and what MariaDB does.
constexpr std::array<std::pair<std::string_view, std::string_view>, 20> languages = {{
    {"is", "icelandic"}, {"lv", "latvian"},       {"ro", "romanian"},   {"sl", "slovenian"},
    {"pl", "polish"},    {"et", "estonian"},      {"es", "spanish"},    {"sv", "swedish"},
    {"tr", "turkish"},   {"cs", "czech"},         {"da", "danish"},     {"lt", "lithuanian"},
    {"sk", "slovak"},    {"es_trad", "spanish2"}, {"la", "roman"},      {"eo", "esperanto"},
    {"hu", "hungarian"}, {"hr", "croatian"},      {"vi", "vietnamese"}, {"de_pb", "german2"},
}};

bool take_end(std::string& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.erase(text.size() - end.size());
  return true;
}

void take_sensitivity(std::string& rest, Parts& parts) {
  take_end(rest, "_ks");
  parts.cases = take_end(rest, "_cs");
  if (!parts.cases) take_end(rest, "_ci");
  parts.accents = take_end(rest, "_as");
  if (!parts.accents) take_end(rest, "_ai");
}

/// MySQL's 0900 or MariaDB's uca1400, whose name is `family`.
std::optional<Parts> parts_of(const std::string& name, std::string_view family) {
  const auto at = name.find(family);
  if (at == std::string::npos || at == 0 || name.ends_with("_bin")) return std::nullopt;
  Parts parts;
  std::string rest = name;
  take_sensitivity(rest, parts);
  parts.charset = name.substr(0, name.find('_'));
  if (family == "_0900") {
    parts.pads = false;
    const auto begin = parts.charset.size() + 1;
    if (at > begin) parts.language = name.substr(begin, at - begin);
    return parts;
  }
  rest.erase(0, at + family.size());
  parts.pads = !take_end(rest, "_nopad");
  if (!rest.empty()) parts.language = rest.substr(1);
  return parts;
}

using Counterparts = std::vector<Counterpart>;

void add(Counterparts& to, std::string name, Equality equality) {
  to.push_back({std::move(name), equality});
}

std::string sensitivity(bool accents, bool cases) {
  return std::string(accents ? "_as" : "_ai") + (cases ? "_cs" : "_ci");
}

/// Of MySQL's: MariaDB has the same rules of a newer Unicode, or an older one without levels.
Counterparts of_0900(const Parts& parts) {
  Counterparts list;
  const std::string tail = "_nopad" + sensitivity(parts.accents, parts.cases);
  for (const auto& [here, there] : languages)
    if (here == parts.language)
      add(list, "utf8mb4_uca1400_" + std::string(there) + tail, Equality::other);
  add(list, "utf8mb4_uca1400" + tail, Equality::other);
  if (parts.accents) {
    add(list, "utf8mb4_nopad_bin", Equality::finer);
    add(list, "utf8mb4_bin", Equality::other);
  }
  add(list, "utf8mb4_unicode_520_nopad_ci", Equality::other);
  add(list, "utf8mb4_unicode_520_ci", Equality::other);
  return list;
}

/// Of MariaDB's: MySQL has none that pads, none that tells cases apart but not accents, and these
/// for utf8mb4 only.
Counterparts of_uca1400(const Parts& parts) {
  Counterparts list;
  if (parts.charset == "utf8mb4") {
    const std::string tail = "_0900" + sensitivity(parts.accents || parts.cases, parts.cases);
    for (const auto& [there, here] : languages)
      if (here == parts.language) {
        add(list, "utf8mb4_" + std::string(there) + tail, Equality::other);
        if (parts.accents)
          add(list, "utf8mb4_" + std::string(there) + "_0900_as_cs", Equality::other);
      }
    add(list, "utf8mb4" + tail, Equality::other);
  }
  if (parts.accents || parts.cases)
    add(list, parts.charset + "_bin", parts.pads ? Equality::finer : Equality::other);
  add(list, parts.charset + "_unicode_520_ci", Equality::other);
  return list;
}

/// In the order of preference; the name itself is not in it.
Counterparts counterparts(const std::string& name) {
  if (const auto parts = parts_of(name, "_0900")) return of_0900(*parts);
  if (const auto parts = parts_of(name, "_uca1400")) return of_uca1400(*parts);
  if (name == "utf8mb4_0900_bin")
    return {{"utf8mb4_nopad_bin", Equality::same}, {"utf8mb4_bin", Equality::other}};
  if (name == "utf8mb4_nopad_bin")
    return {{"utf8mb4_0900_bin", Equality::same}, {"utf8mb4_bin", Equality::other}};
  if (name.ends_with("general1400_as_ci"))
    return {{"utf8mb4_0900_as_ci", Equality::other},
            {name.substr(0, name.find('_')) + "_bin", Equality::finer}};
  if (name.ends_with("_croatian_mysql561_ci"))
    return {{name.substr(0, name.find('_')) + "_croatian_ci", Equality::same}};
  std::string padded = name;
  if (const auto at = padded.find("_nopad"); at != std::string::npos) {
    padded.erase(at, std::string_view("_nopad").size());
    return {{padded, Equality::other}};
  }
  return {};
}

/// The name as the server spells it: the three-byte set has two.
std::optional<std::string> spelled(const std::string& name, const std::set<std::string>& known) {
  if (known.contains(name)) return name;
  const std::string longer = long_name(name);
  if (known.contains(longer)) return longer;
  std::string shorter = name;
  if (shorter.starts_with("utf8mb3_")) shorter.erase(4, 3);
  if (known.contains(shorter)) return shorter;
  return std::nullopt;
}

}  // namespace

std::optional<Counterpart> closest_collation(const std::string& name,
                                             const std::set<std::string>& known, bool other_kind) {
  if (auto found = spelled(name, known)) {
    // MariaDB knows MySQL's names, but has its own rules behind them.
    const bool alias = other_kind && parts_of(name, "_0900");
    return Counterpart{*found, alias ? Equality::other : Equality::same};
  }
  for (const Counterpart& one : counterparts(long_name(name)))
    if (auto found = spelled(one.name, known)) return Counterpart{*found, one.equality};
  return std::nullopt;
}

bool is_counterpart(const std::string& source, const std::string& target) {
  const std::string here = long_name(source), there = long_name(target);
  if (here == there) return true;
  const Counterparts list = counterparts(here);
  return std::any_of(list.begin(), list.end(),
                     [&](const Counterpart& one) { return one.name == there; });
}

std::string collation_by_number(int number, bool mariadb) {
  constexpr int first_0900 = 255, last_0900 = 323, first_uca1400 = 2048;
  if (!mariadb) {
    if (number < first_0900 || number > last_0900) return {};
    // As far as it matters for a session: languages are all as the first.
    return number == 278   ? "utf8mb4_0900_as_cs"
           : number == 305 ? "utf8mb4_0900_as_ci"
           : number == 309 ? "utf8mb4_0900_bin"
                           : "utf8mb4_0900_ai_ci";
  }
  if (number < first_uca1400) return {};
  static constexpr std::array charsets = {"utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32"};
  const auto charset = static_cast<std::size_t>(number - first_uca1400) / 256;
  if (charset >= charsets.size()) return {};
  return std::string(charsets[charset]) + "_uca1400" + ((number & 4) != 0 ? "_nopad" : "") +
         sensitivity((number & 2) != 0, (number & 1) != 0);
}

}  // namespace dts
