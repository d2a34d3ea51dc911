#!/bin/sh
# Write reference.json, explained.json and small_studies.json again with the R that is installed
# (metafor, metadat, clubSandwich, lme4, jsonlite). The test names what changed.
set -eu
cd "$(dirname "$0")"
LC_ALL=C Rscript --vanilla reference.R > reference.json.new
mv reference.json.new reference.json
LC_ALL=C Rscript --vanilla explained.R > explained.json.new
mv explained.json.new explained.json
LC_ALL=C Rscript --vanilla small_studies.R > small_studies.json.new
mv small_studies.json.new small_studies.json
