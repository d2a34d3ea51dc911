# Reference answers of R for models of several covariates: univariable, selected and adjusted
# proportional hazards models, logistic models, Firth's penalty, interactions and restricted cubic
# splines, on constructed patients written beside them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(rms)
  library(brglm2)
  library(pROC)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
COX <- coxph.control(eps = 1e-14, iter.max = 100, toler.chol = 1e-15)
GLM <- list(epsilon = 1e-15, maxit = 100)
COVARIATES <- c("arm", "age", "sex", "ecog", "afp")

make <- function(seed, n) {
  set.seed(seed)
  d <- data.frame(
    arm = factor(sample(c("A", "B"), n, TRUE)),
    age = round(rnorm(n, 58, 11)),
    sex = factor(sample(c("Male", "Female"), n, TRUE, c(0.8, 0.2)), levels = c("Male", "Female")),
    ecog = factor(sample(c("0", "1", "2"), n, TRUE, c(0.4, 0.4, 0.2))),
    afp = round(rlnorm(n, 4, 0.9), 1),
    centre = sample(1:6, n, TRUE)
  )
  eta <- 0.5 * (d$ecog == "1") + 1.0 * (d$ecog == "2") + 0.006 * d$afp + 0.5 * (d$arm == "B") +
    0.4 * (d$arm == "B") * (d$sex == "Female") + ((d$age - 58) / 20)^2
  d$time <- ceiling(rexp(n, exp(eta - 6)))
  censored <- ceiling(runif(n, 100, 900))
  d$event <- as.integer(d$time <= censored)
  d$time <- pmin(d$time, censored)
  d$response <- rbinom(n, 1, plogis(0.8 - 0.6 * eta))
  d$age[sample(n, n %/% 20)] <- NA
  d$ecog[sample(n, n %/% 30)] <- NA
  d
}

wald <- function(b, v) {
  statistic <- as.numeric(b %*% solve(v, b))
  list(statistic = statistic, df = length(b),
       p = pchisq(statistic, length(b), lower.tail = FALSE))
}
likelihood <- function(gain, df) {
  list(statistic = 2 * gain, df = df, p = pchisq(2 * gain, df, lower.tail = FALSE))
}
ends <- function(b, s) list(lower = unname(exp(b - qnorm(0.975) * s)),
                            upper = unname(exp(b + qnorm(0.975) * s)))

time_model <- function(d, right, ties, covariates = character(), ...) {
  f <- do.call(coxph, list(as.formula(paste("Surv(time, event) ~", right)), data = d, ties = ties,
                           control = COX, ...))
  whole <- attr(terms(f), "term.labels")
  own <- f$assign[intersect(covariates, names(f$assign))]
  s <- sqrt(diag(vcov(f)))
  c(list(terms = names(coef(f)), coef = unname(coef(f)), std_error = unname(s), n = f$n,
         events = f$nevent, loglik = f$loglik[2], lr = likelihood(diff(f$loglik), length(coef(f))),
         wald = lapply(own, function(at) wald(coef(f)[at], vcov(f)[at, at, drop = FALSE]))),
    ends(coef(f), s))
}
response_model <- function(d, right) {
  f <- glm(as.formula(paste("response ~", right)), binomial, d, control = GLM)
  b <- coef(f)[-1]
  v <- vcov(f)[-1, -1, drop = FALSE]
  used <- model.frame(f)
  null <- glm(response ~ 1, binomial, used, control = GLM)
  own <- split(seq_along(b), attr(model.matrix(f), "assign")[-1])
  names(own) <- attr(terms(f), "term.labels")
  c(list(terms = names(b), intercept = unname(coef(f)[1]), coef = unname(b),
         std_error = unname(sqrt(diag(v))), n = nrow(used), events = sum(used$response),
         loglik = as.numeric(logLik(f)),
         lr = likelihood(as.numeric(logLik(f)) - as.numeric(logLik(null)), length(b)),
         score = anova(null, f, test = "Rao")$Rao[2],
         auc = as.numeric(auc(used$response, fitted(f), quiet = TRUE, direction = "<")),
         wald = lapply(own, function(at) wald(b[at], v[at, at, drop = FALSE]))),
    ends(b, sqrt(diag(v))))
}

# Firth's penalised likelihood written out, and maximised by a general routine: independent of any
# package for it. brglm2 gives the same estimates from adjusted scores.
penalised <- function(b, x, y) {
  eta <- as.numeric(x %*% b)
  p <- plogis(eta)
  sum(ifelse(y == 1, plogis(eta, log.p = TRUE), plogis(-eta, log.p = TRUE))) +
    0.5 * as.numeric(determinant(crossprod(x * sqrt(p * (1 - p))))$modulus)
}
slope <- function(b, x, y) {
  p <- plogis(as.numeric(x %*% b))
  w <- p * (1 - p)
  h <- w * rowSums((x %*% solve(crossprod(x * sqrt(w)))) * x)
  as.numeric(crossprod(x, y - p + h * (0.5 - p)))
}
best <- function(x, y, at, value, start) {
  free <- setdiff(seq_len(ncol(x)), at)
  full <- function(b) { whole <- numeric(ncol(x)); whole[at] <- value; whole[free] <- b; whole }
  f <- start[free]
  for (again in 1:5) {
    f <- optim(f, function(b) -penalised(full(b), x, y), function(b) -slope(full(b), x, y)[free],
               method = "BFGS", control = list(reltol = 1e-16, maxit = 2000))$par
  }
  list(loglik = penalised(full(f), x, y), coef = full(f))
}
firth <- function(d, right, formula = paste("response ~", right)) {
  f <- glm(as.formula(formula), binomial, d, method = "brglmFit", type = "AS_mean",
           control = list(epsilon = 1e-13, maxit = 10000))
  x <- model.matrix(f)
  y <- f$y
  # The estimate of brglm2 to the last digit: a few steps on the adjusted score.
  b <- unname(coef(f))
  for (step in 1:200) {
    p <- plogis(as.numeric(x %*% b))
    b <- b + solve(crossprod(x * sqrt(p * (1 - p))), slope(b, x, y))
  }
  top <- penalised(b, x, y)
  p <- plogis(as.numeric(x %*% b))
  v <- solve(crossprod(x * sqrt(p * (1 - p))))
  drop <- qchisq(0.95, 1)
  limit <- function(k, sign) {
    gap <- function(value) 2 * (top - best(x, y, k, value, b)$loglik) - drop
    far <- b[k] + sign * sqrt(v[k, k] * drop)
    while (gap(far) < 0) far <- far + sign * sqrt(v[k, k])
    uniroot(gap, sort(c(b[k], far)), tol = 1e-12)$root
  }
  places <- 2:ncol(x)
  test <- sapply(places, function(k) 2 * (top - best(x, y, k, 0, b)$loglik))
  null <- best(x, y, places, rep(0, length(places)), b)
  list(terms = colnames(x)[-1], brglm2 = unname(coef(f)), intercept = b[1], coef = b[-1],
       std_error = unname(sqrt(diag(v)))[-1], loglik = top,
       lower = sapply(places, limit, -1), upper = sapply(places, limit, 1), statistic = test,
       p = pchisq(test, 1, lower.tail = FALSE),
       lr = likelihood(top - null$loglik, length(places)))
}

cox_of <- function(d, ties) {
  one <- lapply(COVARIATES, function(name) time_model(d, name, ties, name))
  names(one) <- COVARIATES
  all <- time_model(d, paste(COVARIATES, collapse = " + "), ties, COVARIATES)
  p <- sapply(COVARIATES, function(name) one[[name]]$wald[[name]]$p)
  chosen <- COVARIATES[p < 0.05]
  right <- paste(chosen, collapse = " + ")
  selected <- time_model(d, right, ties, chosen)
  f <- coxph(as.formula(paste("Surv(time, event) ~", right)), d, ties = ties, control = COX)
  k <- concordance(f)
  complete <- d[complete.cases(d[c("arm", "sex", chosen)]), ]
  base <- paste(union(chosen, c("arm", "sex")), collapse = " + ")
  smaller <- time_model(complete, base, ties)
  larger <- time_model(complete, paste(base, "+ arm:sex"), ties)
  product <- length(larger$coef)
  known <- d[complete.cases(d[c("age", chosen)]), ]
  knots <- attr(rcs(known$age, 4), "parms")
  line <- time_model(known, paste(union(chosen, "age"), collapse = " + "), ties)
  curve <- coxph(as.formula(paste("Surv(time, event) ~", paste(setdiff(chosen, "age"),
                 collapse = " + "), "+ rcs(age, knots)")), known, ties = ties, control = COX)
  list(ties = ties, univariable = one, chosen = chosen, selected = selected, all = all,
       concordance = list(c = unname(k$concordance), std_error = sqrt(unname(k$var))),
       stratified = time_model(d, paste(right, "+ strata(centre)"), ties, chosen),
       clustered = time_model(d, right, ties, chosen, cluster = quote(centre)),
       interaction = list(coef = larger$coef[product], std_error = larger$std_error[product],
                          lr = likelihood(larger$loglik - smaller$loglik, 1)),
       spline = list(knots = knots, lr = likelihood(curve$loglik[2] - line$loglik, 2)))
}

logistic_of <- function(d) {
  one <- lapply(COVARIATES, function(name) response_model(d, name))
  names(one) <- COVARIATES
  right <- paste(COVARIATES, collapse = " + ")
  list(univariable = one, all = response_model(d, right),
       firth = firth(d[complete.cases(d[COVARIATES]), ], right))
}

separated <- function() {
  d <- make(11, 48)
  d <- d[complete.cases(d), ]
  d$response[d$ecog == "2"] <- 0
  d$event[d$ecog == "2"] <- 0
  d
}

patients <- make(7, 180)
apart <- separated()
data(endometrial, package = "brglm2")
out <- list(
  versions = list(R = as.character(getRversion()),
                  survival = as.character(packageVersion("survival")),
                  rms = as.character(packageVersion("rms")),
                  brglm2 = as.character(packageVersion("brglm2")),
                  pROC = as.character(packageVersion("pROC"))),
  patients = patients,
  separated = list(data = apart, firth = firth(apart, "ecog + arm + age")),
  cox = lapply(c("efron", "breslow"), function(ties) cox_of(patients, ties)),
  logistic = logistic_of(patients),
  endometrial = list(data = endometrial,
                     firth = firth(endometrial, formula = "HG ~ NV + PI + EH"))
)
cat(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", null = "null"), "\n")
