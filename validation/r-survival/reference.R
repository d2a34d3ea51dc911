# Reference answers of R for hepatica.stats, on constructed data written beside them.
# Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

CONF_TYPES <- c("log-log" = "log-log", log = "log", plain = "plain", logit = "logit",
                arcsine = "arcsin")
CONF_LEVELS <- c(0.95, 0.9)

subjects <- function(time, event) {
  n <- length(time)
  set.seed(7 + n)
  group <- rep_len(0:2, n)[sample.int(n)]
  list(time = time, event = event, group = group, pair = as.integer(group > 0),
       stratum = sample(1:2, n, replace = TRUE), x1 = round(rnorm(n), 3),
       x2 = sample(0:3, n, replace = TRUE))
}

random <- function(seed, n, longest, share, decimals = 0) {
  set.seed(seed)
  subjects(round(runif(n, 1, longest), decimals), rbinom(n, 1, share))
}

data <- list(
  ties = random(1, 60, 15, 0.6),
  days = random(2, 120, 900, 0.7),
  heavy_censoring = random(3, 80, 200, 0.15),
  months = random(4, 50, 40, 0.6, 2),
  continuous = random(5, 70, 10, 0.65, 9),
  all_events = random(6, 30, 25, 1),
  no_events = random(7, 20, 30, 0),
  one_event = subjects(c(3, 5, 5, 8, 9, 12), c(0, 0, 1, 0, 0, 0)),
  time_zero = subjects(c(0, 0, 0, 1, 2, 2, 3, 5, 5, 7), c(1, 0, 0, 1, 1, 0, 0, 1, 1, 0)),
  flat_then_event = subjects(c(1, 2, 3, 4), c(1, 1, 1, 1)),
  flat_then_censored = subjects(c(1, 2, 3, 4), c(1, 1, 0, 0)),
  flat_then_both = subjects(c(2, 4, 6, 8, 9, 11, 13, 14), c(1, 1, 1, 1, 0, 0, 1, 0)),
  last_is_event = subjects(c(1, 3, 3, 6, 8, 8), c(0, 1, 0, 1, 0, 1))
)

curve <- function(d, conf_type, conf_level) {
  fit <- survfit(Surv(time, event) ~ 1, data = d, conf.type = CONF_TYPES[[conf_type]],
                 conf.int = conf_level)
  whole <- summary(fit, censored = TRUE)
  printed <- unname(summary(fit)$table[c(7, 8, 9)])
  asked <- c(0, 0.5, 2, 5.25, 12, 100, 5000)
  read <- summary(fit, times = asked, extend = FALSE)
  list(conf_type = conf_type, conf_level = conf_level, time = fit$time, at_risk = fit$n.risk,
       events = fit$n.event, censored = fit$n.censor, survival = fit$surv,
       std_error = whole$std.err, lower = fit$lower, upper = fit$upper, median = printed,
       asked = asked,
       at = list(time = read$time, survival = read$surv, std_error = read$std.err,
                 lower = read$lower, upper = read$upper, at_risk = read$n.risk))
}

follow_up <- function(d) {
  fit <- survfit(Surv(time, 1 - event) ~ 1, data = d, conf.type = "log-log")
  unname(summary(fit)$table[c(7, 8, 9)])
}

log_rank <- function(d, formula) {
  fit <- survdiff(formula, data = d)
  per_group <- function(x) if (is.matrix(x)) rowSums(x) else x
  list(statistic = fit$chisq, df = sum(per_group(fit$exp) > 0) - 1, p_value = fit$pvalue,
       observed = unname(per_group(fit$obs)), expected = unname(per_group(fit$exp)),
       variance = unname(fit$var))
}

hazards <- function(d, formula, ties) {
  fit <- coxph(formula, data = d, ties = ties,
               control = coxph.control(eps = 1e-13, iter.max = 50, toler.chol = 1e-14))
  s <- summary(fit)
  list(ties = ties, coef = unname(coef(fit)), vcov = unname(vcov(fit)),
       limits = unname(s$conf.int[, 3:4, drop = FALSE]), z = unname(s$coefficients[, "z"]),
       p_value = unname(s$coefficients[, "Pr(>|z|)"]), loglik = fit$loglik,
       score = unname(s$sctest), wald = c(fit$wald.test, unname(s$waldtest[2:3])),
       lr = unname(s$logtest))
}

LOG_RANK <- c(pair = "Surv(time, event) ~ pair", group = "Surv(time, event) ~ group",
              pair_strata = "Surv(time, event) ~ pair + strata(stratum)",
              group_strata = "Surv(time, event) ~ group + strata(stratum)")
COX <- c(pair = "Surv(time, event) ~ pair", x1 = "Surv(time, event) ~ x1",
         three = "Surv(time, event) ~ pair + x1 + x2",
         three_strata = "Surv(time, event) ~ pair + x1 + x2 + strata(stratum)")
MODELLED <- c("ties", "days", "heavy_censoring", "months", "continuous", "all_events")

survival_case <- function(name) {
  d <- data[[name]]
  grid <- expand.grid(conf_type = names(CONF_TYPES), conf_level = CONF_LEVELS,
                      stringsAsFactors = FALSE)
  case <- list(name = name, data = d, follow_up = follow_up(d),
               curves = Map(function(a, b) curve(d, a, b), grid$conf_type, grid$conf_level),
               logrank = list(), cox = list())
  names(case$curves) <- NULL
  if (name %in% MODELLED) {
    case$logrank <- lapply(LOG_RANK, function(f) log_rank(d, as.formula(f)))
    case$cox <- lapply(COX, function(f) lapply(c("efron", "breslow"), function(ties)
      hazards(d, as.formula(f), ties)))
  }
  case
}

proportion <- function(x, n, conf_level) {
  z <- qnorm(0.5 + conf_level / 2)
  tail <- (1 - conf_level) / 2
  share <- (x + z^2 / 2) / (n + z^2)
  list(x = x, n = n, conf_level = conf_level,
       clopper_pearson = as.numeric(binom.test(x, n, conf.level = conf_level)$conf.int),
       wilson = as.numeric(suppressWarnings(
         prop.test(x, n, conf.level = conf_level, correct = FALSE))$conf.int),
       jeffreys = c(if (x == 0) 0 else qbeta(tail, x + 0.5, n - x + 0.5),
                    if (x == n) 1 else qbeta(1 - tail, x + 0.5, n - x + 0.5)),
       agresti_coull = pmin(pmax(share + c(-1, 1) * z * sqrt(share * (1 - share) / (n + z^2)),
                                 0), 1),
       tests = lapply(c(0.1, 0.5, 0.65), function(p) list(
         null = p, two = binom.test(x, n, p)$p.value,
         one = binom.test(x, n, p, alternative = "greater")$p.value)))
}
counts <- rbind(c(0, 24), c(24, 24), c(1, 24), c(12, 24), c(3, 10), c(0, 1), c(1, 1), c(8, 41),
                c(30, 41), c(21, 26), c(150, 1000), c(999, 1000))
proportions <- unlist(lapply(c(0.95, 0.8), function(level) lapply(seq_len(nrow(counts)),
  function(i) proportion(counts[i, 1], counts[i, 2], level))), recursive = FALSE)

tables <- list(
  rbind(c(8, 33), c(2, 25)), rbind(c(30, 11), c(12, 15)), rbind(c(12, 29), c(4, 23)),
  rbind(c(12, 18), c(5, 25)), rbind(c(3, 0), c(0, 3)), rbind(c(5, 5), c(5, 5)),
  rbind(c(0, 10), c(9, 1)), rbind(c(300, 280), c(250, 333)),
  rbind(c(5, 3, 1, 0, 2), c(2, 4, 6, 1, 0)), rbind(c(3, 1, 2), c(0, 5, 4), c(6, 1, 1)),
  rbind(c(10, 20, 5), c(30, 3, 15), c(12, 8, 2), c(1, 9, 9)),
  rbind(c(2, 60, 20), c(7, 13, 4), c(3, 28, 9)), rbind(c(4, 2), c(3, 9), c(0, 5), c(1, 1)))
contingency <- lapply(tables, function(m) {
  pearson <- suppressWarnings(chisq.test(m, correct = FALSE))
  list(table = m, statistic = unname(pearson$statistic), df = unname(pearson$parameter),
       pearson = pearson$p.value, smallest_expected = min(pearson$expected),
       fisher = fisher.test(m, workspace = 2e7)$p.value)
})

samples <- list(c(1:9, 20), 5, c(1, 2), c(3.5, -1, 8, 8, 2.25), {
  set.seed(11)
  round(rnorm(37, 50, 12), 1)
})
quantiles <- lapply(samples, function(v) {
  p <- c(0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1)
  read <- function(type) unname(quantile(v, p, type = type))
  list(values = v, p = p, average = read(2), linear = read(7), weibull = read(6))
})

cat(toJSON(list(
  versions = list(R = R.version.string, survival = as.character(packageVersion("survival")),
                  jsonlite = as.character(packageVersion("jsonlite"))),
  call = "Rscript --vanilla reference.R",
  survival = lapply(names(data), survival_case),
  proportions = proportions, contingency = contingency, quantiles = quantiles
), digits = I(17), na = "null", auto_unbox = TRUE, matrix = "rowmajor"))
cat("\n")
