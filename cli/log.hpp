#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "json.hpp"

namespace dtsctl {

/// The file of --log: one line an event, "2026-11-22T06:08:15Z sync[4711] info: ...", or an object
/// of JSON if the name ends in .json or .jsonl. Without a name it is nowhere.
class Log {
 public:
  /// Opens for appending. Throws Error{usage}.
  Log(const std::filesystem::path& file, std::string command);
  /// `facts` are for JSON only.
  void write(std::string_view level, std::string_view text, const json::Object& facts = {});

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::string command_;
  bool json_ = false;
};

}  // namespace dtsctl
