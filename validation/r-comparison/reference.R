# Reference answers of R for comparisons of groups, on constructed data written beside them.
# Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(metafor)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
SHARP <- coxph.control(eps = 1e-13, iter.max = 100, outer.max = 100, toler.chol = 1e-14)
TOL <- 1e-15

# --- two proportions --------------------------------------------------------------------------

tables <- list(c(8, 41, 2, 27), c(30, 41, 12, 27), c(12, 41, 4, 27), c(56, 70, 48, 80),
               c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 5, 20), c(10, 10, 0, 20),
               c(10, 10, 12, 20), c(0, 10, 0, 10), c(10, 10, 20, 20), c(1, 5, 4, 5),
               c(341, 2000, 402, 1990), c(3, 1000, 12, 1000), c(1, 2, 1, 3))

wilson <- function(x, n, level) {
  found <- suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE))$conf.int
  c(found[1], found[2])
}

newcombe <- function(x1, n1, x2, n2, level) {
  p1 <- x1 / n1; p2 <- x2 / n2
  a <- wilson(x1, n1, level); b <- wilson(x2, n2, level)
  d <- p1 - p2
  c(d - sqrt((p1 - a[1])^2 + (b[2] - p2)^2), d + sqrt((a[2] - p1)^2 + (p2 - b[1])^2))
}

root <- function(f, low, high) uniroot(f, c(low, high), tol = TOL, maxiter = 10000)$root

# Most likely second share under p1 = g(p2), from its score, which falls.
likeliest <- function(score, low, high) {
  inner <- 1e-14 * (high - low)
  if (score(low + inner) <= 0) return(low)
  if (score(high - inner) >= 0) return(high)
  root(score, low + inner, high - inner)
}

part <- function(x, p) if (x == 0) 0 else x / p

miettinen <- function(x1, n1, x2, n2, level) {
  z2 <- qchisq(level, 1); N <- n1 + n2; d <- x1 / n1 - x2 / n2
  far <- function(delta) {
    if (delta == d) return(-z2)
    score <- function(p) part(x1, p + delta) - part(n1 - x1, 1 - p - delta) + part(x2, p) -
      part(n2 - x2, 1 - p)
    p2 <- likeliest(score, max(0, -delta), min(1, 1 - delta))
    p1 <- min(1, max(0, p2 + delta))
    v <- (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * N / (N - 1)
    if (v <= 0) return(1e9)
    (d - delta)^2 / v - z2
  }
  lower <- if (d <= -1) -1 else root(far, -1 + 1e-12, d)
  upper <- if (d >= 1) 1 else root(far, d, 1 - 1e-12)
  c(lower, upper)
}

koopman <- function(x1, n1, x2, n2, level) {
  if (x1 + x2 == 0) return(c(NA, NA))
  z2 <- qchisq(level, 1)
  # Pearson's chi-square under p1 = r p2, Koopman's form of the same statistic.
  far <- function(lr) {
    r <- exp(lr)
    score <- function(p) part(x1, p) - r * part(n1 - x1, 1 - r * p) + part(x2, p) -
      part(n2 - x2, 1 - p)
    p2 <- likeliest(score, 0, min(1, 1 / r))
    p1 <- min(1, r * p2)
    term <- function(x, n, p) {
      if (abs(x - n * p) < 1e-13 * n) return(0)
      (x - n * p)^2 / (n * p * (1 - p))
    }
    found <- term(x1, n1, p1) + term(x2, n2, p2)
    if (!is.finite(found)) 1e9 else found - z2
  }
  middle <- if (x1 > 0 && x2 > 0) log(x1 * n2 / (n1 * x2)) else if (x1 > 0) 12 else -12
  lower <- if (x1 == 0) 0 else exp(root(far, middle - 15, middle))
  upper <- if (x2 == 0) NA else exp(root(far, middle, middle + 15))
  c(lower, upper)
}

exact_odds <- function(x1, n1, x2, n2, level) {
  m <- x1 + x2
  if (m == 0 || m == n1 + n2) return(c(NA, NA, NA))
  support <- max(0, m - n2):min(n1, m)
  logdc <- dhyper(support, n1, n2, m, log = TRUE)
  density <- function(lo) { d <- logdc + support * lo; d <- exp(d - max(d)); d / sum(d) }
  upper_tail <- function(lo) sum(density(lo)[support >= x1])
  lower_tail <- function(lo) sum(density(lo)[support <= x1])
  alpha <- (1 - level) / 2
  lower <- if (x1 == min(support)) 0 else exp(root(function(l) log(upper_tail(l)) - log(alpha), -30, 30))
  upper <- if (x1 == max(support)) NA else exp(root(function(l) log(lower_tail(l)) - log(alpha), -30, 30))
  estimate <- if (x1 == min(support)) 0 else if (x1 == max(support)) NA else
    exp(root(function(l) sum(density(l) * (support - x1)), -30, 30))
  c(estimate, lower, upper)
}

proportions <- lapply(tables, function(t) {
  x1 <- t[1]; n1 <- t[2]; x2 <- t[3]; n2 <- t[4]
  cells <- matrix(c(x1, n1 - x1, x2, n2 - x2), 2, byrow = TRUE)
  testable <- all(colSums(cells) > 0)
  fisher <- if (testable) fisher.test(cells) else NULL
  pearson <- if (testable) suppressWarnings(chisq.test(cells, correct = FALSE)) else NULL
  z <- qnorm(0.975)
  four <- all(cells > 0)
  katz <- if (x1 > 0 && x2 > 0) exp(log(x1 * n2 / (n1 * x2)) + c(-z, z) *
    sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)) else c(NA, NA)
  woolf <- if (four) exp(log(cells[1] * cells[4] / (cells[2] * cells[3])) + c(-z, z) *
    sqrt(sum(1 / cells))) else c(NA, NA)
  wald <- if (four) x1 / n1 - x2 / n2 + c(-z, z) *
    sqrt(x1 / n1 * (1 - x1 / n1) / n1 + x2 / n2 * (1 - x2 / n2) / n2) else c(NA, NA)
  list(counts = t,
       newcombe = newcombe(x1, n1, x2, n2, 0.95), newcombe90 = newcombe(x1, n1, x2, n2, 0.9),
       miettinen_nurminen = miettinen(x1, n1, x2, n2, 0.95),
       miettinen_nurminen90 = miettinen(x1, n1, x2, n2, 0.9),
       wald = wald, katz = katz, score = koopman(x1, n1, x2, n2, 0.95), woolf = woolf,
       exact = exact_odds(x1, n1, x2, n2, 0.95),
       fisher_test = if (testable) c(unname(fisher$estimate), fisher$conf.int[1],
                                     fisher$conf.int[2]) else c(NA, NA, NA),
       fisher_p = if (testable) fisher$p.value else NA,
       pearson = if (testable) c(unname(pearson$statistic), pearson$p.value) else c(NA, NA),
       smallest_expected = if (testable) min(pearson$expected) else NA)
})

strata <- lapply(list(
  list(x1 = c(8, 4), n1 = c(10, 10), x2 = c(4, 2), n2 = c(10, 10)),
  list(x1 = c(3, 9, 14), n1 = c(12, 20, 25), x2 = c(1, 8, 10), n2 = c(9, 22, 24)),
  list(x1 = c(0, 5, 7), n1 = c(4, 11, 9), x2 = c(2, 3, 4), n2 = c(6, 10, 12)),
  list(x1 = c(150, 90), n1 = c(400, 300), x2 = c(130, 80), n2 = c(420, 310))
), function(s) {
  cells <- array(rbind(s$x1, s$n1 - s$x1, s$x2, s$n2 - s$x2), c(2, 2, length(s$x1)))
  test <- mantelhaen.test(cells, correct = FALSE)
  rd <- rma.mh(ai = s$x1, n1i = s$n1, ci = s$x2, n2i = s$n2, measure = "RD")
  c(s, list(statistic = unname(test$statistic), p_value = test$p.value,
            odds_ratio = c(unname(test$estimate), test$conf.int[1], test$conf.int[2]),
            risk_difference = c(as.numeric(rd$beta), rd$ci.lb, rd$ci.ub)))
})

# --- survival ---------------------------------------------------------------------------------

cohort <- function(seed, n, centres, variance, groups = 2, days = 300, effect = 0.5) {
  set.seed(seed)
  centre <- sample(seq_len(centres), n, replace = TRUE)
  frailty <- if (variance > 0) rgamma(centres, 1 / variance, 1 / variance) else rep(1, centres)
  group <- rep_len(seq_len(groups) - 1, n)[sample.int(n)]
  level <- sample(0:2, n, replace = TRUE)
  rate <- frailty[centre] * exp(effect * (group > 0) + 0.3 * (level == 2) * group) / days
  time <- ceiling(rexp(n, rate)); cut <- ceiling(runif(n, 0.2 * days, 3 * days))
  data.frame(time = pmin(time, cut), event = as.integer(time <= cut), group = group,
             centre = centre, level = level, age = round(rnorm(n, 60, 9)))
}

cohorts <- list(
  several = cohort(11, 150, 12, 0.6),
  ties = cohort(12, 120, 8, 0.8, days = 12),
  three_groups = cohort(13, 180, 10, 0.5, groups = 3),
  none = cohort(14, 90, 6, 0),
  strong = cohort(15, 200, 25, 1.5, days = 80),
  many = cohort(16, 300, 60, 0.4)
)

frailty_at <- function(d, ties, theta) {
  fit <- coxph(Surv(time, event) ~ factor(group) + age +
                 frailty(centre, theta = theta, sparse = FALSE),
               data = d, ties = ties, control = SHARP)
  p <- sum(!grepl("^gamma:", names(fit$coefficients)))
  list(theta = theta, coef = unname(fit$coefficients[1:p]),
       std_error = unname(sqrt(diag(fit$var))[1:p]),
       log_frailty = unname(fit$coefficients[-(1:p)]),
       loglik = fit$history[[1]]$c.loglik, loglik_without = fit$loglik[1])
}

frailty_best <- function(d, ties) {
  fit <- coxph(Surv(time, event) ~ factor(group) + age +
                 frailty(centre, sparse = FALSE, eps = 1e-10),
               data = d, ties = ties, control = SHARP)
  p <- sum(!grepl("^gamma:", names(fit$coefficients)))
  list(theta = fit$history[[1]]$theta, coef = unname(fit$coefficients[1:p]),
       loglik = fit$history[[1]]$c.loglik)
}

survival_answers <- lapply(cohorts, function(d) {
  y <- Surv(d$time, d$event)
  tau <- unname(floor(0.8 * min(tapply(d$time, d$group, max))))
  means <- summary(survfit(y ~ group, data = d), rmean = tau)$table
  test <- function(rho, by_stratum) {
    found <- if (by_stratum) survdiff(y ~ group + strata(level), data = d, rho = rho) else
      survdiff(y ~ group, data = d, rho = rho)
    found$chisq
  }
  residuals <- function(by_stratum) {
    fit <- if (by_stratum) coxph(y ~ factor(group) + strata(level), data = d, control = SHARP) else
      coxph(y ~ factor(group), data = d, control = SHARP)
    z <- cox.zph(fit, transform = "km", terms = FALSE)
    list(table = unname(z$table[, 1:3]))
  }
  smaller <- coxph(y ~ factor(group) + factor(level), data = d, control = SHARP)
  larger <- coxph(y ~ factor(group) * factor(level), data = d, control = SHARP)
  compared <- anova(smaller, larger)
  clustered <- coxph(y ~ factor(group), data = d, cluster = centre, control = SHARP)
  within <- lapply(0:2, function(l) {
    own <- d[d$level == l, ]
    fit <- coxph(Surv(time, event) ~ factor(group), data = own, control = SHARP)
    list(n = as.integer(table(own$group)), events = as.integer(tapply(own$event, own$group, sum)),
         coef = unname(coef(fit)), std_error = unname(sqrt(diag(fit$var))))
  })
  list(data = as.list(d), tau = tau,
       restricted_mean = unname(means[, "rmean"]),
       restricted_mean_std_error = unname(means[, "se(rmean)"]),
       rho_1 = test(1, FALSE), rho_1_strata = test(1, TRUE), rho_half = test(0.5, FALSE),
       zph = residuals(FALSE), zph_strata = residuals(TRUE),
       interaction = c(compared$Chisq[2], compared$Df[2], compared[["Pr(>|Chi|)"]][2]),
       cluster = list(coef = unname(coef(clustered)),
                      std_error = unname(sqrt(diag(clustered$var)))),
       within = within,
       frailty = list(efron = lapply(c(0.1, 0.5, 1.5), function(t) frailty_at(d, "efron", t)),
                      breslow = lapply(c(0.1, 0.5, 1.5), function(t) frailty_at(d, "breslow", t))),
       frailty_best = list(efron = frailty_best(d, "efron"),
                           breslow = frailty_best(d, "breslow")))
})

cat(toJSON(list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  survival = as.character(packageVersion("survival")),
                  metafor = as.character(packageVersion("metafor")),
                  jsonlite = as.character(packageVersion("jsonlite"))),
  proportions = proportions, strata = strata, survival = survival_answers
), digits = 15, auto_unbox = TRUE, na = "null", pretty = 1))
