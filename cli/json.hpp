#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace dtsctl::json {

/// The text as a JSON string; bytes that are not UTF-8 become U+FFFD.
std::string quote(std::string_view text);

/// A finished piece of JSON.
struct Json {
  std::string text;
};

inline const Json null{"null"};

inline Json value(std::string_view v) {
  return {quote(v)};
}
inline Json value(const std::string& v) {
  return {quote(v)};
}
inline Json value(const char* v) {
  return {quote(v)};
}
inline Json value(std::integral auto v) {
  return {fmt::format("{}", v)};
}  // bool included
inline Json value(double v) {
  return std::isfinite(v) ? Json{fmt::format("{}", v)} : null;
}
inline Json value(const Json& v) {
  return v;
}

/// Builds {"key": value, ...} in the order of the calls.
class Object {
 public:
  template <class T>
  Object& add(std::string_view key, const T& v) {
    text_ += fmt::format("{}{}:{}", text_.empty() ? "" : ",", quote(key), value(v).text);
    return *this;
  }
  /// The members of another one, behind those that are here.
  Object& add_all(const Object& other) {
    text_ += (text_.empty() || other.text_.empty() ? "" : ",") + other.text_;
    return *this;
  }
  operator Json() const { return {fmt::format("{{{}}}", text_)}; }

 private:
  std::string text_;
};

inline Json value(const Object& v) {
  return v;
}

/// [function(element), ...]
template <class Range, class Function>
Json array(const Range& range, Function function) {
  std::string text;
  for (const auto& element : range)
    text += fmt::format("{}{}", text.empty() ? "" : ",", value(function(element)).text);
  return {fmt::format("[{}]", text)};
}

}  // namespace dtsctl::json
