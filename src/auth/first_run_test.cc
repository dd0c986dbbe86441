#include "auth/first_run.h"

#include <gtest/gtest.h>

namespace mqttio::auth {
namespace {

using mqtt::Reason;

Reason verdict(std::string password, bool local, std::optional<std::string_view> user,
               std::optional<std::string_view> said) {
  FirstRun door(std::move(password));
  const broker::Peer peer{.address = "192.0.2.7:50000", .transport = "tcp", .local = local};
  std::optional<Bytes> bytes;
  if (said) bytes = as_bytes(*said);
  return door.authenticate({.peer = peer, .client_id = "ana", .user_name = user, .password = bytes});
}

TEST(FirstRun, Lets_programs_of_this_machine_in_whatever_they_say) {
  EXPECT_EQ(verdict("", true, std::nullopt, std::nullopt), Reason::success);
  EXPECT_EQ(verdict("secret", true, std::nullopt, std::nullopt), Reason::success);
  EXPECT_EQ(verdict("secret", true, "somebody", "wrong"), Reason::success);
}

TEST(FirstRun, Lets_others_in_as_the_user_that_was_made) {
  EXPECT_EQ(verdict("secret", false, "mqttio", "secret"), Reason::success);
}

TEST(FirstRun, Refuses_everybody_else) {
  const struct {
    std::optional<std::string_view> user;
    std::optional<std::string_view> password;
    Reason verdict;
  } cases[] = {
      {std::nullopt, std::nullopt, Reason::not_authorized},
      {"mqttio", std::nullopt, Reason::bad_user_name_or_password},
      {std::nullopt, "secret", Reason::bad_user_name_or_password},
      {"mqttio", "", Reason::bad_user_name_or_password},
      {"mqttio", "secre", Reason::bad_user_name_or_password},
      {"mqttio", "secrets", Reason::bad_user_name_or_password},
      {"mqttio", "Secret", Reason::bad_user_name_or_password},
      {"mqttio", "secreT", Reason::bad_user_name_or_password},
      {"MQTTIO", "secret", Reason::bad_user_name_or_password},
      {"mqtti", "secret", Reason::bad_user_name_or_password},
      {"", "secret", Reason::bad_user_name_or_password},
  };
  for (const auto& c : cases)
    EXPECT_EQ(verdict("secret", false, c.user, c.password), c.verdict)
        << c.user.value_or("-") << " " << c.password.value_or("-");
}

TEST(FirstRun, Without_a_password_has_no_user_to_come_in_as) {
  EXPECT_EQ(verdict("", false, "mqttio", ""), Reason::bad_user_name_or_password);
  EXPECT_EQ(verdict("", false, "mqttio", std::nullopt), Reason::bad_user_name_or_password);
  EXPECT_EQ(verdict("", false, std::nullopt, std::nullopt), Reason::not_authorized);
}

}  // namespace
}  // namespace mqttio::auth
