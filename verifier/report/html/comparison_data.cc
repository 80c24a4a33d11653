#include <algorithm>

#include "verifier/report/comparison_words.h"
#include "verifier/report/html/comparison.h"
#include "verifier/report/html/data.h"
#include "verifier/report/html/rows.h"

namespace assay::report::html {
namespace {

void PutChange(Pool& pool, const PlacedChange& placed) {
  static const ChangedPlace kNowhere = {};
  const Change& change = *placed.change;
  const ChangedPlace& place =
      placed.place == nullptr ? kNowhere : *placed.place;
  pool.Number(change.weight);
  pool.Number(change.gained ? 1 : 0);
  pool.Text(change.kind);
  pool.Text(TitleOfKind(change.kind));
  pool.Text(change.value);
  pool.Text(change.detail);
  pool.Text(place.path);
  pool.Text(place.old_path);
  pool.Text(place.old_sha256);
  pool.Text(place.new_sha256);
  pool.OpenArray();
  for (const Evidence& evidence : change.evidence) {
    PutEvidence(pool, evidence);
  }
  pool.Close();
}

}  // namespace

std::string DataOf(const Comparison& comparison) {
  Pool pool;
  pool.OpenObject();
  pool.Text(comparison.before.product, "before");
  pool.Text(comparison.now.product, "now");
  PutRows(pool, "changes", AllChanges(comparison), kMostRows,
          [&](const PlacedChange& placed) { PutChange(pool, placed); });
  std::vector<const ChangedPlace*> files;
  for (const ChangedPlace& place : comparison.places) {
    if (place.file) {
      files.push_back(&place);
    }
  }
  PutRows(pool, "files", files, kMostRows, [&](const ChangedPlace* place) {
    pool.Text(place->path);
    pool.Text(NameOf(*place->file));
    pool.Number(place->weight);
    pool.Text(place->old_path == place->path ? "" : place->old_path);
    pool.Text(place->old_sha256);
    pool.Text(place->new_sha256);
  });
  pool.Close();
  return pool.Finish();
}

}  // namespace assay::report::html
