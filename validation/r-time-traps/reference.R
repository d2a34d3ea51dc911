# Reference answers of R for what is known only some time after the start: landmark analysis,
# exposures as counting process, and cloning, censoring and weighting. The data are constructed
# here and written beside the answers. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
NEWTON <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100, toler.inf = 1e-6)

patients <- function(seed, n, decimals = 0) {
  set.seed(seed)
  x1 <- round(rnorm(n), 3)
  x2 <- rbinom(n, 1, 0.4)
  death <- round(rexp(n, exp(0.4 * x1) / 200) + 1, decimals)
  leave <- round(runif(n, 100, 700), decimals)
  start <- round(rexp(n, exp(-0.4 * x1 + 0.3 * x2) / 70) + 1, decimals)
  start[runif(n) < 0.2] <- NA
  list(time = pmin(death, leave), event = as.integer(death <= leave), start = start, x1 = x1,
       x2 = x2)
}

data <- list(
  days = patients(11, 150),
  few = patients(12, 60),
  ties = local({
    d <- patients(13, 120)
    d$time <- ceiling(d$time / 30) * 30
    d$start <- ceiling(d$start / 30) * 30
    d
  }),
  continuous = patients(14, 100, 6)
)

# --- an exposure that starts during follow-up -------------------------------------------------

model <- function(fit) {
  list(coef = unname(coef(fit)), std_error = unname(sqrt(diag(vcov(fit)))),
       loglik = fit$loglik[2])
}

split_rows <- function(d) {
  base <- data.frame(id = seq_along(d$time), time = d$time, event = d$event, x1 = d$x1, x2 = d$x2)
  start <- d$start
  start[!is.na(start) & start >= d$time] <- NA
  base$start <- start
  rows <- tmerge(base, base, id = id, died = event(time, event), exposed = tdc(start))
  rows
}

counting <- function(d) {
  rows <- split_rows(d)
  rows$days <- rows$tstop - rows$tstart
  base <- data.frame(d)
  base$ever <- as.integer(!is.na(d$start) & d$start < d$time)
  lapply(c(efron = "efron", breslow = "breslow"), function(ties) list(
    alone = model(coxph(Surv(tstart, tstop, died) ~ exposed, data = rows, ties = ties,
                        control = NEWTON)),
    adjusted = model(coxph(Surv(tstart, tstop, died) ~ exposed + x1 + x2, data = rows, ties = ties,
                           control = NEWTON)),
    naive = model(coxph(Surv(time, event) ~ ever, data = base, ties = ties, control = NEWTON)),
    person_time = unname(tapply(rows$days, factor(rows$exposed, 0:1), sum)),
    events = unname(tapply(rows$died, factor(rows$exposed, 0:1), sum))
  ))
}

# --- a landmark -------------------------------------------------------------------------------

landmark <- function(d, at) {
  base <- data.frame(d)
  base$group <- as.integer(!is.na(d$start) & d$start <= at)
  kept <- base[base$time > at, ]
  kept$time <- kept$time - at
  curve <- survfit(Surv(time, event) ~ group, data = kept, conf.type = "log-log")
  test <- survdiff(Surv(time, event) ~ group, data = kept)
  list(at = at, n = as.integer(table(kept$group)),
       event_before = sum(base$time <= at & base$event == 1),
       censored_before = sum(base$time <= at & base$event == 0),
       model = model(coxph(Surv(time, event) ~ group, data = kept, control = NEWTON)),
       median = unname(summary(curve)$table[, "median"]), chisq = test$chisq)
}

# --- cloning, censoring and weighting ---------------------------------------------------------

strategies <- function(d, grace, at, percentile, covariates) {
  n <- length(d$time)
  start <- ifelse(is.na(d$start) | d$start >= d$time, Inf, d$start)
  treated <- start <= grace
  base <- data.frame(end = pmin(d$time, grace, start), treated = as.integer(treated), x1 = d$x1,
                     x2 = d$x2)
  formula <- if (covariates) Surv(end, treated) ~ x1 + x2 else Surv(end, treated) ~ 1
  fit <- coxph(formula, data = base, ties = "breslow", control = NEWTON)
  hazard <- if (covariates) basehaz(fit, centered = FALSE) else {
    curve <- survfit(Surv(end, treated) ~ 1, data = base, stype = 2, ctype = 1)
    data.frame(hazard = curve$cumhaz, time = curve$time)
  }
  risk <- if (covariates) exp(d$x1 * coef(fit)[1] + d$x2 * coef(fit)[2]) else rep(1, n)
  before <- function(t) max(0, hazard$hazard[hazard$time < t])
  total <- max(hazard$hazard[hazard$time <= grace])
  followed <- d$time > grace
  final <- list(1 / (1 - exp(-total * risk)), exp(total * risk))
  mine <- list(followed & treated, followed & !treated)
  cap <- sapply(1:2, function(s) {
    if (percentile == 100) Inf else unname(quantile(final[[s]][mine[[s]]], percentile / 100))
  })
  days <- sort(unique(d$time[d$event == 1]))
  # One row for each patient and stretch between days with an event.
  rows <- function(strategy) {
    end <- if (strategy == 1) ifelse(treated, d$time, pmin(d$time, grace)) else
      ifelse(treated, start, d$time)
    dies <- if (strategy == 1) d$event == 1 & (treated | d$time <= grace) else
      d$event == 1 & !treated
    frame <- data.frame(id = seq_len(n), end = end, dies = as.integer(dies))
    split <- survSplit(Surv(end, dies) ~ ., data = frame, cut = days, start = "begin")
    split$weight <- mapply(function(id, t) {
      w <- if (strategy == 1) {
        if (t > grace) final[[1]][id] else 1
      } else if (t > grace) final[[2]][id] else exp(before(t) * risk[id])
      if (strategy == 1 && t <= grace) w else min(w, cap[strategy])
    }, split$id, split$end)
    split
  }
  curves <- lapply(1:2, function(s) {
    split <- rows(s)
    survfit(Surv(begin, end, dies) ~ 1, data = split, weights = weight, id = id)
  })
  list(
    grace = grace, at = at, percentile = percentile, covariates = covariates,
    coef = if (covariates) unname(coef(fit)) else numeric(0),
    survival = lapply(curves, function(curve) {
      kept <- curve$n.event > 0
      list(time = curve$time[kept], survival = curve$surv[kept])
    }),
    survival_at = t(sapply(curves, function(curve) {
      summary(curve, times = at, extend = TRUE)$surv
    })),
    restricted_mean = sapply(curves, function(curve) {
      unname(summary(curve, rmean = max(at))$table["rmean"])
    }),
    effective_size = sapply(1:2, function(s) {
      w <- pmin(final[[s]][mine[[s]]], cap[s])
      sum(w)^2 / sum(w^2)
    }),
    largest_weight = sapply(1:2, function(s) max(pmin(final[[s]][mine[[s]]], cap[s])))
  )
}

cases <- lapply(data, function(d) list(
  data = d,
  counting = counting(d),
  landmark = lapply(c(30, 60), function(at) landmark(d, at)),
  strategies = unlist(lapply(c(45, 60), function(grace) {
    c(lapply(c(100, 95), function(p) strategies(d, grace, c(90, 180), p, TRUE)),
      list(strategies(d, grace, c(90, 180), 100, FALSE)))
  }), recursive = FALSE)
))

cat(toJSON(list(versions = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
                cases = cases), digits = I(15), auto_unbox = TRUE, na = "null", pretty = 1), "\n")
