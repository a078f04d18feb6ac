#include "http/idempotency.h"

#include <gtest/gtest.h>

#include "http/limits.h"

namespace attune::http {
namespace {

using Outcome = IdempotencyWindow::Outcome;

TEST(IdempotencyTest, RepeatsGetTheFirstAnswer) {
  VirtualClock clock(0);
  IdempotencyWindow window(clock);
  Response answer;
  EXPECT_EQ(window.Begin("a", 1, answer), Outcome::kNew);
  EXPECT_EQ(window.Begin("a", 1, answer), Outcome::kInProgress);
  EXPECT_EQ(window.Begin("a", 2, answer), Outcome::kReused);
  window.Finish("a", JsonResponse(201, "first"));
  EXPECT_EQ(window.Begin("a", 1, answer), Outcome::kReplay);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "first");
  EXPECT_EQ(window.Begin("b", 1, answer), Outcome::kNew);
}

TEST(IdempotencyTest, AbandonedOnesAreCarriedOutAgain) {
  VirtualClock clock(0);
  IdempotencyWindow window(clock);
  Response answer;
  EXPECT_EQ(window.Begin("a", 1, answer), Outcome::kNew);
  window.Abandon("a");
  EXPECT_EQ(window.Begin("a", 1, answer), Outcome::kNew);
}

TEST(IdempotencyTest, TheWindowEndsByTimeCountAndBytes) {
  VirtualClock clock(0);
  IdempotencyWindow window(clock);
  Response answer;
  EXPECT_EQ(window.Begin("old", 1, answer), Outcome::kNew);
  window.Finish("old", JsonResponse(200, ""));
  clock.Advance(kIdempotencyLifetimeMs + 1);
  EXPECT_EQ(window.Begin("old", 2, answer), Outcome::kNew);
  for (size_t i = 0; i < kIdempotencyEntriesMax + 500; ++i) {
    window.Begin("n" + std::to_string(i), 1, answer);
    if (i % 3 == 0) window.Abandon("n" + std::to_string(i));
  }
  EXPECT_LE(window.entry_count(), kIdempotencyEntriesMax + 1);
  for (int i = 0; i < 40; ++i) {
    window.Begin("big" + std::to_string(i), 1, answer);
    window.Finish("big" + std::to_string(i), JsonResponse(200, std::string(1'000'000, 'x')));
  }
  EXPECT_LE(window.entry_count(), 17u);
  window.Finish("never begun", JsonResponse(200, ""));
  EXPECT_EQ(window.Begin("never begun", 1, answer), Outcome::kNew);
}

}  // namespace
}  // namespace attune::http
