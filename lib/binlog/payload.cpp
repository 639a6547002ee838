#include "binlog/payload.hpp"

#include <zstd.h>

#include <memory>
#include <string>

namespace dts {

namespace {

constexpr std::size_t header_size = 19, size_offset = 9;
constexpr std::size_t event_max = (std::size_t{1} << 30) + (1 << 20);  // the server's limit

[[noreturn]] void damaged() {
  throw Error(ErrorKind::source, "cannot unpack a compressed transaction: it is damaged",
              "check the source's binlog files");
}

/// Gives out the whole events at the front of `buffer`.
void give_out(std::string& buffer, const std::function<void(std::string_view)>& event) {
  std::size_t at = 0;
  while (buffer.size() - at >= header_size) {
    const std::size_t size = Bytes(std::string_view(buffer).substr(at + size_offset)).number(4);
    if (size < header_size || size > event_max) damaged();
    if (buffer.size() - at < size) break;
    event(std::string_view(buffer).substr(at, size));
    at += size;
  }
  buffer.erase(0, at);
}

void decompress(std::string_view data, const std::function<void(std::string_view)>& event) {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  const std::size_t step = ZSTD_DStreamOutSize();
  std::string buffer;
  ZSTD_inBuffer in{data.data(), data.size(), 0};
  std::size_t left = 0;
  bool full = false;  // there may be more to come without more to read
  while (in.pos < in.size || full) {
    const std::size_t used = buffer.size();
    buffer.resize(used + step);
    ZSTD_outBuffer out{buffer.data() + used, step, 0};
    left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left) != 0) damaged();
    full = out.pos == out.size;
    buffer.resize(used + out.pos);
    give_out(buffer, event);
  }
  if (left != 0 || !buffer.empty()) damaged();
}

}  // namespace

void for_each_payload_event(Bytes body, const std::function<void(std::string_view)>& event) {
  enum Field : std::uint64_t { end, payload_size, compression, uncompressed_size };
  constexpr std::uint64_t zstd = 0, none = 255;
  std::uint64_t how = none;
  for (std::uint64_t field = body.length(); field != end; field = body.length()) {
    Bytes value(body.take(body.length()));
    if (field == compression) how = value.length();
  }
  if (how == zstd) return decompress(body.rest(), event);
  if (how != none)
    throw Error(ErrorKind::source,
                "cannot unpack a compressed transaction: its compression is unknown",
                "SET GLOBAL binlog_transaction_compression = OFF on the source");
  std::string plain(body.rest());
  give_out(plain, event);
  if (!plain.empty()) damaged();
}

}  // namespace dts
