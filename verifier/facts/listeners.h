// Command lines that open a network port: what the documentation of common
// servers says about their options and default ports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/facts/fact_writer.h"

namespace assay::facts {

struct Listener {
  std::string port = {};
  std::string protocol = {};  // "tcp" or "udp"
  std::string program = {};
  std::string address = {};  // "loopback", or "" for any other
};

// The listeners that a command starts; empty when it is none of the known
// servers or runs under inetd.
[[nodiscard]] std::vector<Listener> ListenersOf(
    const std::vector<std::string>& words);

// The port in "80", "0.0.0.0:80", "[::]:80", "*:80"; "" when there is none.
[[nodiscard]] std::string_view PortOf(std::string_view address);

void AddListener(const Listener& listener, std::string_view source, Range place,
                 FactWriter& facts);
// Listeners of a command line as text, e.g. of a unit or of cron.
void AddListenersOfCommandLine(std::string_view command_line,
                               std::string_view source, Range place,
                               FactWriter& facts);

}  // namespace assay::facts
