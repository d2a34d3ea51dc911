# Reference answers of R for bootstrap optimism of a proportional hazards model, with the resamples
# written beside them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(riskRegression)
  library(Hmisc)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
exact <- coxph.control(eps = 1e-13, iter.max = 60, toler.chol = 1e-14)

make <- function(seed, n, unit, ties) {
  set.seed(seed)
  x1 <- rbinom(n, 1, 0.4)
  x2 <- round(rnorm(n), 2)
  x3 <- sample(0:2, n, replace = TRUE)
  died <- rexp(n, exp(0.7 * x1 - 0.5 * x2 + 0.3 * x3) / 500)
  lost <- runif(n, 150, 1200)
  time <- pmin(died, lost)
  if (unit > 0) time <- ceiling(time / unit) * unit
  list(time = time, event = as.integer(died <= lost), x1 = x1, x2 = x2, x3 = x3, ties = ties,
       at = c(180, 360), draws = lapply(1:6, function(i) sample.int(n, n, replace = TRUE)))
}

data <- list(
  days = make(1, 150, 1, "efron"),
  months = make(2, 120, 30, "efron"),
  months_breslow = make(3, 110, 30, "breslow"),
  continuous = make(4, 100, 0, "efron")
)

survival_at <- function(fit, rows, at) {
  curve <- basehaz(fit, centered = FALSE)
  hazard <- c(0, curve$hazard)[findInterval(at, curve$time) + 1]
  score <- as.vector(as.matrix(rows[names(coef(fit))]) %*% coef(fit))
  exp(-outer(exp(score), hazard))
}

# How well a model does in some rows, by programs that see one data set at a time.
judge <- function(fit, rows, d) {
  rows$lp <- as.vector(as.matrix(rows[c("x1", "x2", "x3")]) %*% coef(fit))
  harrell <- concordance(Surv(time, event) ~ lp, rows, reverse = TRUE)$concordance
  uno <- concordance(Surv(time, event) ~ lp, rows, reverse = TRUE, timewt = "n/G2",
                     ymax = max(d$at))$concordance
  slope <- coef(coxph(Surv(time, event) ~ lp, rows, ties = d$ties, control = exact))
  surv <- survival_at(fit, rows, d$at)
  scored <- Score(list(model = 1 - surv), Surv(time, event) ~ 1, data = rows, times = d$at,
                  metrics = c("auc", "brier"), summary = "ipa", conf.int = FALSE,
                  null.model = TRUE, cens.method = "ipcw", cens.model = "km")
  area <- scored$AUC$score
  brier <- scored$Brier$score
  cll <- log(-log(surv[, 1]))
  knots <- quantile(cll, c(0.1, 0.5, 0.9))
  columns <- rcspline.eval(cll, knots = knots, inclx = TRUE)
  smooth <- data.frame(time = rows$time, event = rows$event, s1 = columns[, 1], s2 = columns[, 2])
  calibrated <- coxph(Surv(time, event) ~ s1 + s2, smooth, ties = d$ties, control = exact)
  observed <- survival_at(calibrated, smooth, d$at)
  list(concordance = harrell, concordance_uno = uno, slope = unname(slope),
       auc = area$AUC[area$model == "model"], brier = brier$Brier[brier$model == "model"],
       accuracy = brier$IPA[brier$model == "model"],
       calibration_error = colMeans(abs(observed - surv)))
}

model <- function(rows, d) {
  coxph(Surv(time, event) ~ x1 + x2 + x3, rows, ties = d$ties, control = exact)
}

cases <- lapply(data, function(d) {
  rows <- as.data.frame(d[c("time", "event", "x1", "x2", "x3")])
  whole <- model(rows, d)
  resamples <- lapply(d$draws, function(draw) {
    fit <- model(rows[draw, ], d)
    list(coef = unname(coef(fit)), training = judge(fit, rows[draw, ], d),
         test = judge(fit, rows, d))
  })
  list(data = d, coef = unname(coef(whole)), apparent = judge(whole, rows, d),
       resamples = resamples)
})
versions <- sapply(c("survival", "riskRegression", "Hmisc", "jsonlite"),
                   function(p) as.character(packageVersion(p)))
out <- list(versions = c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
                         as.list(versions)), cases = cases)
cat(toJSON(out, digits = I(17), auto_unbox = TRUE, na = "null"), "\n")
