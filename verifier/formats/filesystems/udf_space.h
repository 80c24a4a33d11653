// What a UDF volume says of its free blocks, and copies it keeps of its
// metadata. Layouts: ECMA-167 4/14.11, 4/14.12; UDF 2.60, section 2.2.13.
#pragma once

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/udf_volume.h"
#include "verifier/formats/format.h"

namespace assay::formats::udf {

// Notes where bitmaps and tables of free blocks lie.
void NoteFreeSpace(Volume& volume);
// Once all files are known: no bitmap may say that a block in use is free.
void CompareBitmaps(const Volume& volume, const Coverage& coverage,
                    ArtifactSink& sink);
// Claims the second copy of a metadata partition, where it is one.
void ClaimMirrors(const Volume& volume, Coverage& coverage, ArtifactSink& sink);

}  // namespace assay::formats::udf
