#include "binlog/json.hpp"

#include <cmath>

#include "binlog/column_value.hpp"
#include "binlog/types.hpp"

namespace dts {

namespace detail {

void json_damaged() {
  throw Error(ErrorKind::source, "cannot decode a JSON document: it is damaged",
              "the binlog is damaged, or of a kind that this version does not know");
}

}  // namespace detail

namespace {

using detail::json_damaged;

namespace json_type {
enum : std::uint8_t {
  small_object = 0,
  large_object = 1,
  small_array = 2,
  large_array = 3,
  literal = 4,
  int16 = 5,
  uint16 = 6,
  int32 = 7,
  uint32 = 8,
  int64 = 9,
  uint64 = 10,
  real = 11,
  string = 12,
  opaque = 15,
};
}  // namespace json_type

class Reader {
 public:
  Reader(std::size_t size, Arena& arena) : budget_(size), arena_(arena) {}

  /// A value whose bytes begin `from` and end somewhere inside; `level` counts the containers that
  /// it is in.
  Json value(std::uint8_t type, std::string_view from, unsigned level) {
    if (type <= json_type::large_array) return container(type, from, level + 1);
    Bytes in(from);
    Json result;
    if (type == json_type::string) {
      result.kind = JsonKind::string;
      result.text = counted(in);
    } else if (type == json_type::opaque) {
      opaque(in, result);
    } else {
      scalar(type, in, result);
    }
    spend(from.size() - in.left());
    return result;
  }
  void spend(std::size_t size) {
    if (size > budget_) json_damaged();
    budget_ -= size;
  }

 private:
  /// Offsets of a damaged document may lead to the same bytes again and again. The parts of a right
  /// one don't overlap, so all of them together are not larger than the document.
  std::size_t budget_;
  Arena& arena_;

  /// Bytes after their length, which comes in groups of seven bits, the lowest first.
  static std::string_view counted(Bytes& in) {
    std::uint64_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (shift > 28) json_damaged();
      const std::uint8_t part = in.byte();
      size |= static_cast<std::uint64_t>(part & 0x7f) << shift;
      if ((part & 0x80) == 0) return in.take(size);
    }
  }

  static void integer(JsonKind kind, std::uint64_t bits, Json& to) {
    to.kind = kind;
    to.bits = bits;
  }

  static void scalar(std::uint8_t type, Bytes& in, Json& to) {
    const auto extended = [&]<class T>(T) {
      return static_cast<std::uint64_t>(
          static_cast<std::int64_t>(static_cast<T>(in.number(sizeof(T)))));
    };
    switch (type) {
      case json_type::literal: {
        const std::uint8_t which = in.byte();
        if (which > 2) json_damaged();
        if (which > 0) integer(JsonKind::boolean, which == 1, to);
        return;
      }
      case json_type::int16:
        return integer(JsonKind::integer, extended(std::int16_t{}), to);
      case json_type::uint16:
        return integer(JsonKind::unsigned_integer, in.number(2), to);
      case json_type::int32:
        return integer(JsonKind::integer, extended(std::int32_t{}), to);
      case json_type::uint32:
        return integer(JsonKind::unsigned_integer, in.number(4), to);
      case json_type::int64:
        return integer(JsonKind::integer, in.number(8), to);
      case json_type::uint64:
        return integer(JsonKind::unsigned_integer, in.number(8), to);
      case json_type::real:
        integer(JsonKind::real, in.number(8), to);
        if (!std::isfinite(to.real())) json_damaged();
        return;
      default:
        json_damaged();
    }
  }

  void opaque(Bytes& in, Json& to) {
    const std::uint8_t type = in.byte();
    const std::string_view data = counted(in);
    Bytes body(data);
    const auto packed = [&](JsonKind kind) {
      if (data.size() != 8) json_damaged();
      integer(kind, body.number(8), to);
    };
    switch (type) {
      case binlog_type::new_decimal: {
        static const Column column;
        const std::uint8_t precision = body.byte(), scale = body.byte();
        const auto metadata = static_cast<std::uint16_t>(precision | scale << 8);
        to.text = read_column(body, binlog_type::new_decimal, metadata, column, arena_).data;
        if (!body.done()) json_damaged();
        to.kind = JsonKind::decimal;
        return;
      }
      case binlog_type::date:
        return packed(JsonKind::date);
      case binlog_type::time:
        return packed(JsonKind::time);
      case binlog_type::datetime:
        return packed(JsonKind::datetime);
      case binlog_type::timestamp:
        return packed(JsonKind::timestamp);
      default:
        to.kind = JsonKind::opaque;
        to.field_type = type;
        to.text = data;
    }
  }

  /// Whether a value is in its entry, in place of an offset.
  static bool is_inlined(std::uint8_t type, bool large) {
    return (type >= json_type::literal && type <= json_type::uint16) ||
           (large && (type == json_type::int32 || type == json_type::uint32));
  }

  Json container(std::uint8_t type, std::string_view from, unsigned level) {
    if (level > json_depth_max) json_damaged();
    const bool large = (type & 1) != 0, object = type <= json_type::large_object;
    const std::size_t width = large ? 4 : 2, key_size = object ? width + 2 : 0;
    Bytes head(from);
    const std::uint64_t count = head.number(width), size = head.number(width);
    const std::uint64_t entries = count * (key_size + 1 + width);
    if (size > from.size() || entries > head.left()) json_damaged();
    spend(2 * width + entries);
    const std::string_view body = from.substr(0, size);
    Bytes keys(head.take(count * key_size)), values(head.take(count * (1 + width)));

    Json result;
    result.kind = object ? JsonKind::object : JsonKind::array;
    result.items.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      result.items.push_back(item(values, large, body, level));
      if (object) result.items.back().key = key(keys, width, body);
    }
    return result;
  }

  std::string_view key(Bytes& keys, std::size_t width, std::string_view body) {
    const std::uint64_t offset = keys.number(width), size = keys.number(2);
    if (offset > body.size() || size > body.size() - offset) json_damaged();
    spend(size);
    return body.substr(offset, size);
  }

  Json item(Bytes& values, bool large, std::string_view body, unsigned level) {
    const std::size_t width = large ? 4 : 2;
    const std::uint8_t type = values.byte();
    if (is_inlined(type, large)) {
      Json result;
      Bytes inlined(values.take(width));
      scalar(type, inlined, result);
      return result;
    }
    const std::uint64_t offset = values.number(width);
    if (offset >= body.size()) json_damaged();
    return value(type, body.substr(offset), level);
  }
};

}  // namespace

Json detail::parse_json_at(std::string_view binary, unsigned depth, Arena& arena) {
  if (binary.empty()) return {};
  Reader reader(binary.size(), arena);
  reader.spend(1);
  return reader.value(static_cast<std::uint8_t>(binary[0]), binary.substr(1), depth);
}

Json parse_json(std::string_view binary, Arena& arena) {
  return detail::parse_json_at(binary, 0, arena);
}

}  // namespace dts
