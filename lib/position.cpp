#include "dts/position.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "dts/error.hpp"

namespace dts {

namespace {

[[noreturn]] void fail(std::string_view text, const std::string& why) {
  throw Error(ErrorKind::usage, "cannot read the position '" + std::string(text) + "': " + why,
              "a position is a GTID list such as 0-1-5,7-2-9, or FILE:OFFSET such as "
              "mysql-bin.000003:4711");
}

/// All of `text` as a decimal number without a sign.
template <class Integer>
std::optional<Integer> number(std::string_view text) {
  Integer value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || text.empty()) return std::nullopt;
  return value;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// Splits off what is before `separator`; all of it if there is none.
std::string_view take(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto part = rest.substr(0, at);
  rest = at == rest.npos ? std::string_view() : rest.substr(at + 1);
  return part;
}

std::optional<DomainGtid> parse_gtid(std::string_view text) {
  if (std::count(text.begin(), text.end(), '-') != 2) return std::nullopt;
  const auto domain = number<std::uint32_t>(take(text, '-'));
  const auto server = number<std::uint32_t>(take(text, '-'));
  const auto sequence = number<std::uint64_t>(text);
  if (!domain || !server || !sequence) return std::nullopt;
  return DomainGtid{*domain, *server, *sequence};
}

/// "mysql-bin.000003" in two: the number decides the order, it may outgrow its zeros.
struct LogName {
  std::string_view base;
  std::uint64_t index;
};

std::optional<LogName> parse_log_name(std::string_view file) {
  const auto dot = file.rfind('.');
  if (dot == file.npos || dot == 0) return std::nullopt;
  const auto index = number<std::uint64_t>(file.substr(dot + 1));
  if (!index) return std::nullopt;
  return LogName{file.substr(0, dot), *index};
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

bool file_contains(const Position& applied, const Position& other) {
  const auto a = parse_log_name(applied.file), b = parse_log_name(other.file);
  if (!a || !b) return applied.file == other.file && applied.offset >= other.offset;
  if (a->base != b->base) return false;
  if (a->index != b->index) return a->index > b->index;
  return applied.offset >= other.offset;
}

auto find_domain(const std::vector<DomainGtid>& gtids, std::uint32_t domain) {
  return std::lower_bound(gtids.begin(), gtids.end(), domain,
                          [](const DomainGtid& g, std::uint32_t d) { return g.domain < d; });
}

}  // namespace

std::vector<DomainGtid> parse_gtids(std::string_view text) {
  std::vector<DomainGtid> gtids;
  if (trim(text).empty()) return gtids;
  std::size_t commas = static_cast<std::size_t>(std::count(text.begin(), text.end(), ','));
  for (std::string_view rest = text; gtids.size() <= commas;) {
    const auto part = trim(take(rest, ','));
    const auto gtid = parse_gtid(part);
    if (!gtid) fail(text, "'" + std::string(part) + "' is not DOMAIN-SERVER-SEQUENCE");
    gtids.push_back(*gtid);
  }
  std::sort(gtids.begin(), gtids.end(),
            [](const DomainGtid& a, const DomainGtid& b) { return a.domain < b.domain; });
  const auto twice = std::adjacent_find(
      gtids.begin(), gtids.end(),
      [](const DomainGtid& a, const DomainGtid& b) { return a.domain == b.domain; });
  if (twice != gtids.end())
    fail(text, "domain " + std::to_string(twice->domain) + " is there twice");
  return gtids;
}

Position parse_position(std::string_view text) {
  const auto trimmed = trim(text);
  if (trimmed.empty()) fail(text, "it is empty");
  Position position;
  const auto colon = trimmed.rfind(':');
  if (colon == trimmed.npos) {
    position.gtids = parse_gtids(trimmed);
    return position;
  }
  if (is_uuid(trimmed.substr(0, trimmed.find(':'))))
    fail(text, "GTID sets of MySQL are not supported by this version");
  const auto file = trimmed.substr(0, colon);
  const auto offset = number<std::uint64_t>(trimmed.substr(colon + 1));
  if (!parse_log_name(file)) fail(text, "'" + std::string(file) + "' is not the name of a binlog");
  if (!offset) fail(text, "the offset is not a number");
  position.file = file;
  position.offset = *offset;
  return position;
}

std::string gtid_text(const Position& position) {
  std::string text;
  for (const auto& gtid : position.gtids) {
    if (!text.empty()) text += ',';
    text += std::to_string(gtid.domain) + '-' + std::to_string(gtid.server) + '-' +
            std::to_string(gtid.sequence);
  }
  return text;
}

std::string to_string(const Position& position) {
  if (!position.gtids.empty()) return gtid_text(position);
  if (!position.file.empty()) return position.file + ':' + std::to_string(position.offset);
  return "(none)";
}

bool contains(const Position& applied, const DomainGtid& gtid) {
  const auto found = find_domain(applied.gtids, gtid.domain);
  return found != applied.gtids.end() && found->domain == gtid.domain &&
         found->sequence >= gtid.sequence;
}

bool contains(const Position& applied, const Position& other) {
  if (other.empty()) return true;
  if (!applied.gtids.empty() && !other.gtids.empty())
    return std::all_of(other.gtids.begin(), other.gtids.end(),
                       [&](const DomainGtid& gtid) { return contains(applied, gtid); });
  // In doubt not contained: reading something again is detected, leaving it out is not.
  if (applied.file.empty() || other.file.empty()) return false;
  return file_contains(applied, other);
}

void advance(Position& position, const DomainGtid& gtid) {
  const auto at = find_domain(position.gtids, gtid.domain) - position.gtids.begin();
  const auto found = position.gtids.begin() + at;
  if (found == position.gtids.end() || found->domain != gtid.domain) {
    position.gtids.insert(found, gtid);
  } else if (gtid.sequence >= found->sequence) {
    // A smaller number comes from a server without gtid_strict_mode; what is applied stays applied.
    *found = gtid;
  }
}

}  // namespace dts
