# Rows of a competing-risks analysis on mgus2 of R's survival: run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
  library(jsonlite)
})
data <- survival::mgus2
data$etime <- with(data, ifelse(pstat == 0, futime, ptime))
data$cause <- with(data, ifelse(pstat == 0, 2 * death, 1))
data$male <- as.numeric(data$sex == "M")
# Months as days of 30.4375, as the sheet of the test has it.
data$days <- data$etime * 30.4375
at <- c(60, 120, 240) * 30.4375
data <- data[data$etime > 0, ]
curve <- survfit(Surv(days, factor(cause, 0:2)) ~ sex, data = data, conf.type = "log-log")
read <- summary(curve, times = at)
one <- function(cause) {
  pick <- function(m) unname(tapply(m[, cause + 1], as.character(read$strata), c, simplify = FALSE))
  list(incidence = pick(read$pstate), lower = pick(read$lower), upper = pick(read$upper))
}
gray <- cuminc(data$days, data$cause, data$sex)$Tests
adjusted <- data[!is.na(data$hgb), ]
ratio <- function(d, columns, cause) {
  x <- as.matrix(d[columns])
  sub <- crr(d$days, d$cause, x, failcode = cause, gtol = 1e-14, maxiter = 100)
  d$event <- as.integer(d$cause == cause)
  spec <- coxph(reformulate(columns, "Surv(days, event)"), d,
                control = coxph.control(eps = 1e-13, iter.max = 60, toler.chol = 1e-14))
  list(fine_gray = c(unname(sub$coef[1]), sqrt(sub$var[1, 1])),
       cause_specific = c(unname(coef(spec)[1]), sqrt(vcov(spec)[1, 1])))
}
versions <- sapply(c("survival", "cmprsk", "jsonlite"), function(p) as.character(packageVersion(p)))
cat(toJSON(list(versions = as.list(versions), n = as.vector(table(data$sex)), at = at,
                causes = list(one(1), one(2)),
                gray = list(statistic = unname(gray[, "stat"]), p_value = unname(gray[, "pv"])),
                plain = lapply(1:2, function(k) ratio(data, "male", k)),
                adjusted = lapply(1:2, function(k) ratio(adjusted, c("male", "age", "hgb"), k))),
           digits = I(17), auto_unbox = TRUE), "\n")
