#include "http/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "base/hash.h"

namespace attune::http {
namespace {

// "attune keys 1\n", then the bytes of EncodeStoreKeys(), then eight bytes StableHash64 of those, lowest
// first.
constexpr std::string_view kMagic = "attune keys 1\n";
constexpr size_t kChecksumBytes = 8;
// 256 keys with 64 origins of 256 bytes each are 4.2 MB.
constexpr size_t kFileBytesMax = 8 * 1024 * 1024;

Status IoError(const std::string& what, const std::string& path) {
  return Unavailable(what + " " + path + ": " + std::generic_category().message(errno));
}

std::string Checksum(std::string_view bytes) {
  std::string text;
  uint64_t hash = StableHash64(bytes);
  for (size_t i = 0; i < kChecksumBytes; ++i, hash >>= 8) text += static_cast<char>(hash & 255);
  return text;
}

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return ::fsync(file) == 0;
}

}  // namespace

uint64_t KeyFileStamp(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return 0;
  uint64_t stamp =
      MixHash64(static_cast<uint64_t>(info.st_mtim.tv_sec), static_cast<uint64_t>(info.st_mtim.tv_nsec));
  stamp = MixHash64(stamp, static_cast<uint64_t>(info.st_ino));
  return MixHash64(stamp, static_cast<uint64_t>(info.st_size)) | 1;
}

Result<StoreKeys> ReadKeyFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return NotFound("no key file: " + path);
  if (file < 0) return IoError("cannot read", path);
  std::string bytes;
  std::array<char, 16 * 1024> chunk;
  ssize_t count = 0;
  while (bytes.size() <= kFileBytesMax && (count = ::read(file, chunk.data(), chunk.size())) > 0) {
    bytes.append(chunk.data(), static_cast<size_t>(count));
  }
  ::close(file);
  if (count < 0) return IoError("cannot read", path);
  if (bytes.size() > kFileBytesMax || !bytes.starts_with(kMagic) ||
      bytes.size() < kMagic.size() + kChecksumBytes) {
    return Corruption("no key file of this version: " + path);
  }
  const std::string_view body =
      std::string_view(bytes).substr(kMagic.size(), bytes.size() - kMagic.size() - kChecksumBytes);
  if (!bytes.ends_with(Checksum(body))) return Corruption("the key file has a wrong checksum: " + path);
  return DecodeStoreKeys(body);
}

Status WriteKeyFile(const std::string& path, const StoreKeys& store) {
  const std::string body = EncodeStoreKeys(store);
  const std::string bytes = std::string(kMagic) + body + Checksum(body);
  const std::string next = path + ".next";
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return IoError("cannot write", next);
  const bool is_written = WriteAll(file, bytes);
  const bool is_closed = ::close(file) == 0;
  if (!is_written || !is_closed || std::rename(next.c_str(), path.c_str()) != 0) {
    const Status status = IoError("cannot write", path);
    ::unlink(next.c_str());
    return status;
  }
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return IoError("cannot open", folder);
  const bool is_synced = ::fsync(directory) == 0;
  ::close(directory);
  return is_synced ? Status() : IoError("cannot sync", folder);
}

}  // namespace attune::http
