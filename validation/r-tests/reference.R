# Reference answers of R for the tests of survival, on constructed data written beside them.
# Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(coin)
  library(exactRankTests)
  library(survMisc)
  library(mvtnorm)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

random <- function(seed, n, longest, share, decimals, groups) {
  set.seed(seed)
  time <- round(runif(n, 1, longest), decimals)
  list(time = time, event = rbinom(n, 1, share),
       group = rep_len(seq_len(groups) - 1L, n)[sample.int(n)],
       stratum = sample(1:3, n, replace = TRUE), entry = floor(time * runif(n) * 0.6))
}
data <- list(
  ties = random(1, 60, 15, 0.6, 0, 2),
  days = random(2, 120, 900, 0.7, 0, 3),
  heavy_censoring = random(3, 80, 200, 0.2, 0, 2),
  months = random(4, 50, 40, 0.6, 2, 2),
  continuous = random(5, 70, 10, 0.65, 9, 4),
  all_events = random(6, 40, 25, 1, 0, 2),
  small = random(7, 14, 12, 0.8, 0, 2),
  smallest = random(8, 9, 30, 0.7, 1, 2)
)

# survdiff: Fleming-Harrington with gamma 0
by_survdiff <- function(d) {
  one <- function(rho, strata) {
    formula <- if (strata) Surv(time, event) ~ group + strata(stratum) else
      Surv(time, event) ~ group
    fit <- survdiff(formula, data = d, rho = rho)
    sums <- function(x) if (is.matrix(x)) rowSums(x) else x
    list(rho = rho, strata = strata, statistic = fit$chisq, p_value = fit$pvalue,
         observed = unname(sums(fit$obs)), expected = unname(sums(fit$exp)),
         variance = unname(fit$var))
  }
  Map(one, rep(c(0, 1, 0.5), each = 2), rep(c(FALSE, TRUE), 3))
}

# The score test of Breslow's likelihood with delayed entry, where no two events are tied
by_coxph <- function(d) {
  d$time <- d$time + seq_along(d$time) / 1000
  fit <- coxph(Surv(entry, time, event) ~ factor(group), data = d, ties = "breslow")
  strata <- coxph(Surv(entry, time, event) ~ factor(group) + strata(stratum), data = d,
                  ties = "breslow")
  list(time = d$time, score = fit$score, score_strata = strata$score)
}

# survMisc: all weights. With two groups its variance counts tied events of the two groups as if
# they were not tied, so that its weights are put into the hypergeometric variance here.
by_survmisc <- function(d) {
  made <- ten(Surv(time, event) ~ group, data = as.data.frame(d[c("time", "event", "group")]))
  invisible(capture.output(comp(made, p = c(1, 0, 1, 0.5), q = c(0, 1, 1, 2))))
  tests <- attr(made, "lrt")
  if (length(unique(d$group)) > 2) {
    trend <- attr(made, "tft")$tft
    return(list(weight = tests$W, statistic = tests$chiSq, trend = trend$Z,
                as_printed = tests$chiSq))
  }
  weights <- as.data.frame(attr(made, "lrw"))
  v <- sapply(weights$t, function(t) {
    n <- sum(d$time >= t)
    n1 <- sum(d$time >= t & d$group == 1)
    k <- sum(d$time == t & d$event == 1)
    if (n > 1) k * (n - k) / (n - 1) * n1 * (n - n1) / n^2 else 0
  })
  variance <- colSums(as.matrix(weights[tests$W])^2 * v)
  z <- unname(tests$Q / sqrt(variance))
  list(weight = tests$W, statistic = z^2, trend = z, as_printed = tests$chiSq)
}

# coin: asymptotic and exact distribution of the linear statistic, all ways with ties
COIN <- list(
  list(name = "logrank", type = "logrank"),
  list(name = "gehan", type = "Gehan-Breslow"),
  list(name = "tarone-ware", type = "Tarone-Ware"),
  list(name = "peto-peto", type = "Prentice-Marek"),
  list(name = "fleming-harrington", type = "Fleming-Harrington", rho = 1, gamma = 0.5))
by_coin <- function(d, exact) {
  frame <- data.frame(time = d$time, event = d$event, group = factor(d$group))
  one <- function(w) {
    call <- list(Surv(time, event) ~ group, data = frame, type = w$type, rho = w$rho,
                 gamma = w$gamma)
    plain <- do.call(logrank_test, call)
    answer <- list(weight = w$name, statistic = unname(statistic(plain)),
                   p_asymptotic = unname(pvalue(plain)))
    if (exact) {
      p <- function(side) unname(pvalue(do.call(logrank_test,
        c(call, list(distribution = "exact", alternative = side)))))
      # Scores of coin have the other sign: few events are large sums.
      answer <- c(answer, list(two = p("two.sided"), less = p("less"), greater = p("greater")))
    }
    answer
  }
  lapply(COIN, one)
}

# max-combo: statistics by survdiff's sums, written out, and joint probability by mvtnorm
moments <- function(d, choices) {
  times <- sort(unique(d$time[d$event == 1]))
  s <- c(1, cumprod(sapply(times, function(t) {
    1 - sum(d$time == t & d$event == 1) / sum(d$time >= t)
  })))[seq_along(times)]
  w <- sapply(choices, function(c) s^c[1] * (1 - s)^c[2])
  parts <- sapply(times, function(t) {
    n <- sum(d$time >= t)
    n1 <- sum(d$time >= t & d$group == 1)
    k <- sum(d$time == t & d$event == 1)
    c(sum(d$time == t & d$event == 1 & d$group == 1) - k * n1 / n,
      if (n > 1) k * (n - k) / (n - 1) * n1 * (n - n1) / n^2 else 0)
  })
  u <- as.vector(t(w) %*% parts[1, ])
  v <- t(w) %*% (w * parts[2, ])
  list(z = u / sqrt(diag(v)), correlation = cov2cor(v))
}
COMBOS <- list(
  two = list(c(0, 0), c(0, 1)),
  three = list(c(0, 0), c(0, 1), c(1, 1)),
  four = list(c(0, 0.5), c(0, 2), c(1, 0), c(1, 1)),
  singular = list(c(0, 0), c(0, 1), c(1, 0), c(1, 1)))
joint <- function(z, correlation, sides) {
  m <- length(z)
  q <- if (sides == 2) max(abs(z)) else max(-z)
  lower <- rep(if (sides == 2) -q else -Inf, m)
  singular <- min(eigen(correlation)$values) < 1e-10
  set.seed(1)
  how <- if (singular) GenzBretz(maxpts = 1e8, abseps = 2e-9, releps = 0) else Miwa(steps = 2048)
  p <- pmvnorm(lower, rep(q, m), corr = correlation, algorithm = how)
  list(sides = sides, statistic = q, p_value = 1 - as.numeric(p), singular = singular)
}
by_mvtnorm <- function(d) {
  one <- function(name) {
    fit <- moments(d, COMBOS[[name]])
    list(name = name, weights = do.call(rbind, COMBOS[[name]]), z = fit$z,
         correlation = fit$correlation,
         joint = lapply(if (name == "singular") 2 else 1:2,
                        function(s) joint(fit$z, fit$correlation, s)))
  }
  lapply(names(COMBOS), one)
}

# Boxes whose correlations are given
boxes <- local({
  r3 <- matrix(c(1, .8, .3, .8, 1, .5, .3, .5, 1), 3)
  r4 <- matrix(c(1, .85, .86, .9, .85, 1, .5, .8, .86, .5, 1, .85, .9, .8, .85, 1), 4)
  mixed <- matrix(c(1, -.4, .2, .1, -.4, 1, .3, -.2, .2, .3, 1, .6, .1, -.2, .6, 1), 4)
  r2 <- matrix(c(1, .99, .99, 1), 2)
  out <- list()
  for (r in list(r2, r3, r4, mixed)) for (q in c(0.3, 1, 2, 3.5)) for (sides in 1:2) {
    lower <- rep(if (sides == 2) -q else -Inf, nrow(r))
    p <- pmvnorm(lower, rep(q, nrow(r)), corr = r, algorithm = Miwa(steps = 2048))
    out[[length(out) + 1]] <- list(bound = q, sides = sides, correlation = r,
                                   p_value = 1 - as.numeric(p))
  }
  out
})

# One sample: Poisson test and limits, survexp-like expectation written out
one_sample <- function(d) {
  one <- function(shape, scale) {
    expected <- sum((d$time / scale)^shape)
    observed <- sum(d$event)
    p <- function(side) poisson.test(observed, r = expected, alternative = side)$p.value
    list(shape = shape, scale = scale, expected = expected, two = p("two.sided"), less = p("less"),
         limits = as.vector(poisson.test(observed, T = expected)$conf.int))
  }
  center <- stats::median(d$time)
  Map(one, c(1, 1, 0.7, 1.6), center * c(0.8, 2.5, 1.2, 1.2))
}

# Two groups at a time: on each scale by survfit
SCALES <- list(
  "log-log" = list(function(s) -log(-log(s)), function(s) -1 / (s * log(s))),
  log = list(log, function(s) 1 / s), plain = list(identity, function(s) 1),
  logit = list(qlogis, function(s) 1 / (s * (1 - s))),
  arcsine = list(function(s) asin(sqrt(s)), function(s) 0.5 / sqrt(s * (1 - s))))
milestones <- function(d) {
  fit <- summary(survfit(Surv(time, event) ~ group, data = d),
                 times = quantile(d$time, 0.4, names = FALSE), extend = TRUE)
  one <- function(name) {
    g <- SCALES[[name]]
    gap <- g[[1]](fit$surv[2]) - g[[1]](fit$surv[1])
    z <- gap / sqrt(sum((g[[2]](fit$surv[1:2]) * fit$std.err[1:2])^2))
    list(scale = name, difference = gap, statistic = z, p_value = 2 * pnorm(-abs(z)))
  }
  list(time = fit$time[1], tests = lapply(names(SCALES), one))
}

# Medians: the rule of the source written out with survfit
medians <- function(d) {
  fit <- survfit(Surv(time, event) ~ group, data = d)
  times <- sort(unique(d$time))
  groups <- sort(unique(d$group))
  read <- function(what) sapply(seq_along(groups), function(i) {
    part <- survfit(Surv(time, event) ~ 1, data = as.data.frame(d[1:3])[d$group == groups[i], ])
    summary(part, times = times, extend = TRUE)[[what]]
  })
  survival <- read("surv")
  error <- read("std.err")
  share <- as.vector(table(d$group)) / length(d$time)
  pooled <- as.vector(survival %*% share)
  at <- which(pooled <= 0.5 + 1e-9)[1]
  contrast <- cbind(-1, diag(length(groups) - 1))
  gap <- contrast %*% survival[at, ]
  cover <- contrast %*% diag(error[at, ]^2) %*% t(contrast)
  statistic <- as.vector(t(gap) %*% solve(cover, gap))
  list(median = times[at], survival = survival[at, ], std_error = error[at, ],
       statistic = statistic, p_value = pchisq(statistic, length(groups) - 1, lower.tail = FALSE))
}

pairs <- function(d) {
  k <- length(unique(d$group))
  found <- combn(seq_len(k) - 1, 2)
  p <- apply(found, 2, function(two) {
    survdiff(Surv(time, event) ~ group, data = as.data.frame(d[1:3])[d$group %in% two, ])$pvalue
  })
  list(first = found[1, ], second = found[2, ], p_value = p, holm = p.adjust(p, "holm"))
}

TWO <- names(data)[sapply(data, function(d) length(unique(d$group)) == 2)]
EXACT <- c("small", "smallest")

case <- function(name) {
  d <- data[[name]]
  two <- name %in% TWO
  out <- list(name = name, data = d, survdiff = by_survdiff(d), coxph = by_coxph(d),
              survmisc = by_survmisc(d), coin = by_coin(d, name %in% EXACT),
              one_sample = one_sample(d))
  if (!(name %in% EXACT)) out <- c(out, list(median = medians(d), pairs = pairs(d)))
  if (two && !(name %in% EXACT)) out <- c(out, list(milestone = milestones(d)))
  if (two) out <- c(out, list(max_combo = by_mvtnorm(d)))
  if (name %in% EXACT) {
    scores <- cscores(Surv(d$time, d$event), type = "LogRank")
    out <- c(out, list(hothorn_lausen = as.vector(scores)))
  }
  out
}

versions <- lapply(c(survival = "survival", coin = "coin", exactRankTests = "exactRankTests",
                     survMisc = "survMisc", mvtnorm = "mvtnorm", jsonlite = "jsonlite"),
                   function(p) as.character(packageVersion(p)))
cat(toJSON(list(
  versions = c(list(R = R.version.string), versions), call = "Rscript --vanilla reference.R",
  survival = lapply(names(data), case), boxes = boxes
), digits = I(17), na = "null", auto_unbox = TRUE, matrix = "rowmajor"))
cat("\n")
