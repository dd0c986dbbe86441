#include "transport/fence.h"

#include <gtest/gtest.h>

namespace mqttio::transport {
namespace {

using Run = Fence::Run;

const net::Address kHere{.host = "127.0.0.1", .port = 50'000, .loopback = true};
const net::Address kThere{.host = "192.0.2.7", .port = 50'000, .loopback = false};

http::Request asking(std::string_view host, std::optional<std::string_view> origin = std::nullopt) {
  http::Request request;
  request.method = "GET";
  request.path = "/mqtt";
  if (!host.empty()) request.headers.push_back({"Host", std::string(host)});
  if (origin) request.headers.push_back({"Origin", std::string(*origin)});
  return request;
}

TEST(Fence, Knows_the_names_of_this_machine) {
  for (const std::string_view host : {"localhost", "localhost:1883", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:80",
                                      "app.localhost", "a.b.localhost:3000"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
}

TEST(Fence, Is_not_taken_in_by_names_that_look_like_this_machine) {
  for (const std::string_view host : {"",
                                      ":",
                                      ":80",
                                      "localhost.evil.com",
                                      "localhost.evil.com:1883",
                                      "127.0.0.1.evil.com",
                                      "evil.com#localhost",
                                      "evil.com?localhost",
                                      "evil.com/localhost",
                                      "localhost@evil.com",
                                      "evil.com:localhost",
                                      "evil.com#.localhost",
                                      "evil.com/.localhost",
                                      "localhost:x",
                                      "localhost:",
                                      "localhost:80:80",
                                      "[::1]:x",
                                      "evil.com:127.0.0.1",
                                      "notlocalhost",
                                      "evil-localhost",
                                      "127.0.0.2.evil.com",
                                      "127.0.0.10",
                                      "0127.0.0.1",
                                      "localhost ",
                                      " localhost",
                                      "[::1",
                                      "::1",
                                      "[::1].evil.com",
                                      "[::1]evil.com:80",
                                      "[::2]",
                                      "[::ffff:127.0.0.1]",
                                      "0.0.0.0",
                                      "null"})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

TEST(Fence, Takes_for_local_without_a_configuration_what_is_so_beyond_doubt) {
  const Fence fence{Run::zero_config};
  EXPECT_TRUE(fence.is_local(kHere, nullptr)) << "plain MQTT from this machine";
  EXPECT_FALSE(fence.is_local(kThere, nullptr));
  const struct {
    std::string_view host;
    std::optional<std::string_view> origin;
    bool local;
  } cases[] = {
      {"localhost:8080", std::nullopt, true},
      {"localhost:8080", "http://localhost:8080", true},
      {"127.0.0.1:8080", "http://localhost:5173", true},
      {"[::1]:8080", "https://app.localhost", true},
      {"", std::nullopt, false},
      {"evil.com", std::nullopt, false},
      {"evil.com", "http://localhost", false},
      {"localhost", "http://evil.com", false},
      {"localhost", "https://localhost.evil.com", false},
      {"localhost", "http://127.0.0.1.evil.com", false},
      {"localhost", "http://evil.com#localhost", false},
      {"localhost", "null", false},
      {"localhost", "", false},
      {"localhost", "localhost", false},
      {"localhost", "file://", false},
  };
  for (const auto& c : cases) {
    const auto request = asking(c.host, c.origin);
    EXPECT_EQ(fence.is_local(kHere, &request), c.local) << c.host << " " << c.origin.value_or("-");
    EXPECT_FALSE(fence.is_local(kThere, &request)) << c.host << " " << c.origin.value_or("-");
  }
}

TEST(Fence, Takes_nothing_for_local_that_a_proxy_passed_on) {
  const Fence fence{Run::zero_config};
  for (const std::string name : {"Forwarded", "Via", "X-Real-IP", "x-forwarded-for", "X-Forwarded-Host",
                                 "X-FORWARDED-PROTO", "X-Forwarded-Server"}) {
    auto request = asking("localhost");
    EXPECT_TRUE(fence.is_local(kHere, &request));
    request.headers.push_back({name, "192.0.2.7"});
    EXPECT_FALSE(fence.is_local(kHere, &request)) << name;
  }
  auto old = asking("localhost");
  old.minor_version = 0;
  EXPECT_FALSE(fence.is_local(kHere, &old)) << "HTTP/1.0 is what bare proxies speak";
}

TEST(Fence, Takes_nothing_for_local_in_a_configured_run_and_everything_in_development) {
  const auto request = asking("localhost", "http://localhost");
  const auto strange = asking("evil.com", "http://evil.com");
  EXPECT_FALSE(Fence{Run::configured}.is_local(kHere, nullptr));
  EXPECT_FALSE(Fence{Run::configured}.is_local(kHere, &request));
  EXPECT_TRUE(Fence{Run::development}.is_local(kThere, nullptr));
  EXPECT_TRUE(Fence{Run::development}.is_local(kThere, &strange));
}

TEST(Fence, Answers_only_to_names_of_this_machine_without_a_configuration) {
  for (const std::string_view host : {"evil.com", "localhost.evil.com", "192.0.2.1", ""}) {
    EXPECT_FALSE(Fence{Run::zero_config}.admits_host(asking(host))) << host;
    EXPECT_TRUE(Fence{Run::configured}.admits_host(asking(host))) << host;
    EXPECT_TRUE(Fence{Run::development}.admits_host(asking(host))) << host;
  }
  EXPECT_TRUE(Fence{Run::zero_config}.admits_host(asking("localhost:8080")));
}

TEST(Fence, Admits_pages_of_its_own_origin) {
  const struct {
    std::string_view host;
    std::optional<std::string_view> origin;
    bool zero_config;
    bool configured;
  } cases[] = {
      {"example.org", std::nullopt, true, true},  // no page
      {"example.org", "https://example.org", true, true},
      {"example.org:8080", "http://example.org:8080", true, true},
      {"example.org", "https://example.org:8443", false, false},
      {"example.org", "https://evil.com", false, false},
      {"example.org", "https://example.org.evil.com", false, false},
      {"example.org", "null", false, false},
      {"example.org", "", false, false},
      {"example.org", "example.org", false, false},
      {"localhost:8080", "http://localhost:5173", true, false},  // a developer's own page
      {"localhost:8080", "http://localhost.evil.com", false, false},
      {"localhost:8080", "http://evil.com#localhost", false, false},
      {"localhost:8080", "null", false, false},
      {"", "null", false, false},
  };
  for (const auto& c : cases) {
    const auto request = asking(c.host, c.origin);
    EXPECT_EQ(Fence{Run::zero_config}.admits_origin(request), c.zero_config) << c.host << " " << c.origin.value_or("-");
    EXPECT_EQ(Fence{Run::configured}.admits_origin(request), c.configured) << c.host << " " << c.origin.value_or("-");
    EXPECT_TRUE(Fence{Run::development}.admits_origin(request)) << c.host << " " << c.origin.value_or("-");
  }
}

}  // namespace
}  // namespace mqttio::transport
