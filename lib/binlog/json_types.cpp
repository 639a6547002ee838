#include <algorithm>
#include <charconv>

#include "binlog/json.hpp"
#include "binlog/types.hpp"

namespace dts {

namespace {

/// What JSON_TYPE() says, and the letter for it; the usual ones first, because the server compares
/// one by one. A null inside a document is read by JSON_TABLE as NULL, so it shares `no_letter`
/// with names that are not known here: it has to be null in the text, too.
constexpr struct {
  std::string_view name;
  char letter;
} type_letters[] = {
    {"STRING", 's'},
    {"INTEGER", 'i'},
    {"BOOLEAN", 'b'},
    {"OBJECT", 'o'},
    {"ARRAY", 'a'},
    {"DOUBLE", 'f'},
    {"UNSIGNED INTEGER", 'u'},
    {"DECIMAL", 'd'},
    {"DATETIME", 'M'},
    {"DATE", 'D'},
    {"TIME", 'T'},
    {"TIMESTAMP", 'P'},
    {"BLOB", 'x'},
    {"BIT", 'x'},
    {"OPAQUE", 'x'},
    {"GEOMETRY", 'x'},
};
constexpr char no_letter = 'n';

[[noreturn]] void misfit() {
  throw Error(ErrorKind::source, "the types of a JSON document do not fit its text",
              "the source prints or types JSON in a way that this version does not know");
}

void require(bool fits) {
  if (!fits) misfit();
}

std::string letter_sql(std::string_view value) {
  std::string letters(1, no_letter), names;
  for (const auto& type : type_letters) {
    letters += type.letter;
    ((names += ", '") += type.name) += '\'';
  }
  return "SUBSTR('" + letters + "', 1 + FIELD(JSON_TYPE(" + std::string(value) + ")" + names +
         "), 1)";
}

/// Any text that has the right numbers in the right order; its form is checked by printing it.
std::uint64_t packed_time(JsonKind kind, std::string_view text) {
  std::uint64_t parts[7] = {};  // year, month, day, hours, minutes, seconds, microseconds
  const std::size_t from = kind == JsonKind::time ? 3 : 0, to = kind == JsonKind::date ? 3 : 7;
  const bool negative = text.starts_with('-');
  for (std::size_t i = from; i < to; ++i) {
    text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
    const auto read = std::from_chars(text.data(), text.data() + text.size(), parts[i]);
    require(read.ec == std::errc() && parts[i] <= 999999);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  }
  const std::uint64_t day = (parts[0] * 13 + parts[1]) << 5 | parts[2];
  const std::uint64_t packed =
      day << 41 | parts[3] << 36 | parts[4] << 30 | parts[5] << 24 | parts[6];
  return negative ? 0 - packed : packed;
}

std::string_view from_base64(std::string_view text, Arena& arena) {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static constexpr auto values = [] {
    struct {
      std::int8_t of[256];
    } table{};
    for (auto& value : table.of) value = -1;
    for (std::size_t i = 0; i < alphabet.size(); ++i)
      table.of[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return table;
  }();
  char* const start = arena.allocate(text.size());
  char* to = start;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    if (c == '\n') continue;
    if (c == '=') break;
    const int value = values.of[static_cast<unsigned char>(c)];
    require(value >= 0);
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    *to++ = static_cast<char>(group >> bits & 0xff);
  }
  return {start, static_cast<std::size_t>(to - start)};
}

/// "base64:type15:...", or the plain text of a VAR_STRING.
void set_opaque(Json& value, Arena& arena) {
  static constexpr std::string_view prefix = "base64:type";
  require(value.kind == JsonKind::string);
  value.kind = JsonKind::opaque;
  value.field_type = binlog_type::var_string;
  if (!value.text.starts_with(prefix)) return;
  std::string_view rest = value.text.substr(prefix.size());
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), value.field_type);
  require(read.ec == std::errc());
  rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
  require(rest.starts_with(':'));
  value.text = from_base64(rest.substr(1), arena);
}

void set_real(Json& value) {
  require(value.kind == JsonKind::integer || value.kind == JsonKind::unsigned_integer ||
          value.kind == JsonKind::decimal);
  const std::string digits = json_text(value);
  double number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  require(read.ec == std::errc());
  value.kind = JsonKind::real;
  value.bits = std::bit_cast<std::uint64_t>(number);
  value.text = {};
}

void set_decimal(Json& value, Arena& arena) {
  require(value.kind == JsonKind::integer || value.kind == JsonKind::unsigned_integer ||
          value.kind == JsonKind::real);
  const std::string digits = json_text(value);
  require(digits.find('e') == digits.npos);
  value.text = arena.copy(digits);
  value.bits = 0;
  value.kind = JsonKind::decimal;
}

JsonKind kind_of(char letter) {
  switch (letter) {
    case no_letter:
      return JsonKind::null;
    case 'o':
      return JsonKind::object;
    case 'a':
      return JsonKind::array;
    case 'b':
      return JsonKind::boolean;
    case 'i':
      return JsonKind::integer;
    case 'u':
      return JsonKind::unsigned_integer;
    case 'f':
      return JsonKind::real;
    case 'd':
      return JsonKind::decimal;
    case 's':
      return JsonKind::string;
    case 'D':
      return JsonKind::date;
    case 'T':
      return JsonKind::time;
    case 'M':
      return JsonKind::datetime;
    case 'P':
      return JsonKind::timestamp;
    case 'x':
      return JsonKind::opaque;
    default:
      misfit();
  }
}

/// The text does not change with the type, and where it would, they don't belong together.
void set_type(Json& value, char letter, Arena& arena) {
  const JsonKind kind = kind_of(letter);
  if (kind == value.kind) return;
  if (kind == JsonKind::real) return set_real(value);  // not all servers print it like this one
  const std::string text = json_text(value);
  switch (kind) {
    case JsonKind::integer:
    case JsonKind::unsigned_integer:
      require(value.kind == JsonKind::integer || value.kind == JsonKind::unsigned_integer);
      value.kind = kind;
      break;
    case JsonKind::decimal:
      set_decimal(value, arena);
      break;
    case JsonKind::date:
    case JsonKind::time:
    case JsonKind::datetime:
    case JsonKind::timestamp:
      require(value.kind == JsonKind::string);
      value.bits = packed_time(kind, value.text);
      value.text = {};
      value.kind = kind;
      break;
    case JsonKind::opaque:
      set_opaque(value, arena);
      break;
    default:
      misfit();
  }
  require(json_text(value) == text);
}

char take_letter(std::string_view& letters) {
  require(!letters.empty());
  const char letter = letters.front();
  letters.remove_prefix(1);
  return letter;
}

/// The items of all containers of this kind, the containers in the order in which they begin.
void set_items(Json& value, JsonKind kind, std::string_view& letters, Arena& arena) {
  if (value.kind == kind)
    for (Json& item : value.items) set_type(item, take_letter(letters), arena);
  for (Json& item : value.items) set_items(item, kind, letters, arena);
}

}  // namespace

std::string json_types_sql(std::string_view column) {
  const std::string document(column);
  return "CONCAT(" + letter_sql(document) + ", IFNULL((SELECT GROUP_CONCAT(" +
         letter_sql("COALESCE(e, m)") + " ORDER BY f, n SEPARATOR '') FROM JSON_TABLE(" + document +
         ", '$' COLUMNS (NESTED PATH '$**.*' COLUMNS (n FOR ORDINALITY, m JSON PATH '$'), "
         "NESTED PATH '$**[*]' COLUMNS (f FOR ORDINALITY, e JSON PATH '$'))) AS t "
         "WHERE n IS NOT NULL OR f IS NOT NULL), ''))";
}

void set_json_types(Json& document, std::string_view types, Arena& arena) {
  set_type(document, take_letter(types), arena);
  set_items(document, JsonKind::object, types, arena);
  set_items(document, JsonKind::array, types, arena);
  require(types.empty());
}

}  // namespace dts
