#pragma once

#include <string>

#include "broker/ports.h"

namespace mqttio::auth {

/// Who gets in while nobody has written users down: programs on this machine without a word, if the run admits that;
/// everybody else as the one user that was made at the start.
class FirstRun final : public broker::Authenticator {
 public:
  static constexpr std::string_view kUser = "mqttio";

  /// `password`: of the generated user; "": there is none, and only local clients get in.
  explicit FirstRun(std::string password) : password_(std::move(password)) {}

  mqtt::Reason authenticate(const Login& login) override;

 private:
  std::string password_;
};

}  // namespace mqttio::auth
