# Reference answers of R for interval-censored survival, on constructed intervals written beside
# them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
# Scans about every 42 days; progression lies between two of them, deaths are known to the day.
constructed <- function(seed, n, deaths) {
  set.seed(seed)
  rows <- lapply(seq_len(n), function(i) {
    time <- ceiling(rexp(1, 1 / 150))
    scans <- c(0, 42 * (1:9) + sample(-6:6, 9, replace = TRUE))
    end <- sample(120:400, 1)
    scans <- scans[scans <= end]
    if (runif(1) < deaths && time <= end) return(c(time, time))
    after <- scans[scans >= time]
    if (length(after) == 0) return(c(max(scans), Inf))
    c(max(scans[scans < time]), min(after))
  })
  do.call(rbind, rows)
}
cases <- list(
  five = rbind(c(0, 2), c(1, 3), c(2, 4), c(3, 3), c(5, Inf)),
  peto = rbind(c(0, 1), c(4, 6), c(2, 6), c(0, 3), c(2, 4), c(5, 7)),
  exact = rbind(c(2, 2), c(3, Inf), c(4, 4), c(4, Inf), c(6, 6), c(7, 7), c(8, Inf)),
  scans = constructed(1, 60, 0),
  scans_and_deaths = constructed(2, 90, 0.25),
  many = constructed(3, 250, 0.15)
)
# Plain self-consistency (Turnbull 1976) on the times that survfit puts mass on, and beyond them,
# carried on until no mass moves by more than 1e-12.
settled <- function(rows, times) {
  places <- c(times, Inf)
  known <- rows[, 1] == rows[, 2]
  inside <- outer(seq_len(nrow(rows)), seq_along(places), function(i, j) {
    ifelse(known[i], places[j] == rows[i, 1], places[j] > rows[i, 1] & places[j] <= rows[i, 2])
  })
  mass <- rep(1 / length(places), length(places))
  for (step in seq_len(500000)) {
    each <- sweep(inside, 2, mass, "*")
    new <- colMeans(each / rowSums(each))
    done <- max(abs(new - mass)) < 1e-12
    mass <- new
    if (done) break
  }
  list(survival = 1 - cumsum(mass)[seq_along(times)], steps = step)
}
# survfit stops when its self-consistency steps become small; what it ends with is pinned as it is.
# Known and right-censored times are also asked of its Kaplan-Meier.
answer <- function(rows) {
  right <- ifelse(is.infinite(rows[, 2]), NA, rows[, 2])
  fit <- survfit(Surv(rows[, 1], right, type = "interval2") ~ 1)
  value <- list(left = rows[, 1], right = right, time = fit$time, survival = fit$surv,
                settled = settled(rows, fit$time))
  if (all(is.na(right) | right == rows[, 1])) {
    exact <- survfit(Surv(rows[, 1], !is.na(right)) ~ 1)
    value$kaplan_meier <- list(time = exact$time, survival = exact$surv)
  }
  value
}
versions <- list(R = as.character(getRversion()),
                 survival = as.character(packageVersion("survival")))
cat(toJSON(list(versions = versions, cases = lapply(cases, answer)), auto_unbox = TRUE,
           digits = NA, na = "null", pretty = TRUE), "\n")
