#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace dtsctl::json {

/// A finished piece of JSON.
struct Json {
  std::string text;
};

inline const Json null{"null"};

// append() puts a value behind the text: lists of 10,000 tables are written once, in place.

/// As a JSON string; bytes that are not UTF-8 become U+FFFD.
void append(std::string& out, std::string_view v);

inline void append(std::string& out, const std::string& v) {
  append(out, std::string_view(v));
}
inline void append(std::string& out, const char* v) {
  append(out, std::string_view(v));
}
inline void append(std::string& out, std::integral auto v) {
  fmt::format_to(std::back_inserter(out), "{}", v);
}  // bool included
/// What is not finite is null.
inline void append(std::string& out, double v) {
  std::isfinite(v) ? void(fmt::format_to(std::back_inserter(out), "{}", v)) : void(out += null.text);
}
inline void append(std::string& out, const Json& v) {
  out += v.text;
}

/// Builds {"key": value, ...} in the order of the calls.
class Object {
 public:
  template <class T>
  Object& add(std::string_view key, const T& v) & {
    text_ += text_.empty() ? '{' : ',';
    append(text_, key);
    text_ += ':';
    append(text_, v);
    return *this;
  }
  template <class T>
  Object&& add(std::string_view key, const T& v) && {
    return std::move(add(key, v));
  }
  /// The members of another one, behind those that are here.
  Object& add_all(const Object& other) & {
    if (text_.empty()) return *this = other;
    if (!other.text_.empty()) (text_ += ',').append(other.text_, 1);
    return *this;
  }
  Object&& add_all(const Object& other) && { return std::move(add_all(other)); }

  operator Json() const& { return {(text_.empty() ? "{" : text_) + '}'}; }
  operator Json() && { return {std::move(text_ += text_.empty() ? "{}" : "}")}; }

 private:
  friend void append(std::string& out, const Object& v);

  std::string text_;  // without the bracket at the end; nothing while it has no member
};

inline void append(std::string& out, const Object& v) {
  v.text_.empty() ? out += "{}" : (out += v.text_) += '}';
}

template <class T>
Json value(const T& v) {
  Json made;
  append(made.text, v);
  return made;
}

/// [function(element), ...]
template <class Range, class Function>
Json array(const Range& range, Function function) {
  Json made{"["};
  for (const auto& element : range) {
    if (made.text.size() > 1) made.text += ',';
    append(made.text, function(element));
  }
  made.text += ']';
  return made;
}

}  // namespace dtsctl::json
