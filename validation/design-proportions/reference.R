# Reference answers of R for hepatica.stats.design: proportions, monitoring, dose finding.
# Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(clinfun)
  library(dfcrm)
  library(BOIN)
  library(ph2bayes)
  library(rpact)
  library(pwr)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
quiet <- function(x) { sink(nullfile()); on.exit(sink()); suppressWarnings(force(x)) }

# The two tables of Simon (1989): differences of .20 and of .15.
pairs <- rbind(data.frame(null = c(.05, seq(.1, .7, .1)), alternative = c(.25, seq(.3, .9, .1))),
               data.frame(null = c(.05, seq(.1, .8, .1)), alternative = c(.20, seq(.25, .95, .1))))
errors <- data.frame(alpha = c(.10, .05, .05), power = c(.90, .80, .90))
grid <- merge(pairs, errors)
grid <- grid[order(grid$alternative - grid$null, grid$null, grid$alpha, grid$power), ]

one_case <- function(null, alternative, alpha, power) {
  single <- ph2single(null, alternative, alpha, 1 - power, nsoln = 1)
  n <- 1:600
  critical <- qbinom(1 - alpha, n, null) + 1
  reached <- pbinom(critical - 1, n, alternative, lower.tail = FALSE)
  list(null = null, alternative = alternative, alpha = alpha, power = power,
       n = single$n, events = single$r + 1, type_1_error = single[[3]], type_2_error = single[[4]],
       lasting = max(n[reached < power]) + 1,
       normal = getSampleSizeRates(groups = 1, normalApproximation = TRUE, thetaH0 = null,
                                   pi1 = alternative, sided = 1, alpha = alpha,
                                   beta = 1 - power)$numberOfSubjects[1])
}

simon_case <- function(null, alternative, alpha, power) {
  found <- ph2simon(null, alternative, alpha, 1 - power, nmax = 130)
  kept <- twostage.admissible(found)
  list(null = null, alternative = alternative, alpha = alpha, power = power,
       admissible = unname(as.matrix(kept)))
}

two_stage <- list(c(1, 10, 5, 29), c(3, 13, 12, 43), c(4, 18, 10, 33), c(0, 9, 2, 24))
two_stage_null <- c(.1, .2, .2, .05)
inference_case <- function(i) {
  d <- two_stage[[i]]
  x <- 0:d[4]
  at <- function(x) unname(twostage.inference(x, d[1], d[2], d[4], two_stage_null[i], .025))
  # Independent of clinfun: sums over the first stage, roots to the last digit.
  tail_of <- function(x, p) if (x <= d[1]) pbinom(x - 1, d[2], p, lower.tail = FALSE) else {
    s <- (d[1] + 1):d[2]
    sum(dbinom(s, d[2], p) * pbinom(x - 1 - s, d[4] - d[2], p, lower.tail = FALSE))
  }
  above <- function(x, p) if (x == d[1]) pbinom(d[1], d[2], p, lower.tail = FALSE) else
    tail_of(x + 1, p)
  root <- function(f, want) {
    if (f(0) >= want) return(0)
    if (f(1) <= want) return(1)
    uniroot(function(p) f(p) - want, c(0, 1), tol = 1e-15, maxiter = 10000)$root
  }
  list(design = d[c(2, 1, 4, 3)], null = two_stage_null[i], events = x,
       clinfun = t(sapply(x, at)),
       p_value = sapply(x, tail_of, p = two_stage_null[i]),
       lower = sapply(x, function(x) root(function(p) tail_of(x, p), .025)),
       median = sapply(x, function(x) root(function(p) tail_of(x, p), .5)),
       upper = sapply(x, function(x) if (x == d[4]) 1 else root(function(p) above(x, p), .975)),
       rates = seq(0, 1, .1),
       reject = sapply(seq(0, 1, .1), function(p) tail_of(d[3] + 1, p)))
}

arms <- expand.grid(control = c(.1, .3, .65), gap = c(.15, .25, -.08), alpha = c(.05, .10),
                    power = c(.8, .9), sides = 1:2)
arms$treatment <- round(arms$control + arms$gap, 10)
two_case <- function(control, gap, alpha, power, sides, treatment) {
  ratio <- c(1, 2, .5)
  pooled <- sapply(ratio, function(r) getSampleSizeRates(
    groups = 2, pi1 = treatment, pi2 = control, sided = sides, alpha = alpha, beta = 1 - power,
    allocationRatioPlanned = r)$numberOfSubjects2[1])
  list(control = control, treatment = treatment, alpha = alpha, power = power, sides = sides,
       allocation = ratio, pooled = pooled,
       pooled_base = power.prop.test(p1 = control, p2 = treatment, sig.level = alpha, power = power,
         alternative = c("one.sided", "two.sided")[sides], tol = 1e-13)$n,
       arcsine = pwr.2p.test(h = abs(ES.h(treatment, control)), sig.level = alpha, power = power,
         alternative = c("greater", "two.sided")[sides])$n)
}
cps <- expand.grid(control = c(.1, .2, .3), gap = c(.2, .3, .4), r = c(1, 2))
cps_case <- function(control, gap, r) {
  found <- fe.ssize(control, control + gap, r = r)
  list(control = control, treatment = control + gap, allocation = r,
       cps = found["CPS", 1:2], fisher = found["Fisher Exact", 1:2],
       fisher_power = found["Fisher Exact", 3])
}
fisher_power <- function(n1, n2, p1, p2, alternative) {
  total <- 0
  size <- 0
  for (x in 0:n1) for (y in 0:n2) {
    p <- fisher.test(matrix(c(y, n2 - y, x, n1 - x), 2), alternative = alternative)$p.value
    if (p <= .05 + 1e-12) {
      total <- total + dbinom(x, n1, p1) * dbinom(y, n2, p2)
      size <- size + dbinom(x, n1, p1) * dbinom(y, n2, p1)
    }
  }
  list(n_control = n1, n_treatment = n2, control = p1, treatment = p2,
       alternative = alternative, power = total, type_1_error = size)
}

margin <- expand.grid(control = c(.4, .65, .9), treatment = c(.4, .65, .9), margin = c(.1, .15),
                      allocation = c(1, 2))
margin <- margin[margin$treatment - margin$control > -margin$margin + .04, ]
margin_case <- function(control, treatment, margin, allocation) {
  list(control = control, treatment = treatment, margin = margin, allocation = allocation,
       n_control = getSampleSizeRates(
         groups = 2, thetaH0 = -margin, pi1 = treatment, pi2 = control, sided = 1, alpha = .025,
         beta = .2, allocationRatioPlanned = allocation)$numberOfSubjects2[1])
}

half_width <- function(n, p, method, level) {
  z <- qnorm(.5 + level / 2)
  switch(method,
    wald = z * sqrt(p * (1 - p) / n),
    wilson = z / (n + z^2) * sqrt(n * p * (1 - p) + z^2 / 4),
    "clopper-pearson" = (qbeta(.5 + level / 2, n * p + 1, n - n * p) -
                           qbeta(.5 - level / 2, n * p, n - n * p + 1)) / 2)
}
precision <- expand.grid(rate = c(.1, .3, .5, .65), half_width = c(.05, .1, .15),
                         method = c("wald", "wilson", "clopper-pearson"), level = c(.9, .95),
                         stringsAsFactors = FALSE)
precision$n <- mapply(function(p, h, m, l) min(which(half_width(1:2000, p, m, l) <= h)),
                      precision$rate, precision$half_width, precision$method, precision$level)
precision$reached <- mapply(half_width, precision$n, precision$rate, precision$method,
                            precision$level)

# Any rule with looks, one patient at a time.
follow <- function(looks, futility, efficacy, p) {
  state <- c(1, rep(0, max(looks)))
  stop_low <- stop_high <- numeric(length(looks))
  for (patient in seq_len(max(looks))) {
    state <- state * (1 - p) + c(0, head(state, -1)) * p
    k <- match(patient, looks)
    if (!is.na(k)) {
      x <- seq_along(state) - 1
      stop_low[k] <- sum(state[x <= futility[k]])
      stop_high[k] <- sum(state[x >= efficacy[k]])
      state[x <= futility[k] | x >= efficacy[k]] <- 0
    }
  }
  list(low = stop_low, high = stop_high, reject = sum(stop_high),
       expected_n = sum((stop_low + stop_high) * looks))
}

posterior_case <- function(null, alternative, looks, low, high, final, a, b) {
  bound <- function(n) {
    post <- pbeta(null, a + 0:n, b + n - 0:n, lower.tail = FALSE)
    c(sum(post < low) - 1, n + 1 - sum(post > high), n + 1 - sum(post > final))
  }
  all <- sapply(looks, bound)
  last <- length(looks)
  futility <- all[1, ]
  efficacy <- all[2, ]
  futility[last] <- all[3, last] - 1
  efficacy[last] <- all[3, last]
  under <- follow(looks, futility, efficacy, null)
  over <- follow(looks, futility, efficacy, alternative)
  list(null = null, alternative = alternative, looks = looks, futility_threshold = low,
       efficacy_threshold = high, final_threshold = final, prior = c(a, b), futility = futility,
       efficacy = efficacy, type_1_error = under$reject, power = over$reject,
       expected_n = under$expected_n, expected_n_alternative = over$expected_n)
}

predictive_case <- function(null, theta, nmax, a, b, final) {
  found <- quiet(stopbound_pred(theta, "futility", nmax, a, b, null, final))
  n <- seq(5, nmax - 1, 6)
  list(null = null, futility_threshold = theta, n = nmax, prior = c(a, b), final_threshold = final,
       bound = unname(as.matrix(found)), at = n,
       predictive = lapply(n, function(n) sapply(0:n, function(y)
         predprob(y, n, nmax, a, b, null, final))))
}

bop2_case <- function(null, alternative, looks, alpha) {
  a <- null
  b <- 1 - null
  rules <- expand.grid(shape = (0:100) / 100, scale = (500:999) / 1000)
  bounds <- sapply(looks, function(n) {
    post <- pbeta(null, a + 0:n, b + n - 0:n, lower.tail = FALSE)
    threshold <- rules$scale * (n / max(looks))^rules$shape
    rowSums(outer(threshold, post, ">")) - 1
  })
  bounds <- unique(bounds)
  last <- length(looks)
  oc <- apply(bounds, 1, function(futility) {
    efficacy <- looks + 1
    efficacy[last] <- futility[last] + 1
    under <- follow(looks, futility, efficacy, null)
    over <- follow(looks, futility, efficacy, alternative)
    c(under$reject, over$reject, under$expected_n, over$expected_n)
  })
  kept <- which(oc[1, ] <= alpha)
  best <- kept[order(-round(oc[2, kept], 12), oc[3, kept])[1]]
  list(null = null, alternative = alternative, looks = looks, alpha = alpha,
       rules = nrow(bounds), futility = bounds[best, ], type_1_error = oc[1, best],
       power = oc[2, best], expected_n = oc[3, best], expected_n_alternative = oc[4, best])
}

toxicity_case <- function(null, alternative, looks, alpha) {
  tails <- sort(unique(unlist(lapply(looks, function(n)
    pbinom(0:n - 1, n, null, lower.tail = FALSE)))))
  tails <- tails[tails <= alpha]
  boundary <- function(level) sapply(looks, function(n)
    n + 1 - sum(pbinom(0:n - 1, n, null, lower.tail = FALSE) <= level + 1e-12))
  crossed <- sapply(tails, function(level)
    follow(looks, rep(-1, length(looks)), boundary(level), null)$reject)
  chosen <- boundary(max(tails[crossed <= alpha]))
  # clinfun stops above its bound.
  oc <- bdrycross.prob(looks, chosen - 1, c(null, alternative))
  list(null = null, alternative = alternative, looks = looks, alpha = alpha, boundary = chosen,
       crossing = unname(as.matrix(oc)))
}

boin_case <- function(target) {
  found <- quiet(get.boundary(target, 12, 3, n.earlystop = 36))
  full <- found$full_boundary_tab
  list(target = target, escalate_rate = found$lambda_e, de_escalate_rate = found$lambda_d,
       escalate = unname(full[2, ]), de_escalate = unname(full[3, ]),
       eliminate = unname(full[4, ]))
}
set.seed(20)
selection_case <- function(i) {
  doses <- sample(3:6, 1)
  target <- sample(c(.2, .25, .3), 1)
  n <- 3 * sample(0:5, doses, replace = TRUE)
  n[1] <- max(n[1], 3)
  true <- sort(runif(doses, .02, .6))
  x <- rbinom(doses, n, true)
  list(target = target, patients = n, toxicities = x,
       dose = quiet(select.mtd(target, n, x)$MTD))
}
boin_truth <- list(c(.05, .15, .30, .45, .60), c(.30, .45, .55, .60, .65), c(.45, .5, .6, .7, .8),
                   c(.02, .05, .10, .15, .30))
boin_simulation <- function(true) {
  found <- quiet(get.oc(.3, true, 10, 3, ntrial = 20000, seed = 6))
  list(rates = true, selected = found$selpercent, patients = found$npatients,
       toxicities = found$ntox, stopped = found$percentstop)
}

set.seed(40)
crm_case <- function(i) {
  doses <- sample(3:6, 1)
  target <- sample(c(.2, .25, .3), 1)
  skeleton <- getprior(.05, target, sample(2:doses, 1), doses)
  n <- sample(0:9, doses, replace = TRUE)
  n[1] <- n[1] + 1
  x <- rbinom(doses, n, sort(runif(doses, .02, .7)))
  level <- rep(seq_len(doses), n)
  tox <- unlist(lapply(seq_len(doses), function(d) rep(c(1, 0), c(x[d], n[d] - x[d]))))
  found <- crm(skeleton, target, tox, level)
  weight <- function(t) sapply(t, function(t) exp(sum(
    ifelse(x > 0, x * exp(t) * log(skeleton), 0) +
      ifelse(n > x, (n - x) * log(-expm1(exp(t) * log(skeleton))), 0)) - t^2 / (2 * 1.34)))
  # Pieces of the line, so that no piece hides the bell, and scaled to its height.
  mode <- optimize(weight, c(-8, 8), maximum = TRUE, tol = 1e-12)
  moment <- function(k) sum(sapply(seq(-10, 9.5, .5), function(from)
    integrate(function(t) t^k * weight(t) / mode$objective, mode$maximum + from,
              mode$maximum + from + .5, rel.tol = 1e-13, abs.tol = 0,
              stop.on.error = FALSE)$value))
  total <- moment(0)
  mean <- moment(1) / total
  list(target = target, skeleton = skeleton, patients = n, toxicities = x, dfcrm = found$estimate,
       dfcrm_rates = found$ptox, dose = found$mtd, mean = mean,
       sd = sqrt(moment(2) / total - mean^2))
}
crm_truth <- list(c(.05, .12, .25, .40, .55), c(.25, .40, .50, .60, .70), c(.02, .05, .08, .12, .25))
crm_simulation <- function(true) {
  found <- quiet(crmsim(true, getprior(.05, .25, 3, 5), .25, 24, 1, nsim = 2000, restrict = TRUE,
                        seed = 9))
  list(rates = true, selected = found$MTD, patients = found$level, toxicities = found$tox)
}
priors <- expand.grid(half_width = c(.03, .05, .07), target = c(.2, .3), nu = c(1, 3))
prior_case <- function(half_width, target, nu)
  list(half_width = half_width, target = target, prior_dose = nu - 1,
       skeleton = getprior(half_width, target, nu, 5))

fleming_case <- function(null, alternative, looks, alpha) {
  n <- max(looks)
  z <- qnorm(1 - alpha)
  upper <- (sqrt(n * null) + sqrt(1 - null) * z)^2 / (n + z^2)
  efficacy <- floor(looks * null + z * sqrt(n * null * (1 - null)) + .5) + 1
  futility <- floor(looks * upper - z * sqrt(n * upper * (1 - upper)) + .5)
  futility[length(looks)] <- efficacy[length(looks)] - 1
  futility <- pmax(futility, -1)
  efficacy <- pmin(efficacy, looks + 1)
  under <- follow(looks, futility, efficacy, null)
  over <- follow(looks, futility, efficacy, alternative)
  list(null = null, alternative = alternative, looks = looks, alpha = alpha, futility = futility,
       efficacy = efficacy, type_1_error = under$reject, power = over$reject,
       expected_n = under$expected_n, expected_n_alternative = over$expected_n)
}
winner_case <- function(n, others, best, arms)
  list(n = n, others = others, best = best, arms = arms,
       untied = tail(pselect(n, c(rep(others, arms - 1), best))$prob.selection[, 3], 1))

each <- function(f, frame) unname(do.call(Map, c(list(f), as.list(frame))))
out <- list(
  versions = list(R = as.character(getRversion()),
                  clinfun = as.character(packageVersion("clinfun")),
                  dfcrm = as.character(packageVersion("dfcrm")),
                  BOIN = as.character(packageVersion("BOIN")),
                  ph2bayes = as.character(packageVersion("ph2bayes")),
                  rpact = as.character(packageVersion("rpact")),
                  pwr = as.character(packageVersion("pwr"))),
  one_proportion = each(one_case, grid),
  simon = each(simon_case, grid),
  two_stage = lapply(seq_along(two_stage), inference_case),
  two_proportions = each(two_case, arms),
  casagrande = each(cps_case, cps),
  fisher = list(fisher_power(20, 20, .2, .6, "two.sided"), fisher_power(15, 30, .1, .45, "greater"),
                fisher_power(25, 12, .6, .2, "less"), fisher_power(22, 24, .5, .8, "two.sided")),
  noninferiority = each(margin_case, margin),
  precision = precision,
  posterior = list(
    posterior_case(.2, .4, c(10, 20, 30, 40), .05, 1, .95, 1, 1),
    posterior_case(.3, .5, c(12, 24, 36), .1, .99, .9, .5, .5),
    posterior_case(.05, .25, 5:24, .02, 1, .975, .05, .95),
    posterior_case(.65, .8, c(24, 48, 73), .05, .995, .975, .65, .35)),
  predictive = list(predictive_case(.3, .05, 40, .6, 1.4, .85), predictive_case(.2, .05, 30, .4, 1.6, .85),
                    predictive_case(.2, .001, 36, .2, .8, .9)),
  bop2 = list(bop2_case(.2, .4, c(10, 20, 30, 40), .05), bop2_case(.3, .5, c(15, 30, 45), .1),
              bop2_case(.1, .3, c(5, 10, 15, 20, 25), .05)),
  toxicity = list(toxicity_case(.2, .4, c(5, 10, 15, 20), .05), toxicity_case(.3, .5, 3:24, .1),
                  toxicity_case(.1, .3, c(6, 12, 18, 24, 30), .05)),
  fleming = list(fleming_case(.2, .4, c(15, 25), .05), fleming_case(.05, .2, c(15, 30, 40), .05),
                 fleming_case(.3, .5, c(20, 35, 50), .1)),
  selection = each(winner_case, expand.grid(n = c(20, 37), others = c(.1, .2, .4), best = c(.5, .6),
                                            arms = 2:4)),
  boin = lapply(c(.2, .25, .3, .33), boin_case),
  boin_selection = lapply(1:200, selection_case),
  boin_simulation = lapply(boin_truth, boin_simulation),
  crm = lapply(1:60, crm_case),
  crm_prior = each(prior_case, priors),
  crm_simulation = lapply(crm_truth, crm_simulation)
)
cat(toJSON(out, digits = I(15), auto_unbox = TRUE, matrix = "rowmajor", na = "null"), "\n")
