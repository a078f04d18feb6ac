// Last of the stages that choose: what is tried although the ranking does not ask for it, with the chance of
// every choice.
//
// C is the slate so far, of L products, and R all ranked candidates.
//
//   new products   The last t = new_slots positions are given to new products (shown less than
//                  new_impressions_max times).  N: the first kThompsonPoolMax new ones of R that do not stand
//                  in the first L - t.  Which of them: Thompson sampling over successes per impression
//                  (decisions/thompson.h), with the store's rate as prior.  With fewer than t, t is less.
//   uniform        Every position, with chance epsilon each, is offered to E, what is left of R: positions
//                  draw places in a list of max(|E|, L) without replacement; who draws a place beyond E
//                  keeps its product.
//
// Propensity of what is shown at a position, over all seeds, the rest of the input being the same:
//
//   of E                epsilon / max(|E|, L)
//   of N, in slot k     P(Thompson sampling gives it slot k) * (1 - epsilon * |E| / max(|E|, L))
//   of C                1 * (1 - epsilon * |E| / max(|E|, L))
//
// These are exact: N and E depend on nothing random, and each position draws every place of E equally often.
// explore_test.cc counts them over many seeds.
//
// What rules placed takes no part (decisions/apply_rules.h).
// Caps do not hold for what is tried: they give way anyway, and would make chances depend on each other.
// Randomness comes from the seed of the decision alone, so a replay tries the same.
//
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_EXPLORE_H_
#define ATTUNE_DECISIONS_EXPLORE_H_

#include "decisions/decide_input.h"
#include "decisions/trace.h"

namespace attune::decisions {

// Changes trace.chosen and fills trace.propensities; leaves both alone when the placement does not explore.
void Explore(const DecideInput& input, DecisionTrace& trace);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_EXPLORE_H_
