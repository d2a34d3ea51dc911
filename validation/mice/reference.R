# Reference answers of mice for pooling by Rubin's rules. Run by regenerate.sh; prints JSON.
suppressPackageStartupMessages({
  library(mice)
  library(survival)
  library(jsonlite)
})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

pooled <- function(q, u, dfcom) {
  one <- pool.scalar(q, u, n = dfcom + 1, k = 1)
  list(estimates = q, variances = u, df_complete = if (is.infinite(dfcom)) "Inf" else dfcom,
       estimate = one$qbar, within = one$ubar, between = one$b, total = one$t, df = one$df,
       fmi = one$fmi, lambda = (1 + 1 / one$m) * one$b / one$t)
}
scalars <- list()
for (m in c(2, 5, 20, 50)) for (dfcom in c(8, 60, 4997, Inf)) for (spread in c(0.02, 0.5, 3)) {
  set.seed(m * 1000 + 10 * spread + min(dfcom, 9999))
  scalars <- c(scalars, list(pooled(rnorm(m, 1, spread), runif(m, 0.5, 1.5), dfcom)))
}

# Models of imputed tables of mice's own data: what is pooled, and by summary(pool())
set.seed(1)
imputed <- mice(nhanes2, m = 7, maxit = 5, printFlag = FALSE)
fits <- with(imputed, lm(chl ~ age + bmi + hyp))
table <- summary(pool(fits), conf.int = TRUE)
parts <- pool(fits)$pooled
smaller <- with(imputed, lm(chl ~ bmi + hyp))
# What D1() of mice asks for; without degrees of freedom of the complete table by Li et al. 1991
joint <- mitml::testModels(fits$analyses, smaller$analyses, method = "D1")$test
of_all <- list(
  terms = as.character(table$term),
  estimates = t(sapply(fits$analyses, coef)),
  covariances = lapply(fits$analyses, vcov),
  df_complete = fits$analyses[[1]]$df.residual,
  estimate = table$estimate, std_error = table$std.error, statistic = table$statistic,
  df = table$df, p_value = table$p.value, lower = table$`2.5 %`, upper = table$`97.5 %`,
  lambda = parts$lambda, fmi = parts$fmi, between = parts$b, within = parts$ubar,
  joint = list(places = match(c("age40-59", "age60-99"), table$term) - 1,
               statistic = joint[1, 1], df = joint[1, 2], df_error = joint[1, 3], p_value = joint[1, 4]))

cat(toJSON(list(
  versions = list(R = as.character(getRversion()), mice = as.character(packageVersion("mice")),
                  mitml = as.character(packageVersion("mitml"))),
  scalars = scalars, models = of_all
), auto_unbox = TRUE, digits = I(15), pretty = TRUE, matrix = "rowmajor"), "\n")
