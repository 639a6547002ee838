#include "db/sql.hpp"

#include <array>

namespace dts {

TextForm text_form(std::string_view charset) {
  if (charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8" || charset == "ascii")
    return TextForm::plain;
  // Multi-byte sets other than UTF-8: a trailing byte may look like a quote or a backslash.
  static constexpr std::array multi_byte = {"big5", "cp932",  "eucjpms", "euckr",   "gb2312",
                                            "gbk",  "sjis",   "ucs2",    "ujis",    "utf16",
                                            "utf32", "utf16le", "gb18030"};
  for (std::string_view name : multi_byte)
    if (charset == name) return TextForm::hex;
  return TextForm::escaped;
}

void append_name(std::string& to, std::string_view name) {
  to += '`';
  for (char c : name) {
    if (c == '`') to += '`';
    to += c;
  }
  to += '`';
}

void append_name(std::string& to, const TableName& name) {
  append_name(to, name.schema);
  to += '.';
  append_name(to, name.table);
}

namespace {

constexpr std::array<char, 256> escape_table() {
  std::array<char, 256> table{};
  table[0] = '0';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table[0x1a] = 'Z';
  table['\''] = '\'';
  table['\\'] = '\\';
  return table;
}
constexpr auto escapes = escape_table();

}  // namespace

void append_quoted(std::string& to, std::string_view text) {
  to += '\'';
  const char* run = text.data();
  const char* end = run + text.size();
  for (const char* p = run; p != end; ++p) {
    char escaped = escapes[static_cast<unsigned char>(*p)];
    if (escaped == 0) continue;
    to.append(run, p);
    to += '\\';
    to += escaped;
    run = p + 1;
  }
  to.append(run, end);
  to += '\'';
}

void append_hex(std::string& to, std::string_view bytes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  to += "x'";
  std::size_t at = to.size();
  to.resize(at + bytes.size() * 2);
  for (unsigned char byte : bytes) {
    to[at++] = digits[byte >> 4];
    to[at++] = digits[byte & 15];
  }
  to += '\'';
}

void append_literal(std::string& to, const Value& value, std::string_view charset, TextForm form) {
  switch (value.kind) {
    case ValueKind::null:
      to += "NULL";
      break;
    case ValueKind::number:
    case ValueKind::expression:
      to += value.data;
      break;
    case ValueKind::temporal:
      to += '\'';
      to += value.data;
      to += '\'';
      break;
    case ValueKind::bytes:
      to += "_binary";
      append_quoted(to, value.data);
      break;
    case ValueKind::text:
      if (form == TextForm::plain) {
        append_quoted(to, value.data);
      } else {
        to += '_';
        to += charset;
        if (form == TextForm::escaped) {
          append_quoted(to, value.data);
        } else {
          to += ' ';
          append_hex(to, value.data);
        }
      }
      break;
  }
}

}  // namespace dts
