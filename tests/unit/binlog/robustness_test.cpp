#include <doctest/doctest.h>

#include <chrono>
#include <random>

#include "binlog/decoder.hpp"
#include "binlog/event_builder.hpp"
#include "binlog/golden.hpp"
#include "dts/error.hpp"

namespace {

/// Decodes damaged events: each run ends in a normal return or a dts::Error.
class Victim {
 public:
  Victim()
      : tables_(golden::tables(golden::read_file("types-10.11.txt"))),
        events_(golden::events(golden::read_file("types-10.11.bin"))) {}

  const std::vector<std::string>& events() const { return events_; }

  /// Feeds `damaged` in place of event `index`, in a stream that is right up to there: the format,
  /// and the GTID and table map before a row event. What follows is right again.
  bool survives(std::size_t index, const std::string& damaged) {
    dts::Decoder decoder(
        [&](const dts::TableName& name, const dts::TransactionId&) { return tables_.find(name); },
        [&](dts::Transaction&& transaction) { read(transaction); }, dts::DecoderOptions{65536});
    try {
      decoder.feed(events_[0]);
      for (std::size_t i = start_of(index); i < index; ++i) decoder.feed(events_[i]);
      decoder.feed(damaged);
      for (std::size_t i = index + 1; i < std::min(index + 4, events_.size()); ++i)
        decoder.feed(events_[i]);
      return true;
    } catch (const dts::Error&) {
      return false;
    }
  }
  std::uint64_t sum = 0;

 private:
  /// Touches every byte that was handed over.
  void read(const dts::Transaction& transaction) {
    for (const auto& change : transaction.changes)
      for (const auto& row : {change.before, change.after})
        for (const auto& value : row)
          for (unsigned char byte : value.data) sum += byte;
  }
  std::size_t start_of(std::size_t index) const {
    while (index > 1 && static_cast<std::uint8_t>(events_[index][4]) != dts::event_type::gtid)
      --index;
    return index;
  }

  golden::Tables tables_;
  std::vector<std::string> events_;
};

void set_size(std::string& event) {
  if (event.size() >= 13) event.replace(9, 4, events::le(event.size(), 4));
}

}  // namespace

TEST_CASE("robustness: every truncation of every event") {
  Victim victim;
  REQUIRE(victim.events().size() > 60);
  std::size_t refused = 0, taken = 0;
  for (std::size_t i = 0; i < victim.events().size(); ++i) {
    const auto& whole = victim.events()[i];
    CHECK(victim.survives(i, whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CHECK_FALSE(victim.survives(i, whole.substr(0, size)));
      // with a size and a checksum that fit
      auto event = whole.substr(0, size);
      set_size(event);
      if (size >= 23) events::fix_crc(event);
      ++(victim.survives(i, event) ? taken : refused);
    }
  }
  CHECK(refused > taken);
  CHECK(victim.sum > 0);
}

TEST_CASE("robustness: random mutations") {
  Victim victim;
  std::mt19937_64 random(20240229);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  std::vector<std::size_t> interesting;  // row events and table maps hold most of the format
  for (std::size_t i = 0; i < victim.events().size(); ++i) {
    const auto type = static_cast<std::uint8_t>(victim.events()[i][4]);
    if (type == dts::event_type::table_map ||
        (type >= dts::event_type::write_rows_v1 && type <= dts::event_type::delete_rows_v1) ||
        type >= dts::event_type::query_compressed)
      interesting.push_back(i);
  }
  std::size_t refused = 0, taken = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::size_t index =
        below(4) > 0 ? interesting[below(interesting.size())] : below(victim.events().size());
    std::string event = victim.events()[index];
    for (std::size_t count = 1 + below(4); count > 0; --count) {
      const std::size_t from = below(8) == 0 ? 0 : 19;
      const std::size_t at = from + below(event.size() - from);
      static constexpr unsigned char edges[] = {0, 1, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
      event[at] = static_cast<char>(below(2) == 0 ? edges[below(sizeof edges)] : below(256));
    }
    if (below(8) == 0) event.insert(19 + below(event.size() - 19), below(20), '\xff');
    set_size(event);
    events::fix_crc(event);
    ++(victim.survives(index, event) ? taken : refused);
  }
  CHECK(refused > 1000);
  CHECK(taken > 1000);
}
