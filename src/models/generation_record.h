// The payload of a kGeneration log record: a trained generation of a store's models was published.
//
// The models themselves are in a file beside the store's log (model_file.h); the record says which file, what
// it must hash to, and up to which record of the log the models have seen.  Applying the record swaps the
// models that serve, so a replay knows which generation answered at every sequence.
//
// Layout: docs/formats/models.md.
// Thread safety: value type; pure functions.

#ifndef ATTUNE_MODELS_GENERATION_RECORD_H_
#define ATTUNE_MODELS_GENERATION_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"

namespace attune::models {

struct GenerationRecord {
  Generation generation;
  Sequence watermark;
  int64_t trained_at_ms = 0;
  std::string file_name;       // Without a folder: "generation-000042.models".
  uint64_t file_checksum = 0;  // StableHash64 of all its bytes.
  uint64_t file_bytes = 0;

  friend bool operator==(const GenerationRecord&, const GenerationRecord&) = default;
};

// "generation-000042.models"; numbers sort by name up to a million.
std::string GenerationFileName(Generation generation);

std::string EncodeGenerationRecord(const GenerationRecord& record);
// kCorruption when the bytes are not what EncodeGenerationRecord wrote: damaged, no generation, or a file
// name that is empty, too long or names a folder.
Result<GenerationRecord> DecodeGenerationRecord(std::string_view bytes);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_GENERATION_RECORD_H_
