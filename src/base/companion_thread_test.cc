// Two halves of a piece of work run once each, on two threads or, when the companion is busy, on one.

#include "base/companion_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace attune {
namespace {

TEST(CompanionThread, RunsBothHalvesOnTwoThreads) {
  CompanionThread companion;
  std::thread::id here;
  std::thread::id there;
  companion.RunBoth([&] { here = std::this_thread::get_id(); }, [&] { there = std::this_thread::get_id(); });
  EXPECT_EQ(here, std::this_thread::get_id());
  EXPECT_NE(there, std::thread::id());
  EXPECT_NE(there, here);
}

TEST(CompanionThread, ACallerWhoFindsItBusyRunsBothItself) {
  CompanionThread companion;
  std::atomic<bool> is_inside{false};
  std::atomic<bool> may_leave{false};
  std::thread other([&] {
    companion.RunBoth([] {},
                      [&] {
                        is_inside = true;
                        while (!may_leave) std::this_thread::yield();
                      });
  });
  while (!is_inside) std::this_thread::yield();
  std::thread::id there;
  companion.RunBoth([] {}, [&] { there = std::this_thread::get_id(); });
  EXPECT_EQ(there, std::this_thread::get_id());
  may_leave = true;
  other.join();
}

TEST(CompanionThread, ManyCallersLoseNothing) {
  CompanionThread companion;
  std::atomic<int> halves{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) companion.RunBoth([&] { ++halves; }, [&] { ++halves; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(halves, 4 * 500 * 2);
}

}  // namespace
}  // namespace attune
