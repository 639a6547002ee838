#include "schema/letter_case.hpp"

#include <algorithm>
#include <climits>
#include <locale.h>
#include <cwchar>
#include <cwctype>

namespace dts {

namespace {

std::string convert(const std::string& name, wint_t (*letter)(wint_t, locale_t)) {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (locale == nullptr) return name;
  const locale_t before = uselocale(locale);
  std::string text;
  std::mbstate_t in{}, out{};
  for (std::size_t at = 0; at < name.size();) {
    wchar_t wide = 0;
    const std::size_t length = std::mbrtowc(&wide, name.data() + at, name.size() - at, &in);
    char bytes[MB_LEN_MAX];
    if (length == 0 || length > name.size() - at) {
      text += name[at++];
      in = {};
      continue;
    }
    const std::size_t written =
        std::wcrtomb(bytes, static_cast<wchar_t>(letter(static_cast<wint_t>(wide), locale)), &out);
    text.append(bytes, written);
    at += length;
  }
  uselocale(before);
  return text;
}

}  // namespace

std::string lowered(const std::string& name) { return convert(name, towlower_l); }

std::string raised(const std::string& name) { return convert(name, towupper_l); }

bool same_column(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); }) ||
         lowered(std::string(a)) == lowered(std::string(b));
}

}  // namespace dts
