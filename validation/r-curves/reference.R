# Reference answers of R for weighted and left-truncated curves, cumulative hazards and bands, on
# constructed data written beside them. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(survival)
  library(km.ci)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

CONF_TYPES <- c("log-log" = "log-log", log = "log", plain = "plain", logit = "logit",
                arcsine = "arcsin")

subjects <- function(seed, n, longest, share, decimals) {
  set.seed(seed)
  time <- round(runif(n, 1, longest), decimals)
  entry <- round(time * pmax(runif(n, -0.4, 0.9), 0), decimals)
  entry[entry >= time] <- 0
  list(time = time, event = rbinom(n, 1, share), entry = entry,
       cases = sample(1:4, n, replace = TRUE), weights = round(runif(n, 0.2, 3), 3))
}

data <- list(
  ties = subjects(1, 40, 12, 0.6, 0),
  days = subjects(2, 60, 700, 0.7, 0),
  months = subjects(3, 40, 36, 0.6, 2),
  continuous = subjects(4, 40, 10, 0.65, 9),
  heavy_censoring = subjects(5, 50, 90, 0.15, 0),
  all_events = subjects(6, 25, 20, 1, 0),
  no_event = subjects(7, 12, 20, 0, 0),
  emptied = list(time = c(2, 3, 8, 9, 12, 12), event = c(1, 1, 1, 0, 1, 0),
                 entry = c(0, 1, 4, 5, 5, 6), cases = c(1, 2, 1, 3, 1, 1),
                 weights = c(0.3, 1.7, 0.1, 2.2, 0.7, 1.1)))

WEIGHTS <- c("none", "cases", "weights")
kept <- c("time", "n.risk", "n.event", "n.censor", "surv", "std.err", "cumhaz", "std.chaz")

fitted <- function(d, weights, late, robust = FALSE, ...) {
  d$w <- if (weights == "none") rep(1, length(d$time)) else d[[weights]]
  d$row <- seq_along(d$time)
  f <- if (late) Surv(entry, time, event) ~ 1 else Surv(time, event) ~ 1
  d <- as.data.frame(d)
  if (robust) survfit(f, data = d, weights = w, cluster = row, robust = TRUE, ...)
  else survfit(f, data = d, weights = w, robust = FALSE, ...)
}

read <- function(fit) {
  s <- summary(fit, censored = TRUE)
  out <- lapply(kept, function(key) s[[key]])
  names(out) <- gsub("[.]", "_", kept)
  out
}

limits <- function(fit) list(lower = fit$lower, upper = fit$upper)

case <- function(name, weights, late, robust) {
  d <- turned <- data[[name]]
  turned$event <- 1 - d$event
  out <- list(name = name, weights = weights, entry = late, robust = robust,
              curve = read(fitted(d, weights, late, robust = robust)),
              limits = lapply(CONF_TYPES, function(type)
                limits(fitted(d, weights, late, robust = robust, conf.type = type))),
              follow_up = read(fitted(turned, weights, late, robust = robust)))
  fit <- fitted(d, weights, late, robust = robust, conf.type = "log-log")
  q <- quantile(fit, c(0.2, 0.3, 0.7))
  out$quantiles <- cbind(q$quantile, q$lower, q$upper)
  if (!robust) out$fleming_harrington <- lapply(1:2, function(ctype) {
    fit <- fitted(d, weights, late, robust = FALSE, stype = 2, ctype = ctype)
    c(read(fit), limits = list(lapply(CONF_TYPES[1:3], function(type)
      limits(fitted(d, weights, late, robust = FALSE, stype = 2, ctype = ctype,
                    conf.type = type)))))
  })
  out
}

grid <- expand.grid(name = names(data), weights = WEIGHTS, late = c(FALSE, TRUE),
                    robust = c(FALSE, TRUE), stringsAsFactors = FALSE)
grid <- grid[!(grid$robust & grid$weights == "cases"), ]
cases <- Map(case, grid$name, grid$weights, grid$late, grid$robust)
names(cases) <- NULL

rothman <- lapply(names(data), function(name) {
  fit <- fitted(data[[name]], "none", FALSE)
  lapply(c(0.95, 0.8), function(level) {
    r <- km.ci(fit, conf.level = level, method = "rothman")
    list(name = name, conf_level = level, lower = r$lower, upper = r$upper)
  })
})

tables <- function(kind, levels) {
  out <- lapply(levels, function(level) get(paste0("critical.value.", kind, ".", level)))
  names(out) <- levels
  # Rows are a_upper = 0.1, 0.12, ..., 1; columns a_lower.
  lapply(out, function(m) list(rows = nrow(m), columns = colnames(m), values = unname(m)))
}

cat(toJSON(list(
  versions = list(R = R.version.string, survival = as.character(packageVersion("survival")),
                  km.ci = as.character(packageVersion("km.ci")),
                  jsonlite = as.character(packageVersion("jsonlite"))),
  call = "Rscript --vanilla reference.R",
  data = data, cases = cases, rothman = unlist(rothman, recursive = FALSE),
  critical = list(hall_wellner = tables("hall", c("90", "95", "99")), equal_precision = tables("nair", c("90", "95")))
), digits = I(17), na = "null", auto_unbox = FALSE, matrix = "rowmajor"))
cat("\n")
