#include "search/behaviour_key.h"

#include <string>

#include "base/hash.h"
#include "decisions/query_words.h"

namespace attune::search {

uint64_t BehaviourKey(const decisions::ResolvedRequest& request) {
  std::string key;
  for (const std::string& word : decisions::QueryWords(request.query)) key += word + " ";
  if (!key.empty()) return StableHash64(key);
  for (const std::string& level : request.category) key += "\n" + level;
  return StableHash64(key);
}

}  // namespace attune::search
