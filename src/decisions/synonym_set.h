// Words that mean the same to a shop's shoppers, as the shop says it.
//
//   two-way      words {"tv", "television", "flat screen"}: each finds what the others find
//   one-way      from {"phone"} to {"iphone", "galaxy"}: who looks for a phone finds these, and not the other
//                way round
//   placeholder  words {"st", "str"} for "street": products write it in one way and shoppers in many, so it
//                is one-way from each of them
//
// What they do to a query: search/synonyms.h.
//
// Thread safety: immutable; Put() and Delete() give a new set.

#ifndef ATTUNE_DECISIONS_SYNONYM_SET_H_
#define ATTUNE_DECISIONS_SYNONYM_SET_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::decisions {

struct SynonymRule {
  std::vector<std::string> from;
  std::vector<std::string> to;  // Empty: two-way among `from`.
};

struct Synonym {
  std::string id;
  std::string locale;  // Empty: every language; "de": also of "de-AT".
  SynonymRule rule;
};

// {"words":["tv","television"]}, {"from":["phone"],"to":["iphone"]} or {"words":["st","str"],
// "placeholder":"street"}, each with "locale" or without.  Fails with kInvalidArgument and the field at
// fault.
Result<Synonym> ParseSynonym(std::string_view id, std::string_view json);

class SynonymSet {
 public:
  // In the order of their ids.
  std::vector<const Synonym*> All() const;
  std::vector<SynonymRule> RulesFor(std::string_view locale) const;

  // Fails with kResourceExhausted at kSynonymsMax.
  Result<std::shared_ptr<const SynonymSet>> Put(Synonym synonym) const;
  std::shared_ptr<const SynonymSet> Delete(std::string_view id) const;

 private:
  std::map<std::string, std::shared_ptr<const Synonym>, std::less<>> synonyms_;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_SYNONYM_SET_H_
