# Reference answers of R's glmnet and survival::ridge for hepatica.stats.survival.cox_path, on
# constructed data written beside them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(glmnet)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
make <- function(seed, n, p, ties) {
  set.seed(seed)
  x <- round(matrix(rnorm(n * p), n, p) %*% diag(seq(0.5, 2, length.out = p)), 3)
  b <- c(0.6, -0.5, 0.4, rep(0, p - 3))
  time <- rexp(n, exp(x %*% b / 2)) * 10
  time <- if (ties) ceiling(time) else round(time, 9) + 1e-9
  list(time = time, event = rbinom(n, 1, 0.7), x = x, fold = sample(rep_len(1:5, n)),
       stratum = sample(1:2, n, replace = TRUE), weight = round(runif(n, 0.5, 2), 2))
}
data <- list(continuous = make(1, 120, 6, FALSE), ties = make(2, 150, 8, TRUE),
             wide = make(3, 40, 60, FALSE))
fit <- function(d, alpha, strata, weights) {
  y <- Surv(d$time, d$event)
  if (strata) y <- stratifySurv(y, d$stratum)
  w <- if (weights) d$weight else rep(1, length(d$time))
  start <- glmnet(d$x, y, family = "cox", alpha = alpha, weights = w)$lambda[1]
  lambda <- start * exp(seq(log(0.9), log(0.05), length.out = 8))
  f <- glmnet(d$x, y, family = "cox", alpha = alpha, weights = w, lambda = lambda,
              thresh = 1e-16, maxit = 1e7)
  list(alpha = alpha, strata = strata, weights = weights, first = start, strength = f$lambda,
       coef = unname(t(as.matrix(f$beta))))
}
validate <- function(d) {
  y <- Surv(d$time, d$event)
  start <- glmnet(d$x, y, family = "cox")$lambda[1]
  lambda <- start * exp(seq(log(0.9), log(0.05), length.out = 15))
  v <- cv.glmnet(d$x, y, family = "cox", lambda = lambda, foldid = d$fold, thresh = 1e-16,
                 maxit = 1e7)
  list(strength = v$lambda, deviance = unname(v$cvm), std_error = unname(v$cvsd),
       best = v$lambda.min, sparing = v$lambda.1se)
}
ridged <- function(d, ties) {
  x <- d$x[, 1:4]
  lapply(c(0.5, 5, 50), function(theta) {
    f <- coxph(Surv(time, event) ~ ridge(x, theta = theta, scale = FALSE),
               data = list(time = d$time, event = d$event, x = x, theta = theta), ties = ties,
               control = coxph.control(eps = 1e-14, iter.max = 200, toler.chol = 1e-14))
    list(ties = ties, theta = theta, coef = unname(f$coef))
  })
}
out <- list(
  versions = list(R = as.character(getRversion()), glmnet = as.character(packageVersion("glmnet")),
                  survival = gsub("-", ".", as.character(packageVersion("survival")))),
  cases = lapply(names(data), function(name) {
    d <- data[[name]]
    fits <- lapply(c(1, 0.5, 0), function(a) fit(d, a, FALSE, FALSE))
    if (name != "wide") {
      fits <- c(fits, list(fit(d, 0.7, TRUE, FALSE), fit(d, 1, FALSE, TRUE), fit(d, 1, TRUE, TRUE)))
    }
    list(name = name, data = d, fits = fits, validation = if (name != "wide") validate(d),
         ridge = if (name != "wide") c(ridged(d, "efron"), ridged(d, "breslow")))
  })
)
cat(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", null = "null"), "\n")
