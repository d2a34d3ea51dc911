# The comparison of benchmarks/cohort_peers.py in R: Rscript cohort_peers.R sheet [answers]
# With answers, models take one more step: they end where the likelihood no longer tells. Prints the CPU seconds of the comparison; reading the sheet and writing the answers is not in it.
suppressPackageStartupMessages(library(survival))
paths <- commandArgs(trailingOnly = TRUE)
cox <- function(model, data) {
  fit <- coxph(model, data)
  if (length(paths) > 1) {
    again <- coxph(model, data, init = coef(fit))
    fit[c("coefficients", "var")] <- again[c("coefficients", "var")]
  }
  fit
}
d <- read.csv(paths[1])
d$ARM <- factor(d$ARM, c("Regorafenib", "Combination"))
d$AFP400 <- factor(d$AFP >= 400, c(FALSE, TRUE), c("Below 400", "400 or more"))
columns <- c(sex = "SEX", ecog = "ECOG", "child-pugh" = "CHILDPUGH", bclc = "BCLC", hbv = "HBV",
             hcv = "HCV", cirrhosis = "CIRRHOSIS", pvtt = "PVTT", extrahepatic = "EHS",
             albi = "ALBI", local = "LOCAL", "afp-400" = "AFP400")
for (one in columns) d[[one]] <- factor(d[[one]])
d$SEX <- factor(d$SEX, c("Male", "Female"))
d$AFP400 <- factor(d$AFP400, c("Below 400", "400 or more"))
subgroups <- c("sex", "ecog", "child-pugh", "bclc", "hbv", "afp-400", "pvtt", "extrahepatic")
answers <- list()
say <- function(name, value) answers[[name]] <<- value

apart <- function(first, second) {
  abs(mean(first) - mean(second)) / sqrt((var(first) + var(second)) / 2)
}
distance <- function(counts) {
  share <- t(t(counts) / colSums(counts))[-1, , drop = FALSE]
  both <- lapply(1:2, function(at) diag(share[, at], nrow(share)) - share[, at] %o% share[, at])
  gap <- share[, 1] - share[, 2]
  sqrt(drop(gap %*% solve((both[[1]] + both[[2]]) / 2, gap)))
}
tested <- function(counts) {
  pearson <- suppressWarnings(chisq.test(counts, correct = FALSE))
  if (min(pearson$expected) < 5) fisher.test(counts)$p.value else pearson$p.value
}

baseline <- function() {
  for (one in c("AGE", "AFP")) {
    groups <- split(d[[one]], d$ARM)
    name <- tolower(one)
    for (arm in c(names(groups), "")) {
      known <- if (arm == "") d[[one]] else groups[[arm]]
      quarters <- quantile(known, c(0.25, 0.5, 0.75), type = 2)
      say(paste("baseline", name, arm, "mean"), mean(known))
      say(paste("baseline", name, arm, "sd"), sd(known))
      say(paste("baseline", name, arm, "q1"), quarters[[1]])
      say(paste("baseline", name, arm, "median"), quarters[[2]])
      say(paste("baseline", name, arm, "q3"), quarters[[3]])
      say(paste("baseline", name, arm, "min"), min(known))
      say(paste("baseline", name, arm, "max"), max(known))
    }
  }
  age <- split(d$AGE, d$ARM)
  say("baseline age p_value", t.test(age[[1]], age[[2]])$p.value)
  say("baseline age standardised_difference", apart(age[[1]], age[[2]]))
  afp <- split(d$AFP, d$ARM)
  exact <- nrow(d) < 50 && !anyDuplicated(d$AFP)
  say("baseline afp p_value", wilcox.test(afp[[1]], afp[[2]], exact = exact)$p.value)
  ranks <- split(rank(d$AFP), d$ARM)
  say("baseline afp standardised_difference", apart(ranks[[1]], ranks[[2]]))
  for (name in names(columns)) {
    counts <- table(d[[columns[[name]]]], d$ARM)
    shares <- prop.table(counts, 2)
    for (arm in levels(d$ARM)) for (level in rownames(counts)) {
      say(paste("baseline", name, arm, level, "n"), counts[level, arm])
      say(paste("baseline", name, arm, level, "percent"), 100 * shares[level, arm])
    }
    say(paste("baseline", name, "p_value"), tested(counts))
    say(paste("baseline", name, "standardised_difference"), distance(counts))
  }
}

response <- function() {
  for (name in c("orr", "dcr")) {
    counted <- if (name == "orr") c("CR", "PR") else c("CR", "PR", "SD")
    has <- factor(d$RECIST %in% counted, c(TRUE, FALSE))
    counts <- table(d$ARM, has)[c("Combination", "Regorafenib"), ]
    n <- rowSums(counts)
    for (arm in rownames(counts)) {
      limits <- 100 * binom.test(counts[arm, 1], n[[arm]])$conf.int
      say(paste("response", name, arm, "percent_lower"), limits[1])
      say(paste("response", name, arm, "percent_upper"), limits[2])
    }
    share <- counts[, 1] / n
    say(paste("response", name, "risk_difference"), 100 * (share[[1]] - share[[2]]))
    say(paste("response", name, "risk_ratio"), share[[1]] / share[[2]])
    wide <- qnorm(0.975) * sqrt(sum((1 - share) / counts[, 1]))
    say(paste("response", name, "risk_ratio_lower"), share[[1]] / share[[2]] * exp(-wide))
    say(paste("response", name, "risk_ratio_upper"), share[[1]] / share[[2]] * exp(wide))
    say(paste("response", name, "p_value"), tested(counts))
    say(paste("response", name, "fisher_p_value"), fisher.test(counts)$p.value)
  }
}

medians <- function(where, fit) {
  found <- summary(fit)$table
  for (arm in c("Combination", "Regorafenib")) {
    own <- found[paste0("ARM=", arm), ]
    say(paste(where, arm, "events"), own[["events"]])
    say(paste(where, arm, "median"), own[["median"]])
    say(paste(where, arm, "median_lower"), own[["0.95LCL"]])
    say(paste(where, arm, "median_upper"), own[["0.95UCL"]])
  }
}
ratios <- function(where, fit) {
  found <- summary(fit)
  for (column in rownames(found$coefficients)) {
    place <- if (nrow(found$coefficients) == 1) where else paste(where, column)
    say(paste(place, "hazard_ratio"), found$conf.int[column, "exp(coef)"])
    say(paste(place, "hazard_ratio_lower"), found$conf.int[column, "lower .95"])
    say(paste(place, "hazard_ratio_upper"), found$conf.int[column, "upper .95"])
    say(paste(place, "p_value"), found$coefficients[column, "Pr(>|z|)"])
  }
  invisible(found)
}
curves <- function(of) survfit(outcome[of] ~ ARM, d[of, ], conf.type = "log-log")

comparison <- function() {
  all <- rep(TRUE, nrow(d))
  medians("survival", curves(all))
  test <- survdiff(outcome ~ ARM, d)
  say("survival logrank test_statistic", test$chisq)
  say("survival logrank p_value", pchisq(test$chisq, 1, lower.tail = FALSE))
  ratios("survival", cox(outcome ~ ARM, d))
}

factors <- function() {
  covariates <- c(arm = "ARM", age = "AGE", columns)
  chosen <- character(0)
  for (name in names(covariates)) {
    fit <- cox(reformulate(covariates[[name]], "outcome"), d)
    found <- ratios(paste("univariable", name), fit)
    if (found$waldtest[["pvalue"]] < 0.05) chosen <- c(chosen, covariates[[name]])
  }
  if (!length(chosen)) return(invisible())
  fit <- cox(reformulate(chosen, "outcome"), d)
  found <- ratios("multivariable", fit)
  say("multivariable concordance", found$concordance[[1]])
  say("multivariable test_statistic", found$logtest[["test"]])
}

forest <- function() {
  for (name in subgroups) {
    column <- columns[[name]]
    for (level in levels(d[[column]])) {
      own <- d[[column]] == level
      where <- paste("forest", name, level)
      medians(where, curves(own))
      ratios(where, cox(outcome[own] ~ ARM, d[own, ]))
    }
    smaller <- cox(reformulate(c("ARM", column), "outcome"), d)
    larger <- cox(reformulate(paste0("ARM*", column), "outcome"), d)
    gained <- 2 * (larger$loglik[2] - smaller$loglik[2])
    say(paste("forest", name, "interaction_p_value"), pchisq(gained, 1, lower.tail = FALSE))
  }
}

spent <- system.time({
  outcome <- Surv(d$OS_DAYS, d$OS_STATUS == "Dead")
  baseline()
  response()
  comparison()
  factors()
  forest()
})
if (length(paths) > 1) {
  write.table(data.frame(names(answers), sprintf("%.17g", unlist(answers))), paths[2],
              sep = "\t", row.names = FALSE, col.names = FALSE, quote = FALSE)
}
cat(sum(spent[c("user.self", "sys.self")]))
