#include "http/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/random.h"

namespace attune::http {
namespace {

std::string Gzip(std::string_view plain) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(GzipTest, AnyTextComesBack) {
  Random random(7);
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{100}, size_t{16384}, size_t{16385}, size_t{300'000}}) {
    std::string plain(size, '\0');
    for (char& c : plain) c = static_cast<char>('a' + random.NextBelow(4));
    std::string out;
    EXPECT_EQ(Gunzip(Gzip(plain), 1 << 20, out), GunzipOutcome::kOk);
    EXPECT_EQ(out, plain);
  }
}

TEST(GzipTest, TheLimitIsExact) {
  const std::string plain(50'000, 'x');
  std::string out;
  EXPECT_EQ(Gunzip(Gzip(plain), 50'000, out), GunzipOutcome::kOk);
  EXPECT_EQ(out.size(), 50'000u);
  EXPECT_EQ(Gunzip(Gzip(plain), 49'999, out), GunzipOutcome::kTooLarge);
  EXPECT_TRUE(out.empty());
}

TEST(GzipTest, ABombStopsAtTheLimit) {
  const std::string bomb = Gzip(std::string(64u << 20, '\0'));
  EXPECT_LT(bomb.size(), 100'000u);
  std::string out;
  EXPECT_EQ(Gunzip(bomb, 1 << 20, out), GunzipOutcome::kTooLarge);
  EXPECT_LE(out.capacity(), 4u << 20);
}

TEST(GzipTest, MembersAreJoinedAndCountTogether) {
  const std::string two = Gzip("hello ") + Gzip("world");
  std::string out;
  EXPECT_EQ(Gunzip(two, 11, out), GunzipOutcome::kOk);
  EXPECT_EQ(out, "hello world");
  EXPECT_EQ(Gunzip(two, 10, out), GunzipOutcome::kTooLarge);
}

TEST(GzipTest, EveryTruncationAndEveryChangedByteIsNoticedOrHarmless) {
  const std::string plain = "attune tunes a shop to its shopper, again and again and again";
  const std::string good = Gzip(plain);
  std::string out;
  for (size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_EQ(Gunzip(good.substr(0, cut), 1000, out), GunzipOutcome::kMalformed) << cut;
  }
  // Behind the ten bytes of header everything is under the checksum.
  for (size_t i = 10; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    // A few bits before the checksum only pad the last byte; a change of any other is found.
    if (Gunzip(bad, 1000, out) == GunzipOutcome::kOk) {
      EXPECT_EQ(out, plain) << i;
    }
  }
  EXPECT_EQ(Gunzip(good + "trailing", 1000, out), GunzipOutcome::kMalformed);
  EXPECT_EQ(Gunzip("{\"plain\":1}", 1000, out), GunzipOutcome::kMalformed);
}

}  // namespace
}  // namespace attune::http
