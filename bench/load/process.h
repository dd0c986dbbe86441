#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace mqttio::load {

/// The server, as the kernel accounts for it.
class Process {
 public:
  explicit Process(int pid) : folder_("/proc/" + std::to_string(pid)) {}

  /// User and system time of all its threads, from the scheduler, in nanoseconds.
  uint64_t cpu_ns() const {
    uint64_t sum = 0;
    for (const auto& thread : std::filesystem::directory_iterator(folder_ + "/task")) {
      uint64_t ran = 0;
      std::ifstream(thread.path() / "schedstat") >> ran;
      sum += ran;
    }
    return sum;
  }

  /// Bytes of memory that are resident.
  int64_t resident() const {
    std::ifstream status(folder_ + "/status");
    for (std::string word; status >> word;) {
      if (word != "VmRSS:") continue;
      int64_t kib = 0;
      status >> kib;
      return kib * 1024;
    }
    return 0;
  }

 private:
  std::string folder_;
};

}  // namespace mqttio::load
