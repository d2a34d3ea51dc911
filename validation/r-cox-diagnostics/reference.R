# Reference answers of R for diagnostics, predictions and discrimination of proportional hazards
# models, on constructed data written beside them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(riskRegression)
  library(pec)
  library(prodlim)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
CONTROL <- coxph.control(eps = 1e-13, iter.max = 50, toler.chol = 1e-14)

subjects <- function(seed, n, draw, share) {
  set.seed(seed)
  x1 <- round(rnorm(n), 3)
  time <- draw(n)
  list(time = time, event = rbinom(n, 1, share), x1 = x1, x2 = sample(0:3, n, replace = TRUE),
       stratum = sample(1:2, n, replace = TRUE), weight = round(runif(n, 0.5, 3), 2),
       entry = pmax(0, round(time * runif(n, -0.5, 0.8), 1) - 0.05),
       cluster = rep_len(1:(n %/% 3), n), offset = round(rnorm(n) / 4, 2),
       risk = round(plogis(x1 * 0.8 + rnorm(n) / 2), 2))
}

data <- list(
  ties = subjects(1, 60, function(n) round(runif(n, 1, 15)), 0.6),
  continuous = subjects(2, 50, function(n) round(rexp(n, 0.15) + 0.1, 6), 0.65),
  heavy_censoring = subjects(3, 80, function(n) round(runif(n, 1, 200)), 0.25)
)

MODELS <- list(
  plain = list(formula = Surv(time, event) ~ x1 + x2, weighted = FALSE, cluster = FALSE),
  strata = list(formula = Surv(time, event) ~ x1 + x2 + strata(stratum), weighted = FALSE,
                cluster = FALSE),
  full = list(formula = Surv(entry, time, event) ~ x1 + x2 + strata(stratum) + offset(offset),
              weighted = TRUE, cluster = FALSE),
  cluster = list(formula = Surv(time, event) ~ x1 + x2, weighted = TRUE, cluster = TRUE)
)
RESIDUALS <- c("martingale", "deviance", "score", "schoenfeld", "scaledsch", "dfbeta", "dfbetas")
TRANSFORMS <- c("km", "rank", "identity", "log")
ROWS <- data.frame(x1 = c(0, 0.5, -1.2, 0), x2 = c(0, 1, 3, 2), stratum = c(1, 1, 2, 2),
                   offset = c(0, 0.1, -0.2, 0))

fit_model <- function(d, model, ties) {
  arguments <- list(formula = model$formula, data = as.data.frame(d), ties = ties,
                    control = CONTROL, robust = model$cluster)
  if (model$weighted) arguments$weights <- quote(weight)
  if (model$cluster) arguments$cluster <- quote(cluster)
  do.call(coxph, arguments)
}

proportionality <- function(fit, transform) {
  z <- cox.zph(fit, transform = transform)
  list(table = unname(z$table), x = unname(z$x))
}

curves <- function(fit, asked) {
  lapply(seq_len(nrow(ROWS)), function(i) {
    read <- function(type) summary(survfit(fit, newdata = ROWS[i, ], conf.type = type),
                                   times = asked, extend = TRUE)
    first <- read("log")
    limits <- lapply(c("log", "log-log", "plain"), function(type) {
      s <- read(type)
      list(lower = s$lower, upper = s$upper)
    })
    list(survival = first$surv, std_error = first$std.err, cumulative = first$cumhaz,
         limits = setNames(limits, c("log", "log-log", "plain")))
  })
}

baseline <- function(fit) {
  one <- function(s) {
    b <- survfit(fit, newdata = data.frame(x1 = 0, x2 = 0, stratum = s, offset = 0))
    keep <- b$n.event > 0
    list(time = b$time[keep], at_risk = b$n.risk[keep], events = b$n.event[keep],
         cumulative = b$cumhaz[keep], std_error = b$std.err[keep])
  }
  if (any(grepl("strata", names(attr(fit$terms, "specials")))) &&
      !is.null(attr(fit$terms, "specials")$strata)) lapply(1:2, one) else list(one(1))
}

diagnostics <- function(d, name, ties) {
  model <- MODELS[[name]]
  fit <- fit_model(d, model, ties)
  asked <- as.numeric(quantile(d$time, c(0.1, 0.35, 0.5, 0.8)))
  lp <- predict(fit, ROWS, type = "lp", se.fit = TRUE, reference = "zero")
  follow <- cbind(ROWS, entry = 0, time = asked, event = 1)
  expected <- predict(fit, follow, type = "expected", se.fit = TRUE)
  k <- concordance(fit)
  list(model = name, ties = ties, coef = unname(coef(fit)), vcov = unname(vcov(fit)),
       residuals = setNames(lapply(RESIDUALS, function(t) unname(residuals(fit, type = t))),
                            RESIDUALS),
       proportionality = setNames(lapply(TRANSFORMS, function(t) proportionality(fit, t)),
                                  TRANSFORMS),
       asked = asked, curves = curves(fit, asked), baseline = baseline(fit),
       lp = unname(lp$fit), lp_std_error = unname(lp$se.fit),
       expected = unname(expected$fit), expected_std_error = unname(expected$se.fit),
       concordance = c(unname(k$concordance), k$var))
}

# Profile limits by root finding on fits with the coefficient held as an offset.
profile_limit <- function(d, ties, column) {
  d <- as.data.frame(d)
  fit <- coxph(Surv(time, event) ~ x1 + x2, d, ties = ties, control = CONTROL)
  other <- setdiff(c("x1", "x2"), column)
  drop <- function(b) {
    d$held <- b * d[[column]]
    f <- as.formula(paste("Surv(time, event) ~", other, "+ offset(held)"))
    2 * (fit$loglik[2] - coxph(f, d, ties = ties, control = CONTROL)$loglik[2]) - qchisq(0.95, 1)
  }
  b <- coef(fit)[[column]]
  s <- sqrt(vcov(fit)[column, column])
  c(uniroot(drop, c(b - 6 * s, b), tol = 1e-13)$root,
    uniroot(drop, c(b, b + 6 * s), tol = 1e-13)$root)
}

subset_tests <- function(d, ties) {
  d <- as.data.frame(d)
  full <- coxph(Surv(time, event) ~ x1 + x2, d, ties = ties, control = CONTROL)
  less <- coxph(Surv(time, event) ~ x1, d, ties = ties, control = CONTROL)
  # R's score test is that of the starting values.
  at_less <- coxph(Surv(time, event) ~ x1 + x2, d, ties = ties, init = c(coef(less), 0),
                   control = coxph.control(iter.max = 0))
  list(likelihood_ratio = 2 * (full$loglik[2] - less$loglik[2]), score = at_less$score,
       wald = unname(coef(full)["x2"]^2 / vcov(full)["x2", "x2"]))
}

profiles <- function(d) {
  kinds <- c("efron", "breslow", "exact")
  setNames(lapply(kinds, function(ties) list(
    limits = rbind(profile_limit(d, ties, "x1"), profile_limit(d, ties, "x2")),
    tests = subset_tests(d, ties))), kinds)
}

agreement <- function(d) {
  d <- as.data.frame(d)
  late <- as.numeric(quantile(d$time, 0.7))
  one <- function(...) {
    k <- do.call(concordance, list(..., data = d, reverse = TRUE))
    counts <- if (is.matrix(k$count)) colSums(k$count) else k$count
    list(c = unname(k$concordance), variance = unname(k$var), counts = unname(counts))
  }
  y <- Surv(d$time, d$event)
  list(tau = late,
    continuous = one(Surv(time, event) ~ x1),
    tied = one(Surv(time, event) ~ x2),
    weighted = one(Surv(time, event) ~ x2, weights = d$weight),
    strata = one(Surv(time, event) ~ x2 + strata(stratum), weights = d$weight),
    entry = one(Surv(entry, time, event) ~ x2 + strata(stratum), weights = d$weight),
    truncated = one(Surv(time, event) ~ x2, ymax = late),
    uno = one(Surv(time, event) ~ x2, timewt = "n/G2"),
    uno_truncated = one(Surv(time, event) ~ x1, timewt = "n/G2", ymax = late),
    uno_strata = one(Surv(time, event) ~ x2 + strata(stratum), timewt = "n/G2",
                     weights = d$weight))
}

score <- function(d) {
  d <- as.data.frame(d)
  times <- as.numeric(quantile(d$time, c(0.3, 0.6)))
  x <- Score(list(m = cbind(d$risk, sqrt(d$risk))), formula = Surv(time, event) ~ 1, data = d,
             times = times, metrics = c("auc", "brier"), se.fit = TRUE, conf.int = TRUE,
             null.model = TRUE, contrasts = FALSE, cens.model = "km")
  auc <- x$AUC$score[x$AUC$score$model == "m", ]
  brier <- x$Brier$score[x$Brier$score$model == "m", ]
  null <- x$Brier$score[x$Brier$score$model == "Null model", ]
  list(times = times, auc = auc$AUC, auc_std_error = auc$se, auc_lower = auc$lower,
       auc_upper = auc$upper, brier = brier$Brier, brier_std_error = brier$se,
       brier_lower = brier$lower, brier_upper = brier$upper, reference = null$Brier)
}

integrated <- function(d) {
  d <- as.data.frame(d)
  fit <- coxph(Surv(time, event) ~ x1, d, x = TRUE)
  end <- as.numeric(quantile(d$time, 0.7))
  p <- pec(list(fit = fit), formula = Surv(time, event) ~ 1, data = d, cens.model = "marginal",
           exact = TRUE, start = NULL, verbose = FALSE, reference = FALSE)
  keep <- p$time <= end
  list(end = end, time = p$time[keep], error = p$AppErr$fit[keep],
       survival = predictSurvProb(fit, newdata = d, times = p$time[keep]),
       integrated = as.numeric(unclass(ibs(p, times = end))[1]))
}

calibrated <- function(d) {
  d <- as.data.frame(d)
  at <- as.numeric(quantile(d$time, 0.5))
  d$survival <- 1 - pmin(pmax(d$risk, 0.02), 0.98)
  slope <- coxph(Surv(time, event) ~ log(-log(survival)), d, control = CONTROL)
  d$expected <- -log(d$survival) * d$time / at
  large <- glm(event ~ 1 + offset(log(expected)), poisson, d, epsilon = 1e-14)
  thresholds <- c(0.2, 0.4, 0.5, 0.65)
  above <- function(t) {
    own <- d[d$risk >= t, ]
    s <- summary(survfit(Surv(time, event) ~ 1, own), times = at)$surv
    c((1 - s) * nrow(own) / nrow(d), s * nrow(own) / nrow(d))
  }
  list(at = at, slope = c(unname(coef(slope)), sqrt(vcov(slope)[1, 1])),
       large = c(unname(coef(large)), sqrt(vcov(large)[1, 1])), thresholds = thresholds,
       positives = t(sapply(thresholds, above)))
}

one_set <- function(name) {
  d <- data[[name]]
  grid <- expand.grid(model = names(MODELS), ties = c("efron", "breslow"),
                      stringsAsFactors = FALSE)
  fits <- Map(function(m, t) diagnostics(d, m, t), grid$model, grid$ties)
  names(fits) <- NULL
  list(name = name, data = d, fits = fits, profiles = profiles(d), agreement = agreement(d),
       score = score(d), integrated = integrated(d), calibrated = calibrated(d))
}

version <- function(name) as.character(packageVersion(name))
cat(toJSON(list(
  versions = list(R = R.version.string, survival = version("survival"),
                  riskRegression = version("riskRegression"), pec = version("pec"),
                  prodlim = version("prodlim"), jsonlite = version("jsonlite")),
  call = "Rscript --vanilla reference.R", rows = as.list(ROWS), sets = lapply(names(data), one_set)
), digits = I(15), na = "null", auto_unbox = TRUE, matrix = "rowmajor"))
cat("\n")
