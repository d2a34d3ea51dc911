# Answers of R on its own data sets, which are read from the folder given and not kept here: of each
# kind of residual only the sum of squares and the sum of products with cos(1), cos(2), ...
# Run as: Rscript --vanilla shared.R FOLDER > shared.json
suppressPackageStartupMessages({
  library(survival)
  library(riskRegression)
  library(jsonlite)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
CONTROL <- coxph.control(eps = 1e-13, iter.max = 50, toler.chol = 1e-14)

SETS <- list(
  lung = list(y = "Surv(time, event)", x = c("age", "sex", "ph.ecog")),
  veteran = list(y = "Surv(time, event)", x = c("trt", "karno"), strata = "celltype"),
  gbsg = list(y = "Surv(time, event)", x = c("hormon", "age", "size", "nodes")),
  ovarian = list(y = "Surv(time, event)", x = c("age", "rx")),
  kidney = list(y = "Surv(time, event)", x = c("age", "sex"), cluster = "id"),
  heart_tv = list(y = "Surv(start, stop, event)", x = c("age", "transplant"))
)

fingerprint <- function(r) {
  r <- as.matrix(r)
  unname(rbind(colSums(r^2), colSums(r * cos(seq_len(nrow(r))))))
}

answer <- function(name, ties) {
  set <- SETS[[name]]
  d <- read.csv(file.path(folder, paste0(name, ".csv")))
  d <- d[complete.cases(d[c(set$x, set$strata, set$cluster)]), ]
  right <- paste(c(set$x, if (!is.null(set$strata)) paste0("strata(", set$strata, ")")),
                 collapse = " + ")
  arguments <- list(formula = as.formula(paste(set$y, "~", right)), data = d, ties = ties,
                    control = CONTROL, x = TRUE)
  if (!is.null(set$cluster)) arguments$cluster <- as.name(set$cluster)
  fit <- do.call(coxph, arguments)
  kinds <- c("martingale", "deviance", "score", "schoenfeld", "scaledsch", "dfbeta", "dfbetas")
  residual <- lapply(kinds, function(k) fingerprint(residuals(fit, type = k)))
  zph <- sapply(c("km", "rank", "identity"), function(g) unname(cox.zph(fit, transform = g)$table[, 1]))
  row <- as.data.frame(lapply(d[set$x], mean))
  if (!is.null(set$strata)) row[[set$strata]] <- sort(unique(d[[set$strata]]))[1]
  ends <- d[[if (name == "heart_tv") "stop" else "time"]]
  asked <- as.numeric(quantile(ends, c(0.1, 0.5)))
  s <- summary(survfit(fit, newdata = row), times = asked)
  k <- concordance(fit)
  out <- list(set = name, ties = ties, covariates = set$x, coef = unname(coef(fit)),
              residuals = setNames(residual, kinds), proportionality = unname(t(zph)),
              asked = asked, survival = s$surv, std_error = s$std.err,
              concordance = c(unname(k$concordance), k$var))
  if (name %in% c("lung", "gbsg")) {
    at <- as.numeric(quantile(d$time, 0.5))
    risk <- 1 - as.numeric(summary(survfit(fit, newdata = d), times = at)$surv)
    x <- Score(list(m = matrix(risk)), formula = Surv(time, event) ~ 1, data = d, times = at,
               metrics = c("auc", "brier"), null.model = FALSE, contrasts = FALSE,
               cens.model = "km")
    out$score <- c(x$AUC$score$AUC, x$AUC$score$se, x$Brier$score$Brier, x$Brier$score$se)
  }
  out
}

cat(toJSON(list(
  versions = list(R = R.version.string, survival = as.character(packageVersion("survival")),
                  riskRegression = as.character(packageVersion("riskRegression"))),
  answers = unlist(lapply(names(SETS), function(n)
    lapply(c("efron", "breslow"), function(t) answer(n, t))), recursive = FALSE)
), digits = I(15), na = "null", auto_unbox = TRUE, matrix = "rowmajor"))
cat("\n")
