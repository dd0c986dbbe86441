#include "auth/first_run.h"

#include <openssl/crypto.h>

namespace mqttio::auth {

mqtt::Reason FirstRun::authenticate(const Login& login) {
  if (login.peer.local) return mqtt::Reason::success;
  if (!login.user_name && !login.password) return mqtt::Reason::not_authorized;
  const bool right = !password_.empty() && login.user_name == kUser && login.password &&
                     login.password->size() == password_.size() &&
                     CRYPTO_memcmp(login.password->data(), password_.data(), password_.size()) == 0;
  return right ? mqtt::Reason::success : mqtt::Reason::bad_user_name_or_password;
}

}  // namespace mqttio::auth
