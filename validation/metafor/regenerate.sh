#!/bin/sh
# Write reference.json and explained.json again with the R that is installed (metafor, metadat,
# clubSandwich, lme4, jsonlite). The test names what changed.
set -eu
cd "$(dirname "$0")"
LC_ALL=C Rscript --vanilla reference.R > reference.json.new
mv reference.json.new reference.json
LC_ALL=C Rscript --vanilla explained.R > explained.json.new
mv explained.json.new explained.json
