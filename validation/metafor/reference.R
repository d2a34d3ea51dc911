# Reference answers of metafor for hepatica.stats.meta, on data sets of metadat.
# Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(metafor)
  library(clubSandwich)
  library(lme4)
  library(jsonlite)
})

TIGHT <- list(threshold = 1e-13, maxiter = 2000, tol = 1e-14)
METHODS <- c("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "PM", "EB")
TESTS <- c("z", "t", "knha", "adhoc")

num <- function(x) {
  x <- as.numeric(x)
  x[!is.finite(x)] <- NA
  x
}

one_fit <- function(yi, vi, method, test) {
  fit <- rma(yi, vi, method = method, test = test, control = TIGHT)
  guess <- predict(fit)
  list(method = method, test = test, estimate = num(fit$beta), std_error = num(fit$se),
       statistic = num(fit$zval), p_value = num(fit$pval), lower = num(fit$ci.lb),
       upper = num(fit$ci.ub), tau2 = num(fit$tau2), tau2_std_error = num(fit$se.tau2),
       q = num(fit$QE), q_p_value = num(fit$QEp), i2 = num(fit$I2 / 100), h2 = num(fit$H2),
       prediction_lower = num(if (is.null(guess$pi.lb)) NA else guess$pi.lb),
       prediction_upper = num(if (is.null(guess$pi.ub)) NA else guess$pi.ub),
       weights = num(weights(fit) / 100))
}

fits <- function(yi, vi) {
  cases <- expand.grid(test = TESTS, method = METHODS, stringsAsFactors = FALSE)
  Map(function(method, test) one_fit(yi, vi, method, test), cases$method, cases$test)
}

limits_of <- function(fit, type) {
  found <- confint(fit, type = type, control = TIGHT)$random
  list(lower = num(found["tau^2", "ci.lb"]), upper = num(found["tau^2", "ci.ub"]))
}

tau2_limits <- function(yi, vi) {
  reml <- rma(yi, vi, method = "REML", control = TIGHT)
  ml <- rma(yi, vi, method = "ML", control = TIGHT)
  list("q-profile" = limits_of(reml, "QP"), "profile-REML" = limits_of(reml, "PL"),
       "profile-ML" = limits_of(ml, "PL"))
}

effects <- function(found, input) {
  list(input = lapply(input, num), yi = num(found$yi), vi = num(found$vi))
}

pooled <- function(found, input) {
  c(effects(found, input),
    list(fits = unname(fits(num(found$yi), num(found$vi))),
         tau2_limits = tau2_limits(num(found$yi), num(found$vi))))
}

# Two arms with events, four studies with an empty cell, one without an event in either arm.
yusuf <- dat.yusuf1985[dat.yusuf1985$table == "6", ]
counts <- list(ai = yusuf$ai, n1i = yusuf$n1i, ci = yusuf$ci, n2i = yusuf$n2i)
two_arm <- function(measure, to = "only0") {
  escalc(measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = yusuf, to = to,
         add = if (measure %in% c("AS", "PETO")) 0 else 1 / 2)
}
tables <- list(
  OR = pooled(two_arm("OR"), counts), RR = pooled(two_arm("RR"), counts),
  RD = effects(two_arm("RD"), counts), AS = effects(two_arm("AS"), counts),
  PETO = effects(two_arm("PETO"), counts), OR_all = effects(two_arm("OR", "all"), counts),
  RR_if0all = effects(two_arm("RR", "if0all"), counts))
mantel_haenszel <- lapply(c(RR = "RR", OR = "OR", RD = "RD"), function(measure) {
  fit <- rma.mh(measure = measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = yusuf)
  list(estimate = num(fit$beta), std_error = num(fit$se), p_value = num(fit$pval),
       lower = num(fit$ci.lb), upper = num(fit$ci.ub), q = num(fit$QE), cmh = num(fit$MH))
})

# Proportions, some of them 0.
pritz <- dat.pritz1997
events <- list(xi = dat.nielweise2007$ci, ni = dat.nielweise2007$n2i)
proportions <- lapply(c(PR = "PR", PLN = "PLN", PLO = "PLO", PAS = "PAS", PFT = "PFT"),
  function(measure) pooled(escalc(measure, xi = events$xi, ni = events$ni), events))

# Rates, some without an event.
wires <- dat.nielweise2008
wires <- list(x1i = wires$x1i, t1i = wires$t1i, x2i = wires$x2i, t2i = wires$t2i)
rates <- lapply(c(IR = "IR", IRLN = "IRLN", IRS = "IRS", IRFT = "IRFT"), function(measure) {
  effects(escalc(measure, xi = wires$x1i, ti = wires$t1i), list(xi = wires$x1i, ti = wires$t1i))
})
rate_ratios <- lapply(c(IRR = "IRR", IRD = "IRD", IRSD = "IRSD"), function(measure) {
  effects(escalc(measure, x1i = wires$x1i, t1i = wires$t1i, x2i = wires$x2i, t2i = wires$t2i), wires)
})

# Means of two arms.
stay <- dat.normand1999[, c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")]
two_means <- function(measure, vtype) {
  effects(escalc(measure, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                 data = stay, vtype = vtype), stay)
}
means <- list(MD = two_means("MD", "LS"), MD_pooled = two_means("MD", "HO"),
              SMD = two_means("SMD", "LS"), SMD_unbiased = two_means("SMD", "UB"),
              ROM = two_means("ROM", "LS"))
means$MN <- effects(escalc("MN", mi = stay$m1i, sdi = stay$sd1i, ni = stay$n1i),
                    list(mi = stay$m1i, sdi = stay$sd1i, ni = stay$n1i))

# Estimates with variances.
generic <- lapply(list(raudenbush1985 = dat.raudenbush1985, hackshaw1998 = dat.hackshaw1998,
                       berkey_PD = subset(dat.berkey1998, outcome == "PD"),
                       bangertdrowns2004 = dat.bangertdrowns2004),
                  function(set) pooled(set, list()))

# Three levels and errors that hold whatever the correlation in a district.
schools <- dat.konstantopoulos2011
level <- function(method) {
  rma.mv(yi, vi, random = ~ 1 | district/school, data = schools, method = method,
         control = list(rel.tol = 1e-12))
}
multilevel <- lapply(c(REML = "REML", ML = "ML"), function(method) {
  fit <- level(method)
  list(estimate = num(fit$beta), std_error = num(fit$se), components = num(fit$sigma2),
       q = num(fit$QE), loglik = num(logLik(fit)))
})
robust_errors <- lapply(c(CR0 = "CR0", CR1 = "CR1", CR2 = "CR2"), function(kind) {
  found <- coef_test(level("REML"), vcov = kind, cluster = schools$district,
                     test = if (kind == "CR2") "Satterthwaite" else "naive-t")
  list(std_error = num(found$SE), df = num(if (kind == "CR2") found$df_Satt else found$df_t),
       p_value = num(if (kind == "CR2") found$p_Satt else found$p_t))
})
meta_regression_cr2 <- local({
  set <- dat.bcg
  set <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = set)
  fit <- rma(yi, vi, mods = ~ ablat, data = set, method = "DL")
  found <- coef_test(fit, vcov = "CR2", cluster = set$alloc)
  list(yi = num(set$yi), working = num(set$vi + fit$tau2), ablat = num(set$ablat),
       cluster = as.integer(factor(set$alloc)), estimate = num(found$beta),
       std_error = num(found$SE), df = num(found$df_Satt))
})

# Several arms against one control.
arms <- dat.hasselblad1998
arms <- arms[arms$study %in% c(1, 2, 3, 4, 6, 7, 8, 9), ]
arms <- do.call(rbind, lapply(split(arms, arms$study), function(set) {
  control <- set[1, ]
  rest <- set[-1, ]
  data.frame(study = rest$study, ai = rest$xi, n1i = rest$ni, ci = control$xi, n2i = control$ni)
}))
arms <- escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = arms)
arms$part <- 1 / arms$ci + 1 / (arms$n2i - arms$ci)
arms$arm <- seq_len(nrow(arms))
covariance <- outer(arms$study, arms$study, "==") * arms$part
diag(covariance) <- arms$vi
shared <- list(study = as.integer(arms$study), yi = num(arms$yi), vi = num(arms$vi),
               part = num(arms$part))
shared$fits <- lapply(c(common = "EE", REML = "REML", ML = "ML"), function(method) {
  fit <- if (method == "EE") {
    rma.mv(yi, covariance, data = arms, method = "FE")
  } else {
    rma.mv(yi, covariance, random = ~ arm | study, struct = "CS", rho = 0.5, data = arms,
           method = method,
           control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15))
  }
  list(estimate = num(fit$beta), std_error = num(fit$se),
       tau2 = num(if (method == "EE") NA else fit$tau2), q = num(fit$QE))
})

# Binomial-normal models.
glmm_sets <- list(pritz1997 = list(xi = pritz$xi, ni = pritz$ni), nielweise2007 = events)
glmm <- lapply(glmm_sets, function(set) {
  lapply(c(nodes7 = 7, nodes15 = 15, nodes25 = 25), function(nodes) {
    fit <- rma.glmm(measure = "PLO", xi = set$xi, ni = set$ni, nAGQ = nodes)
    list(xi = num(set$xi), ni = num(set$ni), nodes = nodes, estimate = num(fit$beta),
         std_error = num(fit$se), tau2 = num(fit$tau2), q_lrt = num(fit$QE.LRT))
  })
})

magnesium <- dat.li2007[, c("ai", "n1i", "ci", "n2i")]
glmm_or <- lapply(c("UM.FS" = "UM.FS", "CM.AL" = "CM.AL"), function(model) {
  lapply(c(ML = "ML", EE = "EE"), function(method) {
    fit <- rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = magnesium,
                    model = model, method = method, nAGQ = 7)
    list(estimate = num(fit$beta), std_error = num(fit$se), tau2 = num(fit$tau2),
         q_lrt = num(fit$QE.LRT))
  })
})

# lme4 itself, with its inner iterations carried to the end (metafor leaves them at 1e-7).
exact <- glmerControl(tolPwrss = 1e-13, optimizer = "bobyqa",
                      optCtrl = list(maxfun = 1e5, rhoend = 1e-10))
glmer_tight <- lapply(glmm_sets, function(set) {
  frame <- data.frame(xi = set$xi, ni = set$ni, study = factor(seq_along(set$xi)))
  lapply(c(nodes1 = 1, nodes7 = 7, nodes15 = 15), function(nodes) {
    fit <- glmer(cbind(xi, ni - xi) ~ 1 + (1 | study), family = binomial, data = frame,
                 nAGQ = nodes, control = exact)
    list(xi = num(set$xi), ni = num(set$ni), nodes = nodes, estimate = num(fixef(fit)),
         std_error = num(sqrt(vcov(fit)[1, 1])), tau2 = num(VarCorr(fit)$study[1]))
  })
})

trials <- nrow(magnesium)
long <- data.frame(x = c(magnesium$ai, magnesium$ci), n = c(magnesium$n1i, magnesium$n2i),
                   arm = rep(c(1, 0), each = trials), half = rep(c(0.5, -0.5), each = trials),
                   study = factor(rep(seq_len(trials), 2)))
two_arms <- glmer(cbind(x, n - x) ~ -1 + study + arm + (half - 1 | study), family = binomial,
                  data = long, nAGQ = 15,
                  control = glmerControl(tolPwrss = 1e-8, optimizer = "bobyqa",
                                         optCtrl = list(maxfun = 1e5, rhobeg = 0.1, rhoend = 1e-9)))
glmer_or <- list(estimate = num(fixef(two_arms)["arm"]),
                 std_error = num(sqrt(vcov(two_arms)["arm", "arm"])),
                 tau2 = num(VarCorr(two_arms)$study[1]))

answers <- list(
  versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                  metadat = as.character(packageVersion("metadat")),
                  clubSandwich = as.character(packageVersion("clubSandwich")),
                  lme4 = as.character(packageVersion("lme4"))),
  tables = tables, mantel_haenszel = mantel_haenszel, proportions = proportions, rates = rates,
  rate_ratios = rate_ratios, means = means, generic = generic,
  schools = list(yi = num(schools$yi), vi = num(schools$vi),
                 district = as.integer(schools$district)),
  multilevel = multilevel, robust = robust_errors, meta_regression_cr2 = meta_regression_cr2,
  shared_control = shared, glmm = glmm, glmer = glmer_tight,
  glmm_or = c(list(input = lapply(magnesium, num)), glmm_or),
  glmer_or = glmer_or)
cat(toJSON(answers, auto_unbox = TRUE, digits = I(15), na = "null"), "\n", sep = "")
