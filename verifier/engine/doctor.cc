#include "verifier/engine/doctor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <rnp/rnp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <tbb/version.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "verifier/base/text.h"
#include "verifier/confine/walls.h"
#include "verifier/engine/examine.h"
#include "verifier/engine/version.h"

namespace assay::engine {
namespace {

// One thing that a confined process must not be able to do: `body` tries, and
// gives 0 when it was refused.
Diagnosis::Line Refused(std::string name, const std::function<int()>& body) {
  const auto status = confine::StatusOfConfined(body);
  Diagnosis::Line line{.name = std::move(name), .needed = true};
  if (!status) {
    line.state = status.error().what;
    line.works = false;
    return line;
  }
  const bool killed = WIFSIGNALED(*status);
  line.works = killed || (WIFEXITED(*status) && WEXITSTATUS(*status) == 0);
  line.state = killed       ? "ends the process"
               : line.works ? "refused"
                            : "NOT REFUSED";
  return line;
}

std::vector<Diagnosis::Line> TryWalls() {
  if (!confine::HasWalls()) {
    return {{.name = "walls",
             .state = "none: this build has a sanitizer in it",
             .works = false,
             .needed = true}};
  }
  return {
      Refused("opening a file",
              [] { return ::open("/etc/passwd", O_RDONLY) < 0 ? 0 : 1; }),
      Refused("making a file",
              [] {
                return ::open("/tmp/x", O_CREAT | O_WRONLY, 0600) < 0 ? 0 : 1;
              }),
      Refused("opening a socket",
              [] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? 0 : 1; }),
      Refused("starting a process", [] { return ::fork() < 0 ? 0 : 1; }),
  };
}

// A small product, read as any other would be.
Diagnosis::Line TryWorker() {
  unpack::Product product{.name = "doctor.txt"};
  product.files.push_back({.name = "doctor.txt", .open = [] {
                             return ByteSource::Own(CopyOf(AsBytes("ok\n")));
                           }});
  const auto survey = ExamineProduct(product, {.jobs = 2});
  const bool works =
      survey && survey->nodes.size() == 1 && survey->At(0).anomalies.empty();
  return {.name = "examining a product",
          .state = works     ? "works"
                   : !survey ? survey.error().what
                             : "the confined process crashes",
          .works = works,
          .needed = true};
}

std::string LimitOf(__rlimit_resource what) {
  struct rlimit limit = {};
  (void)::getrlimit(what, &limit);
  return limit.rlim_max == RLIM_INFINITY ? "unlimited"
                                         : fmt::format("{}", limit.rlim_max);
}

}  // namespace

bool Diagnosis::confines() const {
  const auto fine = [](const Line& line) { return line.works || !line.needed; };
  return std::all_of(host.begin(), host.end(), fine) &&
         std::all_of(confined.begin(), confined.end(), fine);
}

Diagnosis Diagnose() {
  Diagnosis diagnosis;
  for (const confine::HostFeature& feature : confine::HostFeatures()) {
    diagnosis.host.push_back(
        {feature.name, feature.state, feature.works, feature.needed});
  }
  diagnosis.host.push_back({.name = "open files, at most (own limit)",
                            .state = LimitOf(RLIMIT_NOFILE)});
  diagnosis.host.push_back(
      {.name = "memory, at most (own limit)", .state = LimitOf(RLIMIT_AS)});
  diagnosis.confined = TryWalls();
  diagnosis.confined.push_back(TryWorker());
  diagnosis.libraries = {
      {.name = "assay", .state = Version()},
      {.name = "OpenSSL", .state = OpenSSL_version(OPENSSL_VERSION)},
      {.name = "librnp", .state = rnp_version_string()},
      {.name = "Vectorscan", .state = PatternSet::LibraryVersion()},
      {.name = "oneTBB", .state = TBB_runtime_version()},
  };
  return diagnosis;
}

}  // namespace assay::engine
