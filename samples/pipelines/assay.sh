#!/bin/sh
# A gate for any pipeline: assay.sh PRODUCT [POLICY]
# Reports lie in $ASSAY_REPORTS (assay-reports). The exit code is assay's:
# 0 pass, 1 fail, 2 inconclusive, more: it could not be verified at all.
set -eu
product=$1
policy=${2:-}
reports=${ASSAY_REPORTS:-assay-reports}
mkdir -p "$reports"
exec assay verify ${policy:+--policy "$policy"} --no-config \
  -o text -o json="$reports/report.json" -o html="$reports/report.html" \
  -o sarif="$reports/report.sarif" -o junit="$reports/junit.xml" \
  -- "$product"
