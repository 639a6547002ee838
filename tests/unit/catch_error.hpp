#pragma once

#include <doctest/doctest.h>

#include "dts/error.hpp"

/// The dts::Error that `action` throws; the test fails if it throws none.
template <class Action>
dts::Error catch_error(Action action) {
  try {
    action();
  } catch (const dts::Error& e) {
    return e;
  }
  FAIL("no dts::Error was thrown");
  return dts::Error(dts::ErrorKind::usage, "");
}
