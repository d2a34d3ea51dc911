# Answers of R on its own data sets with categories, which are read from the folder given and not
# kept here. Run as: Rscript --vanilla shared.R FOLDER > shared.json
suppressPackageStartupMessages({
  library(survival)
  library(rms)
  library(brglm2)
  library(jsonlite)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
COX <- coxph.control(eps = 1e-14, iter.max = 100, toler.chol = 1e-15)
GLM <- list(epsilon = 1e-15, maxit = 100)
SETS <- list(
  lung = list(factors = c("sex", "ph.ecog"), numbers = "age"),
  veteran = list(factors = c("trt", "celltype", "prior"), numbers = c("karno", "age")),
  gbsg = list(factors = c("grade", "hormon", "meno"), numbers = c("age", "nodes")),
  pbc = list(factors = c("edema", "stage", "sex"), numbers = c("age", "albumin"))
)
answer <- function(name) {
  set <- SETS[[name]]
  d <- read.csv(file.path(folder, paste0(name, ".csv")))
  all <- c(set$factors, set$numbers)
  d <- d[complete.cases(d[c("time", "event", all)]), ]
  for (one in set$factors) d[[one]] <- factor(d[[one]])
  out <- lapply(c("efron", "breslow"), function(ties) {
    fit <- function(right) coxph(as.formula(paste("Surv(time, event) ~", right)), d, ties = ties,
                                 control = COX)
    f <- fit(paste(all, collapse = " + "))
    tests <- lapply(all, function(one) {
      rest <- fit(paste(setdiff(all, one), collapse = " + "))
      at <- f$assign[[one]]
      b <- coef(f)[at]
      list(wald = as.numeric(b %*% solve(vcov(f)[at, at], b)),
           lr = 2 * (f$loglik[2] - rest$loglik[2]), df = length(at))
    })
    names(tests) <- all
    knots <- attr(rcs(d[[set$numbers[1]]], 4), "parms")
    one <- set$numbers[1]
    curve <- fit(paste(c(setdiff(all, one), sprintf("rcs(%s, c(%s))", one,
             paste(format(knots, digits = 17), collapse = ", "))), collapse = " + "))
    list(ties = ties, n = f$n, events = f$nevent, coef = unname(coef(f)),
         std_error = unname(sqrt(diag(vcov(f)))), tests = tests,
         concordance = unname(concordance(f)$concordance),
         spline = list(variable = one, knots = knots, lr = 2 * (curve$loglik[2] - f$loglik[2])))
  })
  right <- paste("event ~", paste(all, collapse = " + "))
  g <- glm(as.formula(right), binomial, d, control = GLM)
  firth <- glm(as.formula(right), binomial, d, method = "brglmFit", type = "AS_mean",
               control = list(epsilon = 1e-14, maxit = 10000))
  x <- model.matrix(g)
  # glm keeps the weights of the step before the last; here they are those of the estimate.
  covariance <- function(b) {
    p <- plogis(as.numeric(x %*% b))
    solve(crossprod(x * sqrt(p * (1 - p))))
  }
  # The estimate of brglm2 to the last digit: steps on the adjusted score.
  b <- if (firth$converged) unname(coef(firth)) else c(coef(glm(event ~ 1, binomial, d)), 0 * coef(g)[-1])
  for (step in 1:500) {
    p <- plogis(as.numeric(x %*% b))
    w <- p * (1 - p)
    h <- w * rowSums((x %*% covariance(b)) * x)
    move <- covariance(b) %*% crossprod(x, d$event - p + h * (0.5 - p))
    # Half a step: where a category has one patient a whole one goes to and fro for ever.
    b <- b + move / 2 * min(1, 1 / max(abs(move)))
  }
  separated <- max(abs(coef(g))) > 15
  list(name = name, factors = set$factors, numbers = set$numbers, cox = out,
       glm = list(separated = separated, coef = if (!separated) unname(coef(g)),
                  std_error = if (!separated) unname(sqrt(diag(covariance(coef(g))))),
                  loglik = if (!separated) as.numeric(logLik(g)), firth = as.numeric(b),
                  brglm2 = unname(coef(firth)), converged = firth$converged))
}
cat(toJSON(lapply(names(SETS), answer), digits = I(15), auto_unbox = TRUE, null = "null"), "\n")
