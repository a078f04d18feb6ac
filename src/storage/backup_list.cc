#include "storage/backup_list.h"

#include <charconv>
#include <cstdio>
#include <optional>

namespace attune::storage {
namespace {

std::optional<uint64_t> ParseNumber(std::string_view text, int base) {
  uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

// Takes the text up to `end` off the front; all of it when there is no `end`.
std::string_view Take(std::string_view& text, char end) {
  const size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

bool IsSafePath(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return false;
  while (!path.empty()) {
    const std::string_view part = Take(path, '/');
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

// One line; false when it is none.
bool ParseLine(std::string_view line, BackupList& list) {
  const std::string_view word = Take(line, ' ');
  if (word == "last_sequence") {
    const std::optional<uint64_t> sequence = ParseNumber(line, 10);
    if (sequence) list.last_sequence = Sequence{*sequence};
    return sequence.has_value();
  }
  if (word == "vault") {
    list.has_vault = line == "1";
    return line == "0" || line == "1";
  }
  if (word != "file") return true;  // Of a later attune.
  const std::optional<uint64_t> fingerprint = ParseNumber(Take(line, ' '), 16);
  const std::optional<uint64_t> bytes = ParseNumber(Take(line, ' '), 10);
  if (!fingerprint || !bytes || !IsSafePath(line)) return false;
  list.files.push_back({std::string(line), *bytes, *fingerprint});
  return true;
}

}  // namespace

std::string FormatBackupList(const BackupList& list) {
  std::string text = "attune-backup 1\n";
  text += "last_sequence " + std::to_string(list.last_sequence.value()) + "\n";
  text += list.has_vault ? "vault 1\n" : "vault 0\n";
  for (const CopiedFile& file : list.files) {
    char fingerprint[17];
    std::snprintf(fingerprint, sizeof(fingerprint), "%016llx",
                  static_cast<unsigned long long>(file.fingerprint));
    text += "file " + std::string(fingerprint) + " " + std::to_string(file.bytes) + " " + file.path + "\n";
  }
  return text;
}

Result<BackupList> ParseBackupList(std::string_view text) {
  if (text.empty() || text.back() != '\n') return Corruption("the list of a backup is cut off");
  if (Take(text, '\n') != "attune-backup 1") {
    return Corruption("not the list of a backup that this attune can read, line: 1");
  }
  BackupList list;
  for (size_t number = 2; !text.empty(); ++number) {
    if (!ParseLine(Take(text, '\n'), list)) {
      return Corruption("the list of a backup is malformed, line: " + std::to_string(number));
    }
  }
  return list;
}

}  // namespace attune::storage
