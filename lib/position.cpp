#include "dts/position.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include "dts/error.hpp"

namespace dts {

namespace {

[[noreturn]] void fail(std::string_view text, const std::string& why) {
  throw Error(ErrorKind::usage, "cannot read the position '" + std::string(text) + "': " + why,
              "a position is a GTID list such as 0-1-5,7-2-9, a GTID set such as "
              "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7, or FILE:OFFSET such as "
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

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid{};
  std::size_t digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    std::uint8_t value = 0;
    const auto [end, error] = std::from_chars(&text[i], &text[i] + 1, value, 16);
    if (error != std::errc() || end != &text[i] + 1) return std::nullopt;
    auto& byte = uuid[digit / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
    ++digit;
  }
  return uuid;
}

std::string uuid_text(const Uuid& uuid) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[uuid[i] >> 4];
    text += digits[uuid[i] & 15];
  }
  return text;
}

/// A tag as the server keeps it: a letter or "_", then at most 31 more or digits, in lower case.
std::optional<std::string> parse_tag(std::string_view text) {
  if (text.empty() || text.size() > 32) return std::nullopt;
  std::string tag;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool letter = (lower >= 'a' && lower <= 'z') || lower == '_';
    if (!letter && (tag.empty() || c < '0' || c > '9')) return std::nullopt;
    tag += lower;
  }
  return tag;
}

using Interval = UuidGtids::Interval;

/// "5" or "5-9"; "9-5" is what the server takes for nothing, and so for us a mistake.
std::optional<Interval> parse_interval(std::string_view text) {
  const bool single = text.find('-') == text.npos;
  const auto first = number<std::uint64_t>(take(text, '-'));
  const auto last = single ? first : number<std::uint64_t>(text);
  if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
  return Interval{*first, *last};
}

/// Puts numbers into a list of intervals, and melts those that touch.
void add_interval(std::vector<Interval>& intervals, Interval added) {
  auto at = std::lower_bound(
      intervals.begin(), intervals.end(), added.first,
      [](const Interval& i, std::uint64_t first) { return i.last < first && first - i.last > 1; });
  auto end = at;
  while (end != intervals.end() && (added.last == UINT64_MAX || end->first <= added.last + 1)) {
    added.first = std::min(added.first, end->first);
    added.last = std::max(added.last, end->last);
    ++end;
  }
  if (at == end) {
    intervals.insert(at, added);
  } else {
    *at = added;
    intervals.erase(at + 1, end);
  }
}

bool has_interval(const std::vector<Interval>& intervals, const Interval& wanted) {
  const auto at = std::lower_bound(
      intervals.begin(), intervals.end(), wanted.first,
      [](const Interval& i, std::uint64_t first) { return i.last < first; });
  return at != intervals.end() && at->first <= wanted.first && wanted.last <= at->last;
}

auto find_set(const std::vector<UuidGtids>& sets, const Uuid& uuid, const std::string& tag) {
  return std::lower_bound(sets.begin(), sets.end(), std::tie(uuid, tag),
                          [](const UuidGtids& set, const std::tuple<const Uuid&, const std::string&>& key) {
                            return std::tie(set.uuid, set.tag) < key;
                          });
}

bool has_set(const std::vector<UuidGtids>& sets, const Uuid& uuid, const std::string& tag,
             const Interval& wanted) {
  const auto found = find_set(sets, uuid, tag);
  return found != sets.end() && found->uuid == uuid && found->tag == tag &&
         has_interval(found->intervals, wanted);
}

UuidGtids& set_of(std::vector<UuidGtids>& sets, const Uuid& uuid, const std::string& tag) {
  const auto at = find_set(sets, uuid, tag) - sets.begin();
  const auto found = sets.begin() + at;
  if (found != sets.end() && found->uuid == uuid && found->tag == tag) return *found;
  return *sets.insert(found, {uuid, tag, {}});
}

/// "uuid:1-5:7:tag:1-3": a tag counts for the intervals behind it.
void parse_uuid_part(std::string_view text, std::string_view part, std::vector<UuidGtids>& sets) {
  std::string_view rest = part;
  const auto uuid = parse_uuid(trim(take(rest, ':')));
  if (!uuid) fail(text, "'" + std::string(part) + "' does not begin with a uuid");
  std::string tag;
  bool any = false;
  while (!rest.empty()) {
    const auto word = trim(take(rest, ':'));
    if (const auto interval = parse_interval(word)) {
      add_interval(set_of(sets, *uuid, tag).intervals, *interval);
      any = true;
    } else if (auto name = parse_tag(word)) {
      tag = std::move(*name);
      any = false;
    } else {
      fail(text, "'" + std::string(word) + "' is neither a number, a range nor a tag");
    }
  }
  if (!any) fail(text, "'" + std::string(part) + "' names no transaction");
}

bool is_uuid_set(std::string_view text) {
  return parse_uuid(trim(text.substr(0, text.find(':')))).has_value();
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

std::vector<DomainGtid> parse_domain_list(std::string_view text) {
  std::vector<DomainGtid> gtids;
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

void advance_domain(std::vector<DomainGtid>& gtids, const DomainGtid& gtid) {
  const auto at = find_domain(gtids, gtid.domain) - gtids.begin();
  const auto found = gtids.begin() + at;
  if (found == gtids.end() || found->domain != gtid.domain) {
    gtids.insert(found, gtid);
  } else if (gtid.sequence >= found->sequence) {
    // A smaller number comes from a server without gtid_strict_mode; what is applied stays applied.
    *found = gtid;
  }
}

bool has_domain(const std::vector<DomainGtid>& gtids, const DomainGtid& gtid) {
  const auto found = find_domain(gtids, gtid.domain);
  return found != gtids.end() && found->domain == gtid.domain && found->sequence >= gtid.sequence;
}

std::string domain_text(const DomainGtid& gtid) {
  return std::to_string(gtid.domain) + '-' + std::to_string(gtid.server) + '-' +
         std::to_string(gtid.sequence);
}

}  // namespace

Position parse_gtids(std::string_view text) {
  Position position;
  if (trim(text).empty()) return position;
  if (!is_uuid_set(text)) {
    position.gtids = parse_domain_list(text);
    return position;
  }
  for (std::string_view rest = text; !rest.empty();)
    parse_uuid_part(text, trim(take(rest, ',')), position.sets);
  return position;
}

Position parse_position(std::string_view text) {
  const auto trimmed = trim(text);
  if (trimmed.empty()) fail(text, "it is empty");
  const auto colon = trimmed.rfind(':');
  if (colon == trimmed.npos || is_uuid_set(trimmed)) return parse_gtids(trimmed);
  const auto file = trimmed.substr(0, colon);
  const auto offset = number<std::uint64_t>(trimmed.substr(colon + 1));
  if (!parse_log_name(file)) fail(text, "'" + std::string(file) + "' is not the name of a binlog");
  if (!offset) fail(text, "the offset is not a number");
  Position position;
  position.file = file;
  position.offset = *offset;
  return position;
}

std::string gtid_text(const Position& position) {
  std::string text;
  for (const auto& gtid : position.gtids) {
    if (!text.empty()) text += ',';
    text += domain_text(gtid);
  }
  const Uuid* last = nullptr;
  for (const auto& set : position.sets) {
    if (last == nullptr || *last != set.uuid) {
      if (!text.empty()) text += ',';
      text += uuid_text(set.uuid);
    }
    last = &set.uuid;
    if (!set.tag.empty()) text += ':' + set.tag;
    for (const auto& [first, end] : set.intervals) {
      text += ':' + std::to_string(first);
      if (end != first) text += '-' + std::to_string(end);
    }
  }
  return text;
}

std::string to_string(const Position& position) {
  if (position.has_gtids()) return gtid_text(position);
  if (!position.file.empty()) return position.file + ':' + std::to_string(position.offset);
  return "(none)";
}

std::string to_string(const TransactionId& transaction) {
  if (const auto* domain = std::get_if<DomainGtid>(&transaction.gtid)) return domain_text(*domain);
  if (const auto* gtid = std::get_if<UuidGtid>(&transaction.gtid)) {
    std::string text = uuid_text(gtid->uuid) + ':';
    if (!gtid->tag.empty()) text += gtid->tag + ':';
    return text + std::to_string(gtid->number);
  }
  return transaction.file + ':' + std::to_string(transaction.begin);
}

bool contains(const Position& applied, const TransactionId& transaction) {
  if (const auto* domain = std::get_if<DomainGtid>(&transaction.gtid))
    return has_domain(applied.gtids, *domain);
  if (const auto* gtid = std::get_if<UuidGtid>(&transaction.gtid))
    return has_set(applied.sets, gtid->uuid, gtid->tag, {gtid->number, gtid->number});
  Position behind;  // a position stands between transactions, so one byte more than the begin
  behind.file = transaction.file;
  behind.offset = transaction.begin + 1;
  return !applied.file.empty() && file_contains(applied, behind);
}

bool contains(const Position& applied, const Position& other) {
  if (other.empty()) return true;
  if (!applied.gtids.empty() && !other.gtids.empty())
    return std::all_of(other.gtids.begin(), other.gtids.end(), [&](const DomainGtid& gtid) {
      return has_domain(applied.gtids, gtid);
    });
  if (!other.sets.empty() && (!applied.sets.empty() || other.file.empty()))
    return std::all_of(other.sets.begin(), other.sets.end(), [&](const UuidGtids& set) {
      return std::all_of(set.intervals.begin(), set.intervals.end(), [&](const Interval& interval) {
        return has_set(applied.sets, set.uuid, set.tag, interval);
      });
    });
  // In doubt not contained: reading something again is detected, leaving it out is not.
  if (applied.file.empty() || other.file.empty()) return false;
  return file_contains(applied, other);
}

bool names(const Position& position, const TransactionId& transaction) {
  if (const auto* domain = std::get_if<DomainGtid>(&transaction.gtid))
    return std::find(position.gtids.begin(), position.gtids.end(), *domain) != position.gtids.end();
  if (std::holds_alternative<UuidGtid>(transaction.gtid) && !position.sets.empty())
    return contains(position, transaction);
  return position.file == transaction.file && position.offset == transaction.begin &&
         !position.file.empty();
}

void advance(Position& position, const TransactionId& transaction, std::uint64_t offset) {
  if (const auto* domain = std::get_if<DomainGtid>(&transaction.gtid))
    advance_domain(position.gtids, *domain);
  if (const auto* gtid = std::get_if<UuidGtid>(&transaction.gtid))
    add_interval(set_of(position.sets, gtid->uuid, gtid->tag).intervals,
                 {gtid->number, gtid->number});
  position.file = transaction.file;
  position.offset = offset;
}

}  // namespace dts
