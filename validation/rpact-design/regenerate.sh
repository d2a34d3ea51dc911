#!/bin/sh
# Write reference.json again with the R that is installed: rpact, jsonlite; R_LIBS may name where
# they are. The test names what changed. About two minutes.
set -eu
cd "$(dirname "$0")"
LC_ALL=C Rscript --vanilla reference.R > reference.json.new
mv reference.json.new reference.json
