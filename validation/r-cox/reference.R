# Reference answers of R's survival::coxph for hepatica.stats.survival.cox, on constructed data
# written beside them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
CONTROL <- coxph.control(eps = 1e-13, iter.max = 60, toler.chol = 1e-14, timefix = FALSE)

make <- function(seed, n, longest, decimals, share) {
  set.seed(seed)
  x1 <- round(rnorm(n), 3)
  x2 <- sample(0:3, n, replace = TRUE)
  x3 <- rbinom(n, 1, 0.4)
  time <- round(rexp(n, exp(0.5 * x1 - 0.2 * x2 + 0.4 * x3)) * longest / 3, decimals) +
    10^-decimals
  event <- rbinom(n, 1, share)
  list(time = time, event = event, entry = round(time * runif(n, 0, 0.8), decimals) - 10^-decimals,
       x1 = x1, x2 = x2, x3 = x3, stratum = sample(1:3, n, replace = TRUE),
       weight = round(runif(n, 0.2, 3), 2), zero = sample(0:2, n, replace = TRUE),
       offset = round(rnorm(n, 0, 0.4), 3), cluster = sample(1:(n %/% 3), n, replace = TRUE))
}
data <- list(
  ties = make(1, 80, 12, 0, 0.7),
  days = make(2, 150, 900, 0, 0.6),
  months = make(3, 90, 30, 2, 0.6),
  continuous = make(4, 100, 10, 9, 0.65),
  heavy_censoring = make(5, 120, 200, 0, 0.2),
  all_events = make(6, 60, 25, 0, 1)
)
OPTIONS <- list(
  plain = character(), strata = "strata", weights = "weights", zero = "zero", entry = "entry",
  offset = "offset", cluster = "cluster", strata_entry = c("strata", "entry"),
  strata_weights = c("strata", "weights"), entry_weights = c("entry", "weights"),
  cluster_weights = c("cluster", "weights"), cluster_strata = c("cluster", "strata"),
  cluster_entry = c("cluster", "entry"),
  all = c("strata", "weights", "entry", "offset", "cluster")
)
fit <- function(d, on, ties) {
  d <- as.data.frame(d)
  left <- if ("entry" %in% on) "Surv(entry, time, event)" else "Surv(time, event)"
  right <- c("x1", "x2", "x3", if ("strata" %in% on) "strata(stratum)",
             if ("offset" %in% on) "offset(offset)")
  d$w <- if ("weights" %in% on) d$weight else if ("zero" %in% on) d$zero else 1
  d <- d[d$w > 0, ]
  robust <- "cluster" %in% on
  formula <- as.formula(paste(left, "~", paste(right, collapse = " + ")))
  f <- if (robust) {
    coxph(formula, data = d, weights = w, ties = ties, control = CONTROL, cluster = cluster)
  } else {
    coxph(formula, data = d, weights = w, ties = ties, control = CONTROL, robust = FALSE)
  }
  list(ties = ties, coef = unname(f$coef), vcov = unname(f$var),
       naive_vcov = if (robust) unname(f$naive.var) else unname(f$var), loglik = f$loglik,
       score = f$score, wald = unname(f$wald.test),
       robust_score = if (robust) unname(f$rscore) else NA, n = f$n, n_events = f$nevent)
}
one <- function(name) {
  d <- data[[name]]
  fits <- lapply(OPTIONS, function(on) {
    # With an entry R goes through all choices of tied events one by one: only where they are few.
    few <- !"entry" %in% on || name %in% c("months", "continuous")
    ties <- c("efron", "breslow",
              if (few && !any(c("weights", "zero", "cluster") %in% on)) "exact")
    lapply(ties, function(t) fit(d, on, t))
  })
  list(name = name, data = d, fits = fits)
}
out <- list(
  versions = list(R = as.character(getRversion()),
                  survival = gsub("-", ".", as.character(packageVersion("survival")))),
  options = OPTIONS, cox = lapply(names(data), one)
)
cat(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null"), "\n")
