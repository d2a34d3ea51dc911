# 200 tables of 300 patients with values missing at random, imputed by mice; for simulation.py.
# Call: Rscript --vanilla simulation.R FOLDER; writes sets.csv and mice.csv there.
suppressPackageStartupMessages({
  library(mice)
  library(survival)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
folder <- commandArgs(trailingOnly = TRUE)[1]
sets <- 200
n <- 300
truth <- c(x1 = 0.5, x2 = -0.7, x3b = 0.4, x3c = 0.8)

made <- function(number) {
  set.seed(number)
  x1 <- rnorm(n)
  x2 <- rbinom(n, 1, plogis(-0.2 + 0.8 * x1))
  x3 <- sapply(seq_len(n), function(i) sample(0:2, 1, prob = exp(c(0, 0.3 * x1[i], 0.5 * x2[i] - 0.2))))
  rate <- 0.1 * exp(truth[1] * x1 + truth[2] * x2 + truth[3] * (x3 == 1) + truth[4] * (x3 == 2))
  death <- rexp(n, rate)
  censored <- runif(n, 2, 25)
  time <- pmin(death, censored)
  event <- as.integer(death <= censored)
  full <- data.frame(set = number, time, event, x1, x2, x3)
  lost <- full
  lost$x1[runif(n) < plogis(-1.4 + 0.8 * event)] <- NA
  lost$x2[runif(n) < plogis(-1.2 + 0.6 * (time > median(time)))] <- NA
  lost$x3[runif(n) < 0.2] <- NA
  list(full = full, lost = lost)
}

nelson <- function(d) {
  curve <- survfit(Surv(time, event) ~ 1, data = d)
  approx(curve$time, curve$cumhaz, d$time, method = "constant", rule = 2)$y
}

fitted <- function(d) {
  fit <- coxph(Surv(time, event) ~ x1 + x2 + factor(x3), data = d)
  rbind(coef(fit), sqrt(diag(vcov(fit))))
}

one <- function(number) {
  d <- made(number)
  lost <- d$lost[, c("time", "event", "x1", "x2", "x3")]
  lost$hazard <- nelson(lost)
  lost$x2 <- factor(lost$x2)
  lost$x3 <- factor(lost$x3)
  predictors <- make.predictorMatrix(lost)
  predictors[, "time"] <- 0
  imputed <- mice(lost, m = 10, maxit = 5, predictorMatrix = predictors, printFlag = FALSE,
                  method = c("", "", "pmm", "logreg", "polyreg", ""), seed = number)
  pooled <- summary(pool(with(imputed, coxph(Surv(time, event) ~ x1 + x2 + x3))))
  of <- function(kind, values, errors) data.frame(set = number, kind = kind, term = names(truth),
                                                  estimate = values, std_error = errors)
  full <- fitted(d$full)
  complete <- fitted(d$lost[complete.cases(d$lost), ])
  list(lost = d$lost, rows = rbind(of("full", full[1, ], full[2, ]),
                                   of("complete", complete[1, ], complete[2, ]),
                                   of("mice", pooled$estimate, pooled$std.error)))
}

found <- lapply(seq_len(sets), one)
write.csv(do.call(rbind, lapply(found, `[[`, "lost")), file.path(folder, "sets.csv"),
          row.names = FALSE, na = "")
write.csv(do.call(rbind, lapply(found, `[[`, "rows")), file.path(folder, "mice.csv"),
          row.names = FALSE)
