# Reference answers of metafor for what explains heterogeneity: meta-regression, groups, left-out
# studies, influence, subsets, permutations. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

TIGHT <- list(threshold = 1e-13, maxiter = 2000, tol = 1e-14)
METHODS <- c("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "PM", "EB")
TESTS <- c("z", "t", "knha", "adhoc")
LEFT_OUT <- c("EE", "DL", "REML")

num <- function(x) {
  x <- as.numeric(x)
  x[!is.finite(x)] <- NA
  x
}

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
writing <- dat.bangertdrowns2004
writing <- writing[stats::complete.cases(writing[, c("length", "wic", "feedback", "meta")]), ]
teachers <- dat.raudenbush1985

SETS <- list(
  bcg_latitude = list(yi = bcg$yi, vi = bcg$vi, x = cbind(bcg$ablat)),
  bcg_latitude_year = list(yi = bcg$yi, vi = bcg$vi, x = cbind(bcg$ablat, bcg$year - 1950)),
  bcg_allocation = list(yi = bcg$yi, vi = bcg$vi,
                        x = cbind(bcg$alloc == "random", bcg$alloc == "systematic") + 0),
  writing = list(yi = writing$yi, vi = writing$vi,
                 x = cbind(writing$length, writing$wic, writing$feedback, writing$meta)),
  teachers_weeks = list(yi = teachers$yi, vi = teachers$vi, x = cbind(teachers$weeks))
)

regression <- function(set, method, test) {
  fit <- rma(set$yi, set$vi, mods = set$x, method = method, test = test, control = TIGHT)
  list(method = method, test = test, coefficients = num(fit$beta), std_error = num(fit$se),
       statistic = num(fit$zval), p_value = num(fit$pval), lower = num(fit$ci.lb),
       upper = num(fit$ci.ub), qm = num(fit$QM), qm_p_value = num(fit$QMp), q = num(fit$QE),
       q_p_value = num(fit$QEp), tau2 = num(fit$tau2), tau2_std_error = num(fit$se.tau2),
       i2_tau2 = num(fit$I2 / 100), r2 = num(if (method == "EE") NA else fit$R2 / 100))
}

line <- function(set, test) {
  fit <- rma(set$yi, set$vi, mods = set$x, test = test, control = TIGHT)
  at <- rbind(colMeans(set$x), set$x[1, ])
  guess <- predict(fit, newmods = at)
  list(test = test, x = at, estimate = num(guess$pred), std_error = num(guess$se),
       lower = num(guess$ci.lb), upper = num(guess$ci.ub),
       prediction_lower = num(guess$pi.lb), prediction_upper = num(guess$pi.ub))
}

influences <- function(set, method, x) {
  fit <- if (x) rma(set$yi, set$vi, mods = set$x, method = method, control = TIGHT)
         else rma(set$yi, set$vi, method = method, control = TIGHT)
  found <- influence(fit)
  one <- found$inf
  around <- baujat(fit, plot = FALSE)
  list(method = method, x = x, rstudent = num(one$rstudent), dffits = num(one$dffits),
       cooks_distance = num(one$cook.d), covariance_ratio = num(one$cov.r),
       tau2_without = num(one$tau2.del), q_without = num(one$QE.del), hat = num(one$hat),
       weight = num(one$weight / 100), dfbetas = unname(as.matrix(found$dfbs)),
       flagged = as.logical(found$is.infl), baujat_x = num(around$x), baujat_y = num(around$y))
}

left_out <- function(set, method) {
  fit <- rma(set$yi, set$vi, method = method, control = TIGHT)
  shape <- function(found) {
    list(estimate = num(found$estimate), std_error = num(found$se), p_value = num(found$pval),
         lower = num(found$ci.lb), upper = num(found$ci.ub), q = num(found$Q),
         q_p_value = num(found$Qp),
         tau2 = if (is.null(found$tau2)) rep(0, length(set$yi)) else num(found$tau2),
         i2 = num(found$I2 / 100))
  }
  list(method = method, leave_one_out = shape(leave1out(fit)), cumulative = shape(cumul(fit)))
}

predictions <- function(set, x) {
  fit <- if (x) rma(set$yi, set$vi, mods = set$x, control = TIGHT)
         else rma(set$yi, set$vi, control = TIGHT)
  found <- blup(fit)
  list(x = x, estimate = num(found$pred), std_error = num(found$se), lower = num(found$pi.lb),
       upper = num(found$pi.ub))
}

groups <- function(set, group, method) {
  names <- sort(unique(group))
  alone <- lapply(names, function(name) {
    fit <- rma(set$yi, set$vi, subset = group == name, method = method, control = TIGHT)
    list(estimate = num(fit$beta), std_error = num(fit$se), tau2 = num(fit$tau2), q = num(fit$QE))
  })
  column <- function(name) vapply(alone, function(one) one[[name]], 0)
  between <- rma(column("estimate"), sei = column("std_error"), method = "EE")
  together <- function(test) {
    fit <- rma(set$yi, set$vi, mods = ~ factor(group) - 1, method = method, test = test,
               control = TIGHT)
    list(estimate = num(fit$beta), std_error = num(fit$se), lower = num(fit$ci.lb),
         upper = num(fit$ci.ub), tau2 = num(fit$tau2))
  }
  common <- rma(set$yi, set$vi, mods = ~ factor(group), method = method, control = TIGHT)
  list(method = method, group = match(group, names),
       separate = list(estimate = column("estimate"), std_error = column("std_error"),
                       tau2 = column("tau2"), q = column("q"), q_between = num(between$QE),
                       p_value = num(between$QEp)),
       common = c(together("z"), list(q_between = num(common$QM), p_value = num(common$QMp))),
       common_knha = together("knha"))
}

permutations <- function(set, rows, method, test) {
  yi <- set$yi[rows]
  vi <- set$vi[rows]
  x <- set$x[rows, , drop = FALSE]
  fit <- rma(yi, vi, mods = x, method = method, test = test, control = TIGHT)
  alone <- rma(yi, vi, method = method, test = test, control = TIGHT)
  found <- permutest(fit, exact = TRUE, progbar = FALSE)
  signs <- permutest(alone, exact = TRUE, progbar = FALSE)
  list(method = method, test = test, yi = num(yi), vi = num(vi), x = x,
       p_value = num(found$pval), qm_p_value = num(found$QMp), signs_p_value = num(signs$pval))
}

subsets <- function(set, rows, method) {
  fit <- rma(set$yi[rows], set$vi[rows], method = method, control = TIGHT)
  found <- gosh(fit, progbar = FALSE)
  list(method = method, yi = num(set$yi[rows]), vi = num(set$vi[rows]),
       included = unname(as.matrix(found$incl)) + 0, estimate = num(found$res$estimate),
       tau2 = if (is.null(found$res$tau2)) NULL else num(found$res$tau2),
       i2 = num(found$res$I2 / 100), q = num(found$res$QE))
}

each <- function(values, f) unname(lapply(values, f))
crossed <- expand.grid(test = TESTS, method = METHODS, stringsAsFactors = FALSE)

answers <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  metafor = as.character(packageVersion("metafor")),
                  metadat = as.character(packageVersion("metadat"))),
  sets = lapply(SETS, function(set) {
    list(yi = num(set$yi), vi = num(set$vi), x = unname(set$x),
         regressions = unname(Map(function(method, test) regression(set, method, test),
                                  crossed$method, crossed$test)),
         lines = each(TESTS, function(test) line(set, test)),
         influence = c(each(LEFT_OUT, function(m) influences(set, m, FALSE)),
                       each(c(LEFT_OUT, "PM"), function(m) influences(set, m, TRUE))),
         left_out = each(LEFT_OUT, function(m) left_out(set, m)),
         predictions = each(c(FALSE, TRUE), function(x) predictions(set, x)))
  }),
  groups = each(METHODS, function(m) groups(SETS$bcg_latitude, bcg$alloc, m)),
  permutations = list(
    permutations(SETS$bcg_latitude, 1:6, "DL", "z"),
    permutations(SETS$bcg_latitude, 1:6, "EE", "z"),
    permutations(SETS$bcg_latitude, 3:8, "HE", "knha"),
    permutations(SETS$bcg_allocation, c(3:6, 8:10), "DL", "z"),
    permutations(SETS$teachers_weeks, 1:6, "DL", "t")),
  subsets = each(c("EE", "DL", "REML"), function(m) subsets(SETS$bcg_latitude, 1:8, m))
)
cat(toJSON(answers, digits = NA, auto_unbox = TRUE, na = "null", matrix = "rowmajor"))
