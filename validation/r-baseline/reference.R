# Reference answers of R for the tests of a baseline table, on constructed data written beside them.
# Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages(library(jsonlite))
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

made <- function(seed, sizes, shift, decimals, skewed = FALSE) {
  set.seed(seed)
  group <- rep(seq_along(sizes) - 1L, sizes)
  raw <- rnorm(sum(sizes), 10 + shift * group, 1 + 0.5 * group)
  list(value = round(if (skewed) exp(raw / 3) else raw, decimals), group = group)
}
data <- list(
  two_untied = made(1, c(12, 15), 0.8, 9),
  two_tied = made(2, c(41, 27), 0.5, 0),
  two_large = made(3, c(120, 90), 0.2, 9),
  two_fifty = made(4, c(50, 12), 0.3, 9),
  two_below_fifty = made(5, c(49, 49), 0.3, 9),
  two_skewed = made(6, c(30, 33), 0.6, 1, TRUE),
  smallest = made(7, c(2, 3), 1, 9),
  three = made(8, c(20, 25, 18), 0.4, 9),
  four_tied = made(9, c(15, 9, 22, 30), 0.3, 0),
  five_skewed = made(10, c(10, 12, 14, 16, 18), 0.2, 2, TRUE)
)

of_means <- function(d) {
  d$group <- factor(d$group)
  one <- function(equal) {
    f <- oneway.test(value ~ group, data = d, var.equal = equal)
    found <- list(equal_variances = equal, f = unname(f$statistic), df = unname(f$parameter[1]),
                  df_error = unname(f$parameter[2]), f_p = f$p.value)
    if (nlevels(d$group) == 2) {
      t <- t.test(value ~ group, data = d, var.equal = equal)
      found <- c(found, list(t = unname(t$statistic), t_df = unname(t$parameter), t_p = t$p.value))
    }
    found
  }
  list(one(FALSE), one(TRUE))
}

of_ranks <- function(d) {
  k <- kruskal.test(d$value, factor(d$group))
  found <- list(h = unname(k$statistic), df = unname(k$parameter), h_p = k$p.value)
  if (length(unique(d$group)) > 2) return(found)
  x <- d$value[d$group == 0]
  y <- d$value[d$group == 1]
  default <- suppressWarnings(wilcox.test(x, y))
  normal <- wilcox.test(x, y, exact = FALSE, correct = TRUE)
  c(found, list(w = unname(default$statistic), default_p = default$p.value,
                exact = length(x) < 50 && length(y) < 50 && !anyDuplicated(d$value),
                normal_p = normal$p.value))
}

# Austin 2009 and the paper of Yang and Dalton, written out; Mahalanobis' distance by mahalanobis().
of_differences <- function(d) {
  if (length(unique(d$group)) > 2) return(NULL)
  x <- d$value[d$group == 0]
  y <- d$value[d$group == 1]
  list(estimate = abs(mean(x) - mean(y)) / sqrt((var(x) + var(y)) / 2))
}
tables <- list(two = list(c(30, 11), c(11, 16)), three = list(c(10, 20), c(20, 15), c(20, 15)),
               five = list(c(3, 9), c(12, 7), c(8, 8), c(1, 4), c(30, 11)),
               alike = list(c(10, 20), c(5, 10)))
of_categories <- function(table) {
  counts <- do.call(rbind, table)
  n <- colSums(counts)
  share <- sweep(counts, 2, n, "/")[-1, , drop = FALSE]
  covariance <- function(p) diag(p, length(p)) - p %*% t(p)
  s <- (covariance(share[, 1]) + covariance(share[, 2])) / 2
  d <- sqrt(mahalanobis(share[, 1], share[, 2], s))
  error <- sqrt(sum(n) / prod(n) + d^2 / (2 * sum(n)))
  list(table = counts, estimate = d, std_error = error,
       limits = d + c(-1, 1) * qnorm(0.975) * error)
}

# Tables larger than two by two, by the exact test and by Pearson's
exact <- list(
  list(c(8, 33), c(2, 25)), list(c(3, 1, 5), c(0, 4, 2)), list(c(12, 3, 0, 1), c(7, 6, 2, 4)),
  list(c(2, 1), c(5, 0), c(3, 4), c(0, 2)), list(c(4, 1, 2), c(1, 3, 3), c(0, 5, 1)),
  list(c(20, 3, 1), c(14, 8, 2), c(9, 7, 6)))
of_tables <- function(table) {
  counts <- do.call(rbind, table)
  pearson <- suppressWarnings(chisq.test(counts, correct = FALSE))
  list(table = counts, fisher = fisher.test(counts, workspace = 2e7)$p.value,
       pearson = pearson$p.value, statistic = unname(pearson$statistic))
}

cat(toJSON(list(
  versions = list(R = as.character(getRversion()), jsonlite = as.character(packageVersion("jsonlite"))),
  data = data,
  means = lapply(data, of_means),
  ranks = lapply(data, of_ranks),
  differences = Filter(Negate(is.null), lapply(data, of_differences)),
  categories = lapply(tables, of_categories),
  tables = lapply(exact, of_tables)
), auto_unbox = TRUE, digits = I(15), pretty = TRUE), "\n")
