#!/bin/sh
# Write reference.json again with the R that is installed. The test names what changed.
set -eu
cd "$(dirname "$0")"
LC_ALL=C Rscript --vanilla reference.R > reference.json.new
mv reference.json.new reference.json
