#include "verifier/engine/doctor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "sbom/banners/scanner.h"
#include "sbom/schemas/official.h"
#include "verifier/base/pattern_archive.h"
#include "verifier/base/text.h"
#include "verifier/confine/walls.h"
#include "verifier/engine/catalogue.h"
#include "verifier/engine/examine.h"
#include "verifier/engine/known_formats.h"
#include "verifier/engine/libraries.h"
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

Diagnosis::Line RulesInForce() {
  const auto rules = LoadCatalogue({});
  return {.name = "built-in rules",
          .state = rules ? fmt::format("{}, digest {}", rules->rules.size(),
                                       rules->sha256)
                         : rules.error().what,
          .works = rules.has_value()};
}

// Those of rules and banners are compiled with the program, and, on another
// machine than it was made for, again at every start.
Diagnosis::Line PatternsInForce() {
  static_cast<void>(sbom::BannerScanner::BuiltIn());
  const pattern_archive::Uses uses = pattern_archive::CountedUses();
  return {
      .name = "built-in patterns",
      .state = fmt::format("{} databases, {} of them compiled with the program",
                           uses.taken + uses.compiled, uses.taken),
      .works = uses.taken > 0};
}

Diagnosis::Line FormatsInForce() {
  const auto formats = KnownFormats();
  const auto count = [&](std::string_view depth) {
    return std::count_if(
        formats.begin(), formats.end(),
        [&](const KnownFormat& one) { return one.depth == depth; });
  };
  const auto signatures = count("signature");
  const auto sboms = count("SBOM");
  return {.name = "formats",
          .state = fmt::format(
              "{} of containers and programs, {} of signatures, {} of SBOMs",
              static_cast<std::ptrdiff_t>(formats.size()) - signatures - sboms,
              signatures, sboms)};
}

Diagnosis::Line SchemasInForce() {
  std::string json;
  std::string xml;
  for (const char* version :
       {"1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"}) {
    json += sbom::CycloneDxJsonSchema(version) == nullptr
                ? ""
                : fmt::format(" {}", version);
    xml += sbom::CycloneDxXmlSchema(version) == nullptr
               ? ""
               : fmt::format(" {}", version);
  }
  return {.name = "schemas of SBOMs",
          .state = fmt::format("CycloneDX JSON{}; XML{}", json, xml),
          .works = !json.empty() && !xml.empty()};
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
  diagnosis.libraries.push_back({.name = "assay", .state = Version()});
  for (auto& [name, version] : LibraryVersions()) {
    diagnosis.libraries.push_back({.name = name, .state = version});
  }
  diagnosis.contents = {RulesInForce(), PatternsInForce(), FormatsInForce(),
                        SchemasInForce()};
  return diagnosis;
}

}  // namespace assay::engine
