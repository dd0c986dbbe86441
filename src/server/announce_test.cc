#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "server/server.h"

namespace mqttio::server {
namespace {

namespace fs = std::filesystem;

TEST(Banner, TellsMosquittoWhatItNeedsAndNoMore) {
  struct Case {
    net::Address address;
    const char* password;
    const char* flags;
  };
  const Case cases[] = {
      {{.host = "127.0.0.1", .port = 1883}, "", ""},
      {{.host = "127.0.0.1", .port = 1884}, "", " -p 1884"},
      {{.host = "0.0.0.0", .port = 1883}, "pw", " -u mqttio -P pw"},
      {{.host = "::", .port = 1883}, "", " -h ::1"},
      {{.host = "::1", .port = 5}, "pw", " -h ::1 -p 5 -u mqttio -P pw"},
      {{.host = "192.0.2.1", .port = 1883}, "pw", " -h 192.0.2.1 -u mqttio -P pw"},
  };
  for (const auto& [address, password, flags] : cases) EXPECT_EQ(client_flags(address, password), flags);
}

/// A folder that goes with its test.
struct ReadyFile : testing::Test {
  fs::path folder = fs::temp_directory_path() / ("mqttio-ready-" + std::to_string(::getpid()));
  fs::path path = folder / "ready";
  fs::path partial = folder / "ready.partial";

  void SetUp() override { fs::create_directory(folder); }
  void TearDown() override { fs::remove_all(folder); }
  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(ReadyFile, IsItsOwnersAloneWhateverAnEarlierRunLeft) {
  std::ofstream(partial) << "half";
  fs::permissions(partial, fs::perms(0644));
  ASSERT_TRUE(write_ready_file(path, {}));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0600));
  EXPECT_TRUE(read(path).starts_with("{\"pid\":"));
  EXPECT_FALSE(fs::exists(partial));
}

TEST_F(ReadyFile, FollowsNoLink) {
  std::ofstream(folder / "precious") << "gold";
  fs::create_symlink(folder / "precious", partial);
  ASSERT_TRUE(write_ready_file(path, {}));
  EXPECT_EQ(read(folder / "precious"), "gold");
  EXPECT_FALSE(fs::is_symlink(path));
}

TEST_F(ReadyFile, ThatCannotBeWrittenIsAnErrorWithAHint) {
  const auto written = write_ready_file(folder / "no" / "ready", {});
  ASSERT_FALSE(written);
  EXPECT_TRUE(written.error().starts_with("error[ready_file]: cannot write ")) << written.error();
  EXPECT_NE(written.error().find("No such file or directory"), std::string::npos) << written.error();
}

}  // namespace
}  // namespace mqttio::server
