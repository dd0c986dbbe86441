// Puts a broker on this machine under load, checks every delivery, and prints what it cost the server as one line of
// JSON. `bench/run` calls it; by hand, with a server that runs already:
//
//   load --scenario idle|fan|pairs --transport tcp|ws|socketio|polling --port PORT --pid PID
//        [--connections 5000] [--subscribers 100] [--pairs 50] [--qos 0] [--window 20] [--payload 256] [--ms 1500]

#include <sys/resource.h>

#include <map>

#include "load/closed_loop.h"
#include "load/idle.h"

namespace {

using namespace mqttio::load;

/// `--name value` pairs.
class Arguments {
 public:
  Arguments(int argc, char** argv) {
    if (argc % 2 == 0) die("every option takes a value; bench/load.cc lists them");
    for (int i = 1; i + 1 < argc; i += 2) values_[argv[i]] = argv[i + 1];
  }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find("--" + name);
    return found == values_.end() ? otherwise : found->second;
  }
  size_t number(const std::string& name, size_t otherwise) const {
    return std::stoul(text(name, std::to_string(otherwise)));
  }

 private:
  std::map<std::string, std::string> values_;
};

void raise_open_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string run(const Arguments& arguments) {
  const Target target{.transport = arguments.text("transport", "tcp"),
                      .port = static_cast<uint16_t>(arguments.number("port", 1883))};
  const Process server(static_cast<int>(arguments.number("pid", 0)));
  const std::string scenario = arguments.text("scenario", "fan");
  if (scenario == "idle") return Idle(target, server, arguments.number("connections", 5000)).run();
  if (scenario != "fan" && scenario != "pairs") die("--scenario is idle, fan or pairs");
  const bool fan = scenario == "fan";
  return ClosedLoop(target, server,
                    {.groups = fan ? 1 : arguments.number("pairs", 50),
                     .subscribers = fan ? arguments.number("subscribers", 100) : 1,
                     .qos = static_cast<uint8_t>(arguments.number("qos", 0)),
                     .window = arguments.number("window", 20),
                     .payload = arguments.number("payload", 256),
                     .duration = std::chrono::milliseconds(arguments.number("ms", 1500))})
      .run();
}

}  // namespace

int main(int argc, char** argv) {
  raise_open_files();
  std::printf("%s\n", run(Arguments(argc, argv)).c_str());
  return 0;
}
