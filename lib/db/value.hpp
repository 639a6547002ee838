#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dts {

/// How a value is written in SQL.
enum class ValueKind : std::uint8_t {
  null,
  number,    ///< digits, sign, point, exponent: written as they are
  temporal,  ///< ASCII text that the server parses: quoted
  text,      ///< characters in the column's character set
  bytes,     ///< no character set
  expression,  ///< SQL of ours: written as it is
};

/// One value of a row, in one form whether it came from a SELECT or from the binlog. `data` points
/// into memory owned by somebody else (an Arena or a result row).
struct Value {
  ValueKind kind = ValueKind::null;
  std::string_view data;

  bool is_null() const { return kind == ValueKind::null; }
  /// Equal in kind and bytes: finer than the server's equality.
  bool operator==(const Value& other) const {
    return kind == other.kind && data == other.data;
  }
};

using Row = std::span<const Value>;

/// Memory that is given out piecewise and freed as a whole. Not thread-safe.
class Arena {
 public:
  char* allocate(std::size_t size, std::size_t alignment = 1) {
    std::size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (blocks_.empty() || start + size > capacity_) {
      grow(size);
      start = 0;
    }
    used_ = start + size;
    return blocks_.back().get() + start;
  }
  std::string_view copy(std::string_view text) {
    char* to = allocate(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }
  Value* values(std::size_t count) {
    auto* first = reinterpret_cast<Value*>(allocate(count * sizeof(Value), alignof(Value)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) Value{};
    return first;
  }
  /// Bytes taken from the system.
  std::size_t size() const { return total_; }

 private:
  void grow(std::size_t size) {
    capacity_ = blocks_.empty() ? 2048 : capacity_ * 2 > 262144 ? 262144 : capacity_ * 2;
    if (capacity_ < size) capacity_ = size;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(capacity_));
    total_ += capacity_;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t capacity_ = 0, used_ = 0, total_ = 0;
};

}  // namespace dts
