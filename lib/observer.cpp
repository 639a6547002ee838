#include "dts/observer.hpp"

namespace dts {

Observer::~Observer() = default;

}  // namespace dts
