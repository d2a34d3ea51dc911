# Reference answers of R for the agreement of two readers, on constructed tables written beside
# them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(vcd)
  library(jsonlite)
})
tables <- list(
  two = matrix(c(20, 10, 5, 15), 2),
  three = matrix(c(14, 3, 1, 2, 20, 4, 0, 5, 11), 3, byrow = TRUE),
  responses = matrix(c(3, 1, 0, 0, 0, 2, 14, 5, 0, 1, 0, 6, 40, 7, 2, 0, 1, 8, 30, 1, 0, 0, 2, 1, 4),
                     5, byrow = TRUE),
  below_chance = matrix(c(5, 15, 20, 10), 2),
  complete = diag(c(7, 9, 4)),
  empty_category = matrix(c(9, 2, 0, 3, 8, 0, 0, 0, 0), 3, byrow = TRUE)
)
answer <- function(counts) {
  linear <- Kappa(counts, weights = "Equal-Spacing")
  quadratic <- Kappa(counts, weights = "Fleiss-Cohen")
  pair <- function(x) list(estimate = unname(x["value"]), std_error = unname(x["ASE"]))
  list(table = counts, none = pair(linear$Unweighted), linear = pair(linear$Weighted),
       quadratic = pair(quadratic$Weighted))
}
versions <- list(R = as.character(getRversion()), vcd = as.character(packageVersion("vcd")))
cat(toJSON(list(versions = versions, tables = lapply(tables, answer)), auto_unbox = TRUE,
           digits = NA, pretty = TRUE), "\n")
