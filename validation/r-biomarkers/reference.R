# Reference answers of R for paired changes, ROC curves, cut-points and delayed entry, on
# constructed data written beside them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(coin)
  library(exactRankTests)
  library(maxstat)
  library(pROC)
  library(survival)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

# ---- Paired differences -------------------------------------------------------------------
drawn <- function(seed, n, decimals, shift = 0.4) {
  set.seed(seed)
  round(rnorm(n, shift, 1), decimals)
}
differences <- list(
  eight = c(3, -1, 4, -2, 6, 7, -2, 8), five = c(1, 1, 2, 3, 4), one_zero = c(0, 1, 2, 3, 4),
  one = 2.5, two = c(1, -2), all_tied = c(1, 1, -1, 1, 1, 1), balanced = c(-2, -1, 1, 2),
  zeros_and_ties = c(0, 0, 0, 1, -1, 2, 2, -3, 4, 5, 5, -5), mostly_zero = c(0, 0, 0, 0, 0, 1, -3),
  fifteen = drawn(1, 15, 9), fifteen_ties = drawn(2, 15, 1), fifteen_coarse = drawn(3, 15, 0, 0.8),
  nineteen = drawn(4, 19, 9), twenty = drawn(5, 20, 1), twenty_one = drawn(6, 21, 1),
  forty = drawn(7, 40, 9, 0.2), forty_coarse = drawn(8, 40, 0, 0.5), sixty = drawn(9, 60, 1, 0.3)
)

coin_p <- function(d, zeros, distribution) {
  x <- d
  y <- rep(0, length(d))
  test <- wilcoxsign_test(x ~ y, zero.method = zeros, distribution = distribution)
  list(p_value = as.numeric(pvalue(test)), z = as.numeric(statistic(test)))
}

signed <- function(name) {
  d <- differences[[name]]
  pair <- suppressWarnings(wilcox.exact(d, rep(0, length(d)), paired = TRUE, exact = TRUE))
  normal <- suppressWarnings(wilcox.test(d, exact = FALSE, correct = TRUE))
  list(name = name, difference = I(d), positive_rank_sum = unname(pair$statistic),
       exact_rank_tests = pair$p.value, normal = normal$p.value,
       drop = coin_p(d, "Wilcoxon", "exact")$p_value,
       pratt = coin_p(d, "Pratt", "exact")$p_value,
       z = c(drop = coin_p(d, "Wilcoxon", "asymptotic")$z,
             pratt = coin_p(d, "Pratt", "asymptotic")$z))
}

# ---- Hodges-Lehmann -----------------------------------------------------------------------
LEVELS <- c(0.95, 0.9, 0.99)
limits <- function(test) list(estimate = unname(test$estimate), limits = as.numeric(test$conf.int))
location <- function(name) {
  d <- differences[[name]]
  lapply(LEVELS, function(level) {
    exact <- suppressWarnings(wilcox.test(d, conf.int = TRUE, conf.level = level, exact = TRUE))
    tied <- suppressWarnings(wilcox.exact(d, conf.int = TRUE, conf.level = level, exact = TRUE))
    normal <- suppressWarnings(wilcox.test(d, conf.int = TRUE, conf.level = level, exact = FALSE,
                                           tol.root = 1e-12))
    list(name = name, conf_level = level, exact = limits(exact), exact_rank_tests = limits(tied),
         normal = limits(normal))
  })
}
samples <- list(
  small = list(x = c(5, 6.5, 8, 9), y = c(1, 2, 4.1, 4.9, 0.3)),
  ten = list(x = drawn(21, 10, 9, 1), y = drawn(22, 12, 9, 0)),
  uneven = list(x = drawn(23, 25, 9, 0.5), y = drawn(24, 7, 9, 0)),
  forties = list(x = drawn(25, 40, 9, 0.3), y = drawn(26, 45, 9, 0)),
  ties = list(x = drawn(27, 12, 0, 1), y = drawn(28, 14, 0, 0))
)
shift <- function(name) {
  s <- samples[[name]]
  lapply(LEVELS, function(level) {
    exact <- suppressWarnings(wilcox.test(s$x, s$y, conf.int = TRUE, conf.level = level,
                                          exact = TRUE))
    tied <- wilcox.exact(s$x, s$y, conf.int = TRUE, conf.level = level, exact = TRUE)
    normal <- suppressWarnings(wilcox.test(s$x, s$y, conf.int = TRUE, conf.level = level,
                                           exact = FALSE, tol.root = 1e-12))
    list(name = name, x = s$x, y = s$y, conf_level = level, exact = limits(exact),
         exact_rank_tests = limits(tied), normal = limits(normal))
  })
}

# ---- Several tests ------------------------------------------------------------------------
families <- list(
  thirteen = c(0.0234, 0.0181, 0.0353, 0.2031, 0.0001, 1, 0.0946, 0.0002, 0.2958, 0.0009, 0.4459,
               0.0023, 0.0269),
  missing = c(0.01, NA, 0.04, 0.03, NA, 0.5), ties = c(0.02, 0.02, 0.02, 0.9), one = 0.2,
  edges = c(0, 1, 0.5, 0.5, 1e-12)
)
ADJUST <- c(holm = "holm", hochberg = "hochberg", "benjamini-hochberg" = "BH",
            bonferroni = "bonferroni")
adjusted <- function(name) list(name = name, p = I(families[[name]]), adjusted = lapply(
  ADJUST, function(method) I(p.adjust(families[[name]], method))))

# ---- ROC ----------------------------------------------------------------------------------
scored <- function(seed, n, decimals, gain) {
  set.seed(seed)
  event <- rbinom(n, 1, 0.4)
  list(event = event, score = round(rnorm(n) + gain * event, decimals))
}
scores <- list(
  continuous = scored(31, 60, 9, 1), ties = scored(32, 60, 0, 1), coarse = scored(33, 25, 1, 0.3),
  reversed = scored(34, 40, 1, -1), apart = list(event = c(0, 0, 0, 1, 1), score = 1:5),
  near_one = list(event = c(0, 0, 0, 0, 1, 0, 1, 1, 1), score = 1:9),
  one_event = list(event = c(0, 0, 1, 0, 0), score = c(1, 2, 2, 3, 0)),
  constant = list(event = c(0, 1, 0, 1), score = c(3, 3, 3, 3))
)
curve <- function(name) {
  s <- scores[[name]]
  fit <- roc(s$event, s$score, direction = "<", levels = c(0, 1), quiet = TRUE)
  best <- suppressWarnings(coords(fit, "best", best.method = "youden",
                                  ret = c("threshold", "sensitivity", "specificity")))
  list(name = name, score = s$score, event = s$event, auc = as.numeric(fit$auc),
       variance = suppressWarnings(var(fit, method = "delong")),
       limits = lapply(c(0.95, 0.9), function(level)
         as.numeric(suppressWarnings(ci.auc(fit, conf.level = level, method = "delong")))),
       sensitivity = fit$sensitivities, specificity = fit$specificities,
       best = list(sensitivity = I(best$sensitivity), specificity = I(best$specificity)))
}

# ---- Maximally selected log-rank ----------------------------------------------------------
followed <- function(seed, n, time_decimals, marker_decimals, effect, share = 0.7) {
  set.seed(seed)
  marker <- round(rnorm(n, 8, 3), marker_decimals)
  list(time = round(rexp(n, exp(effect * (marker > 8)) / 200), time_decimals) + 1,
       event = rbinom(n, 1, share), marker = marker)
}
selected <- list(
  continuous = followed(41, 80, 9, 9, 1), tied_times = followed(42, 60, -1, 9, 0.8),
  tied_both = followed(43, 60, -2, 0, 0.8), no_effect = followed(44, 50, 0, 1, 0),
  strong = followed(45, 200, 0, 2, 2.5), twenty = followed(46, 20, 0, 1, 1.2),
  censored = followed(47, 70, 0, 1, 0.5, 0.2), few_values = followed(48, 40, 0, -1, 1),
  eighteen = followed(49, 18, 0, 1, 1.5, 0.9)
)
SHARES <- c(0.1, 0.2, 0.25, 0.35)
maximum <- function(name) {
  d <- selected[[name]]
  lapply(SHARES, function(share) {
    ask <- function(method) maxstat.test(
      Surv(time, event) ~ marker, data = as.data.frame(d), smethod = "LogRank", pmethod = method,
      minprop = share, maxprop = 1 - share)
    one <- tryCatch(ask("Lau92"), error = function(e) NULL)
    if (is.null(one)) return(list(name = name, min_share = share, refused = TRUE))
    two <- ask("Lau94")
    set.seed(7)
    list(name = name, min_share = share, refused = FALSE, cut_point = unname(one$estimate),
         statistic = unname(one$statistic), lau92 = one$p.value, lau94 = two$p.value,
         cuts = I(one$cuts), statistics = I(unname(one$stats)),
         monte_carlo = if (share == 0.1) maxstat.test(
           Surv(time, event) ~ marker, data = as.data.frame(d), smethod = "LogRank",
           pmethod = "condMC", minprop = share, maxprop = 1 - share, B = 40000)$p.value)
  })
}

# ---- Delayed entry ------------------------------------------------------------------------
late <- function(seed, n, longest, decimals, share) {
  set.seed(seed)
  entry <- round(runif(n, 0, longest / 2), decimals)
  list(entry = entry, time = entry + round(runif(n, 1, longest), decimals),
       event = rbinom(n, 1, share))
}
delayed <- list(
  days = late(51, 60, 400, 0, 0.7), ties = late(52, 80, 12, 0, 0.6),
  months = late(53, 40, 30, 2, 0.7), continuous = late(54, 50, 20, 9, 0.8),
  from_zero = list(entry = rep(0, 6), time = c(2, 3, 3, 5, 8, 8), event = c(1, 0, 1, 1, 0, 1)),
  by_hand = list(entry = c(0, 0, 2, 3, 4), time = c(2, 6, 5, 7, 9), event = c(1, 0, 1, 1, 1)),
  to_zero = list(entry = c(0, 3, 4, 4), time = c(2, 6, 5, 7), event = c(1, 1, 0, 1)),
  gap = list(entry = c(0, 0, 6, 6, 7), time = c(3, 4, 9, 11, 12), event = c(1, 0, 1, 0, 1))
)
CONF_TYPES <- c("log-log", "log", "plain")
truncated <- function(name) {
  d <- delayed[[name]]
  lapply(CONF_TYPES, function(conf_type) {
    fit <- survfit(Surv(entry, time, event) ~ 1, data = d, conf.type = conf_type)
    asked <- c(1, 2, 3.5, 6, 8, 10.25, 100)
    read <- summary(fit, times = asked, extend = FALSE)
    list(name = name, conf_type = conf_type, time = fit$time, at_risk = fit$n.risk,
         events = fit$n.event, censored = fit$n.censor, survival = fit$surv,
         std_error = summary(fit, censored = TRUE)$std.err, lower = fit$lower, upper = fit$upper,
         median = unname(summary(fit)$table[c("median", "0.95LCL", "0.95UCL")]),
         at = list(time = I(read$time), survival = I(read$surv)))
  })
}

over <- function(values, ask) unlist(lapply(names(values), ask), recursive = FALSE)
packages <- c("coin", "exactRankTests", "maxstat", "pROC", "survival", "jsonlite")
cat(toJSON(list(
  versions = c(list(R = R.version.string), lapply(setNames(packages, packages), function(p)
    as.character(packageVersion(p)))),
  call = "Rscript --vanilla reference.R",
  signed_rank = lapply(names(differences), signed),
  differences = differences,
  location = over(differences[setdiff(names(differences), c("one", "two", "all_tied"))], location),
  shift = over(samples, shift),
  adjusted = lapply(names(families), adjusted),
  roc = lapply(names(scores), curve),
  selected_data = selected, selected = over(selected, maximum),
  delayed_data = delayed, delayed = over(delayed, truncated)
), digits = I(17), na = "null", auto_unbox = TRUE, matrix = "rowmajor"))
cat("\n")
