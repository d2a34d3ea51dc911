# Reference answers of R for competing risks, restricted means, pseudo-values and the win ratio, on
# constructed data written beside them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
  library(etm)
  library(prodlim)
  library(pROC)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

make <- function(seed, n, longest, causes, decimals = 0, censored = 0.3) {
  set.seed(seed)
  x1 <- round(rnorm(n), 3)
  x2 <- sample(0:3, n, replace = TRUE)
  latent <- rexp(n) * exp(-0.4 * x1) * longest / 2
  time <- pmin(pmax(round(latent, decimals), 10^-decimals), longest)
  cause <- sample(0:causes, n, replace = TRUE,
                  prob = c(censored, rep((1 - censored) / causes, causes)))
  if (censored > 0) cause[time == longest] <- 0
  list(time = time, cause = cause, group = sample(rep_len(0:2, n)),
       stratum = sample(rep_len(1:2, n)), x1 = x1, x2 = x2)
}

data <- list(
  ties = make(1, 60, 12, 2),
  days = make(2, 150, 900, 2),
  three_causes = make(3, 120, 400, 3),
  months = make(4, 80, 40, 2, 2),
  continuous = make(5, 90, 10, 2, 9),
  heavy_censoring = make(6, 150, 300, 2, 0, 0.8),
  no_censoring = make(7, 50, 30, 2, 0, 0)
)

by_cause <- function(x, causes) unname(lapply(causes, function(k) x[k, ]))

curves <- function(d) {
  times <- sort(unique(d$time))
  causes <- seq_len(max(d$cause))
  aalen <- timepoints(cuminc(d$time, d$cause), times)
  out <- list(time = times, incidence = by_cause(aalen$est, causes),
              aalen_variance = by_cause(aalen$var, causes))
  for (type in c("log-log", "log", "plain")) {
    fit <- survfit(Surv(time, factor(cause, 0:max(cause))) ~ 1, data = d, conf.type = type)
    out$survival <- fit$pstate[, 1]
    out$std_error <- unname(lapply(causes + 1, function(k) fit$std.err[, k]))
    out$limits[[type]] <- list(lower = unname(lapply(causes + 1, function(k) fit$lower[, k])),
                               upper = unname(lapply(causes + 1, function(k) fit$upper[, k])))
  }
  out
}

gray <- function(d) {
  one <- function(strata, rho) {
    if (strata) fit <- cuminc(d$time, d$cause, d$group, d$stratum, rho = rho)
    else fit <- cuminc(d$time, d$cause, d$group, rho = rho)
    list(strata = strata, rho = rho, statistic = unname(fit$Tests[, "stat"]),
         p_value = unname(fit$Tests[, "pv"]))
  }
  Map(one, c(FALSE, TRUE, FALSE, TRUE, FALSE), c(0, 0, 1, 1, -0.5))
}

regression <- function(d) {
  x <- cbind(d$x1, d$x2)
  new <- rbind(c(0, 0), c(1, 2))
  fits <- lapply(1:2, function(cause) {
    fit <- crr(d$time, d$cause, x, failcode = cause, gtol = 1e-14, maxiter = 100)
    shown <- predict(fit, new)
    list(cause = cause, coef = unname(fit$coef), vcov = unname(fit$var),
         naive = unname(fit$invinf), loglik = c(fit$loglik.null, fit$loglik),
         time = shown[, 1], incidence = unname(lapply(2:3, function(j) shown[, j])))
  })
  grouped <- crr(d$time, d$cause, x, cengroup = d$group, gtol = 1e-14, maxiter = 100)
  long <- finegray(Surv(time, factor(cause, 0:max(cause))) ~ x1 + x2, etype = "1",
                   data = as.data.frame(d))
  cox <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x1 + x2, weights = fgwt, data = long,
               ties = "breslow",
               control = coxph.control(eps = 1e-13, iter.max = 50, toler.chol = 1e-14))
  list(fits = fits, finegray = unname(coef(cox)),
       grouped = list(coef = unname(grouped$coef), naive = unname(grouped$invinf),
                      loglik = c(grouped$loglik.null, grouped$loglik)))
}

area <- function(time, event, tau) {
  fit <- survfit(Surv(time, event) ~ 1)
  at <- c(0, pmin(fit$time, tau), tau)
  sum(diff(at) * c(1, fit$surv))
}

means <- function(d) {
  event <- as.integer(d$cause > 0)
  tau <- as.numeric(quantile(d$time, c(0.3, 0.6, 0.8), type = 1))
  lapply(tau, function(end) {
    fit <- survfit(Surv(d$time, event) ~ 1)
    table <- summary(fit, rmean = end)$table
    every <- seq_along(d$time)
    whole <- area(d$time, event, end)
    left <- sapply(every, function(i) area(d$time[-i], event[-i], end))
    n <- length(every)
    list(tau = end, estimate = unname(table[5]), std_error = unname(table[6]),
         pseudo = n * whole - (n - 1) * left)
  })
}

pseudo <- function(d) {
  frame <- data.frame(time = d$time, cause = d$cause, event = as.integer(d$cause > 0))
  at <- as.numeric(quantile(d$time, c(0.2, 0.5), type = 1))
  survival <- jackknife(prodlim(Hist(time, event) ~ 1, data = frame), times = at)
  incidence <- jackknife(prodlim(Hist(time, cause) ~ 1, data = frame), times = at, cause = 1)
  list(time = at, survival = unname(as.matrix(survival)),
       incidence = unname(as.matrix(incidence)))
}

# Written out pair by pair, so that it shares nothing with the program it checks.
win_ratio <- function(d) {
  treated <- which(d$group == 0)
  control <- which(d$group != 0)
  death <- as.integer(d$cause == 1)
  verdict <- function(i, j) {
    later <- function(a, b) {
      death[b] == 1 && (d$time[a] > d$time[b] || (d$time[a] == d$time[b] && death[a] == 0))
    }
    if (later(i, j)) return(1)
    if (later(j, i)) return(-1)
    if (d$x2[i] > d$x2[j]) return(2)
    if (d$x2[i] < d$x2[j]) return(-2)
    0
  }
  table <- outer(treated, control, Vectorize(verdict))
  win <- table > 0
  loss <- table < 0
  rows <- cbind(rowMeans(win), rowMeans(loss))
  columns <- cbind(colMeans(win), colMeans(loss))
  covariance <- cov(rows) / nrow(rows) + cov(columns) / nrow(columns)
  curve <- roc(as.integer(d$group == 0), d$x1, levels = c(0, 1), direction = "<", quiet = TRUE)
  list(wins = c(sum(table == 1), sum(table == 2)), losses = c(sum(table == -1), sum(table == -2)),
       ties = sum(table == 0), covariance = covariance,
       area = as.numeric(curve$auc), delong = as.numeric(var(curve, method = "delong")))
}

# Delayed entry: the variance of etm is that of the multinomial delta method.
set.seed(11)
late <- make(8, 120, 60, 2)
late$entry <- pmin(sample(0:20, 120, replace = TRUE), late$time - 1)
late$entry[1:30] <- 0
delayed <- function(d) {
  frame <- as.data.frame(d)
  fit <- etmCIF(Surv(entry, time, cause != 0) ~ 1, data = frame, etype = cause, failcode = 1)
  shown <- summary(fit)[[1]]
  frame$id <- seq_len(nrow(frame))
  multi <- survfit(Surv(entry, time, factor(cause, 0:2)) ~ 1, data = frame, id = id)
  list(data = d, time = shown[[1]]$time,
       incidence = unname(lapply(shown, function(x) x$P)),
       variance = unname(lapply(shown, function(x) x$var)),
       survfit = list(time = multi$time, incidence = list(multi$pstate[, 2], multi$pstate[, 3])))
}

cases <- lapply(data, function(d) {
  list(data = d, curves = curves(d), gray = gray(d), regression = regression(d),
       means = means(d), pseudo = pseudo(d), win_ratio = win_ratio(d))
})
versions <- sapply(c("survival", "cmprsk", "etm", "prodlim", "pROC", "jsonlite"),
                   function(p) as.character(packageVersion(p)))
out <- list(versions = c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
                         as.list(versions)),
            cases = cases, delayed = delayed(late))
cat(toJSON(out, digits = I(17), auto_unbox = TRUE, na = "null",
           matrix = "rowmajor"), "\n")
