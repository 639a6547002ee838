#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dtsctl {

/// The candidate that `word` is most likely a slip of, or nothing.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// "did you mean 'sync'?", or `otherwise` if nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates,
                         std::string_view otherwise);

}  // namespace dtsctl
