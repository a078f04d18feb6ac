// What a service of embeddings is told of a product, and how it is known that this was told already.
//
//   Desk lamp                        title
//   Lumo                             brand
//   Home > Lighting                  each category path
//   colour: black                    each attribute
//   new, led                         tags
//
// Price, stock and texts that change without the product becoming another are left out: each change of the
// text is asked for again.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SERVER_EMBEDDING_TEXT_H_
#define ATTUNE_SERVER_EMBEDDING_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "catalog/product.h"
#include "server/store_settings.h"

namespace attune::server {

// Bytes of one text; the rest is cut off.  About 1 500 tokens: encoders take 512 to 8 192 and cut as well.
inline constexpr size_t kEmbeddingTextBytesMax = 6'000;

// Empty: the product has nothing to say.
std::string EmbeddingTextOf(const catalog::Product& product);

// Never 0.
uint64_t EmbeddingTextHash(const std::string& text);
// Of what makes two vectors comparable: the model and the dimensions asked for.
uint64_t EmbeddingModelHash(const EmbeddingSettings& settings);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_EMBEDDING_TEXT_H_
