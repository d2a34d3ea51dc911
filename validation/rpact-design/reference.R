# Designs on survival times and group-sequential designs, from rpact and from integrals of R.
suppressPackageStartupMessages({library(rpact); library(jsonlite)})
options(digits = 17)

events <- list()
for (hr in c(0.5, 0.7, 0.85)) for (alpha in c(0.025, 0.05)) for (power in c(0.8, 0.9))
  for (ratio in c(1, 2)) for (form in c("Schoenfeld", "Freedman")) {
    f <- getSampleSizeSurvival(alpha = alpha, beta = 1 - power, sided = 1, hazardRatio = hr,
      lambda2 = log(2) / 6, allocationRatioPlanned = ratio, typeOfComputation = form,
      accrualTime = c(0, 12), followUpTime = 12)
    events[[length(events) + 1]] <- list(hazard_ratio = hr, alpha = alpha, power = power,
      allocation = ratio, method = tolower(form), events = f$eventsFixed)
  }

plans <- list(
  even = list(accrualTime = c(0, 12), accrualIntensity = 1),
  ramp = list(accrualTime = c(0, 6, 12), accrualIntensity = c(1, 2)),
  three = list(accrualTime = c(0, 3, 6, 18), accrualIntensity = c(1, 2, 4)))
curves <- list(
  exponential = list(start = 0, hazard = log(2) / 6),
  late = list(start = c(0, 6), hazard = c(0.10, 0.06)),
  three = list(start = c(0, 3, 9), hazard = c(0.05, 0.12, 0.02)))
survival <- list()
for (plan in names(plans)) for (curve in names(curves)) for (dropout in c(0, 0.1))
  for (follow in c(6, 18)) for (ratio in c(1, 2)) for (hr in c(0.6, 0.8)) {
    p <- plans[[plan]]; cu <- curves[[curve]]
    args <- list(alpha = 0.025, beta = 0.2, sided = 1, hazardRatio = hr,
      allocationRatioPlanned = ratio, dropoutRate1 = dropout, dropoutRate2 = dropout,
      dropoutTime = 12, followUpTime = follow, accrualTime = p$accrualTime,
      accrualIntensity = p$accrualIntensity, accrualIntensityType = "relative")
    if (length(cu$start) == 1) args$lambda2 <- cu$hazard else
      args$piecewiseSurvivalTime <- cu$start
    if (length(cu$start) > 1) args$lambda2 <- cu$hazard
    f <- do.call(getSampleSizeSurvival, args)
    survival[[length(survival) + 1]] <- list(plan = plan, curve = curve, dropout = dropout,
      follow_up = follow, allocation = ratio, hazard_ratio = hr, events = f$eventsFixed,
      n = f$nFixed)
  }

kinds <- c("OF", "P", "asOF", "asP", "asKD", "asHSD")
sequential <- list()
add <- function(kind, looks, sided, alpha, beta, information, ...) {
  d <- getDesignGroupSequential(typeOfDesign = kind, sided = sided, alpha = alpha, beta = beta,
    informationRates = information, tolerance = 1e-10, ...)
  ch <- getDesignCharacteristics(d)
  extra <- list(...)
  sequential[[length(sequential) + 1]] <<- list(kind = kind, information = information,
    sides = sided, alpha = alpha, power = 1 - beta,
    parameter = if (!is.null(extra$gammaA)) extra$gammaA else
      if (!is.null(extra$deltaWT)) extra$deltaWT else 1,
    futility = if (is.null(extra$typeBetaSpending)) "none" else extra$typeBetaSpending,
    binding = isTRUE(extra$bindingFutility),
    upper = d$criticalValues, lower = d$futilityBounds,
    alpha_spent = d$alphaSpent, inflation = ch$inflationFactor,
    drift = sqrt(ch$shift), expected_null = ch$averageSampleNumber0,
    expected_alternative = ch$averageSampleNumber1)
}
shares <- list(c(0.5, 1), c(1, 2, 3) / 3, c(0.3, 0.5, 0.8, 1), (1:5) / 5)
for (share in shares) for (sided in 1:2) for (beta in c(0.1, 0.2)) {
  alpha <- 0.025 * sided
  for (kind in kinds) {
    if (kind == "asKD") for (g in c(1, 3))
      add(kind, length(share), sided, alpha, beta, share, gammaA = g)
    else if (kind == "asHSD") for (g in c(-4, 1))
      add(kind, length(share), sided, alpha, beta, share, gammaA = g)
    else add(kind, length(share), sided, alpha, beta, share)
  }
  for (delta in c(0.1, 0.25)) add("WT", length(share), sided, alpha, beta, share, deltaWT = delta)
  if (sided == 1) for (kind in c("asOF", "asP")) for (futility in c("bsOF", "bsP"))
    for (binding in c(FALSE, TRUE))
      add(kind, length(share), sided, alpha, beta, share,
        typeBetaSpending = futility, bindingFutility = binding)
}

# One-sample log-rank test and Greenwood's variance by plain integrals over time.
single <- list()
for (accrual in c(0, 12, 24)) for (follow in c(6, 18)) for (shape in c(0.7, 1, 1.5))
  for (loss in c(0, 0.1)) for (pair in list(c(0.65, 0.8), c(0.5, 0.7))) for (at in c(3, 2.76)) {
    scale <- at / (-log(pair))^(1 / shape)
    H <- function(t, k) (t / scale[k])^shape
    h <- function(t, k) shape / scale[k] * (t / scale[k])^(shape - 1)
    mu <- -log(1 - loss) / 12
    G <- function(t) exp(-mu * t) *
      (if (accrual > 0) pmin(1, (accrual + follow - t) / accrual) else 1)
    int <- function(f) {
      # t = u^(1 / shape) takes the singularity of a falling hazard away.
      g <- function(u) f(u^(1 / shape)) * u^(1 / shape - 1) / shape
      cuts <- unique(c(0, follow, accrual + follow))^shape
      sum(sapply(seq_along(cuts[-1]), function(i)
        integrate(g, cuts[i], cuts[i + 1], rel.tol = 1e-12, subdivisions = 2000)$value))
    }
    S <- function(t) exp(-H(t, 2)) * G(t)
    p1 <- int(function(t) S(t) * h(t, 2)); p0 <- int(function(t) S(t) * h(t, 1))
    p00 <- int(function(t) S(t) * H(t, 1) * h(t, 1))
    p01 <- int(function(t) S(t) * H(t, 1) * h(t, 2))
    s2 <- p1 - p1^2 + 2 * p00 - p0^2 - 2 * p01 + 2 * p0 * p1
    size <- function(v) ((sqrt(v) * qnorm(0.975) + sqrt(s2) * qnorm(0.8)) / (p0 - p1))^2
    row <- list(accrual = accrual, follow_up = follow, shape = shape, dropout = loss, null = pair[1],
      alternative = pair[2], at = at, event_probability = p1, expected = size(p0),
      wu = size((p0 + p1) / 2))
    single[[length(single) + 1]] <- row
  }

cat(toJSON(list(versions = list(R = R.version.string, rpact = as.character(packageVersion("rpact"))),
  events = events, survival = survival, sequential = sequential, single = single),
  auto_unbox = TRUE, digits = 15, na = "null"))
