# Small-study effects by metafor, on data sets of metadat that golden.json does not have. Searches
# for tau2 run to full precision, so that metafor's own stopping rule is not compared.
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
tight <- list(threshold = 1e-13, tol = 1e-14, maxiter = 2000)
quiet <- function(x) suppressWarnings(tryCatch(x, error = function(e) NULL))

sets <- list(
  hackshaw1998 = dat.hackshaw1998[, c("yi", "vi")],
  raudenbush1985 = dat.raudenbush1985[, c("yi", "vi")],
  bangertdrowns2004 = dat.bangertdrowns2004[, c("yi", "vi")],
  egger2001 = escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.egger2001)[, c("yi", "vi")]
)

line <- function(r) {
  f <- r$fit
  if (inherits(f, "lm")) {
    s <- summary(f)$coefficients
    list(slope = s[2, 1], std_error = s[2, 2], statistic = r$zval, df = r$dfs, p_value = r$pval,
         level = s[1, 1], level_error = s[1, 2], tau2 = 0)
  } else {
    list(slope = f$beta[2], std_error = f$se[2], statistic = r$zval,
         df = if (f$test == "z") NULL else r$dfs, p_value = r$pval, level = f$beta[1],
         level_error = f$se[1], tau2 = f$tau2)
  }
}

one <- function(d) {
  yi <- as.numeric(d$yi); vi <- as.numeric(d$vi)
  methods <- c("DL", "HE", "HS", "SJ", "ML", "REML", "PM", "EB")
  egger <- list()
  plain <- rma(yi, vi, method = "EE")
  r <- regtest(plain, model = "lm")
  egger[["regression"]] <- line(r)
  for (m in methods) for (t in c("z", "knha")) {
    fit <- rma(yi, vi, mods = ~ sqrt(vi), method = m, test = t, control = tight)
    egger[[paste(m, t)]] <- list(
      slope = fit$beta[2], std_error = fit$se[2], statistic = fit$zval[2],
      df = if (t == "z") NULL else fit$k - fit$p, p_value = fit$pval[2], level = fit$beta[1],
      level_error = fit$se[1], tau2 = fit$tau2)
  }
  rank <- quiet(ranktest(plain))
  fill <- list()
  for (m in c("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "PM")) {
    res <- rma(yi, vi, method = m, control = if (m == "EE") list() else tight)
    for (e in c("L0", "R0", "Q0")) for (s in c("auto", "left", "right")) {
      extra <- if (m == "EE") list() else list(control = tight)
      if (s != "auto") extra$side <- s
      t <- quiet(do.call(trimfill, c(list(res, estimator = e), extra)))
      fill[[paste(m, e, s)]] <- if (is.null(t)) list(k0 = NULL) else list(
        k0 = t$k0, k0_std_error = t$se.k0, side = t$side, estimate = as.numeric(t$beta),
        std_error = t$se, lower = t$ci.lb, upper = t$ci.ub, tau2 = t$tau2,
        yi = sort(as.numeric(t$yi[t$fill])))
    }
  }
  fsn <- list(
    rosenthal = fsn(yi, vi)$fsnum, orwin = fsn(yi, vi, type = "Orwin")$fsnum,
    rosenberg = fsn(yi, vi, type = "Rosenberg")$fsnum)
  # metafor lists subsets for its exact test; with many studies it takes another one
  te <- if (length(yi) <= 20) tes(yi, vi, test = "exact") else tes(yi, vi)
  ml <- rma(yi, vi, method = "ML", control = tight)
  select <- list()
  for (a in c("greater", "less", "two.sided")) for (steps in list(0.025, 0.5, c(0.025, 0.5), c(0.05, 0.3))) {
    for (control in list(list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15), list())) {
      s <- quiet(selmodel(ml, type = "stepfun", alternative = a, steps = steps, control = control))
      if (!is.null(s)) break
    }
    if (is.null(s) || max(s$delta) > 50 || min(s$delta) < 1e-3 || s$tau2 < 1e-6) next
    select[[paste(a, paste(steps, collapse = "-"))]] <- list(
      alternative = a, steps = steps, estimate = as.numeric(s$beta), std_error = s$se, tau2 = s$tau2,
      weights = s$delta, lrt = s$LRT, lrt_p_value = s$LRTp, loglik = as.numeric(logLik(s)))
  }
  list(yi = yi, vi = vi, egger = egger,
       begg = list(correlation = as.numeric(rank$tau), p_value = rank$pval),
       trim_and_fill = fill, fail_safe = fsn,
       excess = list(observed = te$O, expected = te$E, p_value = if (length(yi) <= 20) te$pval else NULL),
       selection_model = select)
}

out <- lapply(sets, one)
cat(toJSON(list(
  made_with = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                   metadat = as.character(packageVersion("metadat"))),
  sets = out), auto_unbox = TRUE, digits = 15, null = "null", na = "null", pretty = FALSE), "\n", sep = "")
