#include "verifier/cli/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/engine/attest.h"
#include "verifier/engine/report_sbom.h"
#include "verifier/engine/version.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay::cli {
namespace {

constexpr std::string_view kSbom = "sbom.cdx.json";

// One entry of a bundle besides its statement, before it is signed.
struct Part {
  std::string_view name = {};
  bool attestation = false;
};

std::vector<Part> PartsOf(bool with_attestations) {
  std::vector<Part> parts = {{.name = kSbom}};
  for (const report::BundlePart& part : report::BundleParts()) {
    const bool attestation = report::FindWriter(part.writer)->attestation;
    if (!attestation || with_attestations) {
      parts.push_back({part.name, attestation});
    }
  }
  return parts;
}

Result<std::string> TextOf(const Part& part, const Report& report) {
  if (part.name == kSbom) {
    return engine::SbomOfReport(report);
  }
  const auto parts = report::BundleParts();
  const auto found =
      std::find_if(parts.begin(), parts.end(),
                   [&](const auto& one) { return one.name == part.name; });
  return report::FindWriter(found->writer)->write(report, report::Style{});
}

Result<std::string> Bundled(const Report& report, std::string_view key) {
  report::BundleWriter writer;
  for (const Part& part : PartsOf(!key.empty())) {
    auto text = TextOf(part, report);
    if (text && part.attestation) {
      text = engine::SealStatement(*text, AsBytes(key));
    }
    if (!text) {
      return text;
    }
    if (const auto added = writer.Add(part.name, *text); !added) {
      return Fail(added.error());
    }
  }
  const std::string statement = writer.Statement(report);
  const auto envelope = key.empty()
                            ? Result<std::string>("")
                            : engine::SealStatement(statement, AsBytes(key));
  return envelope ? writer.Finish(statement, *envelope) : envelope;
}

Error In(const std::string& path, const Error& error) {
  return {error.code, fmt::format("{}: {}", path, error.what)};
}

// "" when the envelope is one of the bundle's own statement, or there is none.
std::string ProblemOfEnvelope(const report::Bundle& bundle) {
  if (bundle.envelope().empty()) {
    return "";
  }
  const auto envelope = engine::OpenEnvelope(bundle.envelope());
  if (!envelope) {
    return "is " + envelope.error().what;
  }
  return envelope->statement == bundle.statement()
             ? ""
             : fmt::format("signs another statement than {}",
                           report::kBundleStatement);
}

std::string KeysOf(const engine::Envelope& envelope) {
  std::string keys;
  for (const auto& signature : envelope.signatures) {
    keys += fmt::format("{}sha256:{}", keys.empty() ? "" : ", ", signature.key);
  }
  return keys;
}

Result<void> CheckSignature(const report::Bundle& bundle, std::string_view key,
                            BundleCheck& check) {
  const auto envelope = engine::OpenEnvelope(bundle.envelope());
  if (!envelope) {
    if (key.empty()) {
      check.open.emplace_back(
          "the bundle is not signed: nobody vouches for it");
    } else {
      check.lines.push_back({"signature", false, "the bundle is not signed"});
    }
    return {};
  }
  if (key.empty()) {
    check.open.push_back(fmt::format(
        "the bundle is signed by key {}, not checked against anything: give "
        "--bundle-key FILE",
        KeysOf(*envelope)));
    return {};
  }
  auto signer = engine::SignerOf(*envelope, AsBytes(key));
  if (!signer) {
    return Fail(signer.error());
  }
  check.signer = std::move(*signer);
  check.lines.push_back(
      {"signature", !check.signer.empty(),
       fmt::format("not by the key that was given; the bundle names {}",
                   KeysOf(*envelope))});
  return {};
}

// What is wrong with an attestation that should say `statement`.
std::string ProblemOfAttestation(const std::string& text,
                                 const std::string& statement,
                                 std::string_view key) {
  const auto envelope = engine::OpenEnvelope(text);
  if (!envelope) {
    return envelope.error().what;
  }
  if (envelope->statement != statement) {
    return "says something else than the result";
  }
  const auto signer = key.empty() ? Result<std::string>("not asked")
                                  : engine::SignerOf(*envelope, AsBytes(key));
  return signer && !signer->empty() ? "" : "is not signed by the key given";
}

std::string ProblemOfPart(const Part& part, const Saved& saved,
                          std::string_view key) {
  const auto there = saved.bundle->Read(part.name);
  if (!there) {
    return "is missing";
  }
  const auto expected = TextOf(part, saved.report);
  if (!expected) {
    return expected.error().what;
  }
  if (part.attestation) {
    return ProblemOfAttestation(*there, *expected, key);
  }
  return *there == *expected ? "" : "is not what is written of the result";
}

// This version writes what the bundle's did: everything has to be the same.
void CompareContents(const Saved& saved, std::string_view key,
                     BundleCheck& check) {
  const report::Bundle& bundle = *saved.bundle;
  const auto& entries = bundle.claims().entries;
  const auto add = [&check](std::string_view name, std::string problem) {
    const bool holds = problem.empty();
    check.lines.push_back(
        {fmt::format("content {}", name), holds, std::move(problem)});
  };
  const auto parts = PartsOf(!bundle.envelope().empty());
  for (const Part& part : parts) {
    add(part.name, ProblemOfPart(part, saved, key));
  }
  for (const report::BundleEntry& entry : entries) {
    const bool known =
        std::any_of(parts.begin(), parts.end(),
                    [&](const Part& part) { return part.name == entry.name; });
    if (!known) {
      add(entry.name, "is nothing that this version writes");
    }
  }
  add(report::kBundleStatement,
      report::BundleStatement(saved.report, entries) == bundle.statement()
          ? ""
          : "is not what is written of the result");
}

}  // namespace

Result<std::string> MakeBundle(const Report& report,
                               std::string_view attest_key) {
  const auto read = report::ReadReport(
      report::FindWriter("json")->write(report, report::Style{}));
  if (!read) {
    return Fail(ErrorCode::kInternal, read.error().what);
  }
  auto bundle = Bundled(*read, attest_key);
  if (!bundle && bundle.error().code == ErrorCode::kLimit) {
    return Fail(ErrorCode::kUnwritable, "bundle: " + bundle.error().what);
  }
  return bundle;
}

Result<Saved> OpenSaved(const std::string& path) {
  auto file = ByteSource::MapFile(path);
  if (!file) {
    return Fail(file.error());
  }
  Saved saved{.file = std::move(*file)};
  if (report::Bundle::Begins(saved.file.bytes())) {
    auto bundle = report::Bundle::Open(saved.file.bytes());
    if (!bundle) {
      return Fail(In(path, bundle.error()));
    }
    saved.bundle = std::move(*bundle);
    saved.checked = saved.bundle->Check();
    saved.checked.push_back({std::string(report::kBundleEnvelope),
                             ProblemOfEnvelope(*saved.bundle)});
  }
  return saved;
}

Result<void> LoadReport(Saved& saved, const std::string& path) {
  if (saved.bundle) {
    auto text = saved.bundle->Read(report::kBundledReport);
    if (!text) {
      return Fail(In(path, text.error()));
    }
    saved.unpacked = std::move(*text);
  }
  auto report = report::ReadReport(saved.json());
  if (!report) {
    return Fail(In(path, {ErrorCode::kMalformed, report.error().what}));
  }
  saved.report = std::move(*report);
  return {};
}

Result<Saved> ReadSaved(const std::string& path) {
  auto saved = OpenSaved(path);
  if (!saved) {
    return saved;
  }
  for (const auto& [name, problem] : saved->checked) {
    if (!problem.empty()) {
      return Fail(In(path, {ErrorCode::kMalformed,
                            fmt::format("the bundle is not whole: {} {}", name,
                                        problem)}));
    }
  }
  if (const auto loaded = LoadReport(*saved, path); !loaded) {
    return Fail(loaded.error());
  }
  return saved;
}

Result<BundleCheck> CheckBundle(const Saved& saved, std::string_view key) {
  BundleCheck check;
  const report::BundleClaims& claims = saved.bundle->claims();
  if (const auto asked = CheckSignature(*saved.bundle, key, check); !asked) {
    return Fail(asked.error());
  }
  const std::string other = report::Contradiction(claims, saved.report);
  check.lines.push_back(
      {"statement", other.empty(),
       fmt::format("its {} is another than the result's", other)});
  if (claims.tool_version == engine::Version()) {
    CompareContents(saved, key, check);
  } else {
    check.open.push_back(fmt::format(
        "what is in the bundle beside the result was not compared: it is of "
        "assay {}, this is {}",
        Escaped(claims.tool_version), engine::Version()));
  }
  return check;
}

}  // namespace assay::cli
