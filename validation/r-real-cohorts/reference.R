# Reads the two sheets where HEPATICA_SHARED says, and writes what R finds in them.
suppressMessages({library(survival);library(jsonlite)})
shared <- Sys.getenv("HEPATICA_SHARED", "../../../shared")
precise <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
x <- read.delim(file.path(shared, "data/hcc/lihc_tcga/data_clinical_patient.txt"), comment.char="#", quote="", na.strings=c("[Not Available]","[Unknown]","[Discrepancy]","[Not Applicable]"), stringsAsFactors=FALSE)
x$ev <- as.integer(x$OS_STATUS=="1:DECEASED")
x$dev <- as.integer(x$DFS_STATUS=="1:Recurred/Progressed")
m <- 30.4375
x$os <- x$OS_MONTHS*m
x$dfs <- x$DFS_MONTHS*m
st <- sub("[ABC]$","",x$AJCC_PATHOLOGIC_TUMOR_STAGE)
x$stage4 <- factor(st, levels=c("Stage I","Stage II","Stage III","Stage IV"))
x$stage <- factor(ifelse(st %in% c("Stage III","Stage IV"),"Stage III or IV",st), levels=c("Stage I","Stage II","Stage III or IV"))
x$ecog <- factor(ifelse(x$ECOG_SCORE>=2,"2",as.character(x$ECOG_SCORE)),levels=c("0","1","2"))
x$cp <- factor(ifelse(x$CHILD_PUGH_CLASSIFICATION %in% c("B","C"),"BC",x$CHILD_PUGH_CLASSIFICATION))
x$vi <- factor(x$VASCULAR_INVASION,levels=c("None","Micro","Macro"))
x$afp <- factor(ifelse(x$AFP_AT_PROCUREMENT>=400,"high","low"),levels=c("low","high"))
x$age10<-x$AGE/10
x$SEX<-factor(x$SEX,levels=c("Female","Male"))
out <- list()
k <- survfit(Surv(os,ev)~1,x)
s<-summary(k)$table
out$os_median <- unname(s[c("median","0.95LCL","0.95UCL")]/m)
out$os_n <- unname(s[c("records","events")])
k1 <- summary(k,times=c(365.25,1095.75,1826.25))
out$os_surv <- k1$surv
out$os_low<-k1$lower
out$os_up<-k1$upper
k <- survfit(Surv(dfs,dev)~1,x)
s<-summary(k)$table
out$dfs_median <- unname(s[c("median","0.95LCL","0.95UCL")]/m)
out$dfs_n<-unname(s[c("records","events")])
f <- coxph(Surv(os,ev)~stage4,x, control = precise)
out$os_stage_hr <- unname(exp(coef(f)))
out$os_stage_lr <- survdiff(Surv(os,ev)~stage4,x)$chisq
z <- cox.zph(f,transform="km")
out$os_stage_zph <- z$table[,"p"]
lr <- survdiff(Surv(os,ev)~afp,x)
out$os_afp_lr <- pchisq(lr$chisq,1,lower=FALSE)
f <- coxph(Surv(os,ev)~afp,x, control = precise)
out$os_afp <- unname(c(exp(coef(f)),exp(confint(f))))
out$os_afp_zph <- cox.zph(f,transform="km")$table[1,"p"]
f <- coxph(Surv(os,ev)~afp+cluster(TISSUE_SOURCE_SITE),x, control = precise)
out$os_afp_cluster <- unname(exp(confint(f))[1,])
# landmark
l <- subset(x, os>365.25)
l$early <- factor(ifelse(!is.na(l$dev)&l$dev==1&l$DFS_MONTHS<=12,"Within","None"),levels=c("None","Within"))
# DFS_STATUS known but no month stays out
l <- subset(l, !(is.na(DFS_MONTHS)&!is.na(DFS_STATUS)&DFS_STATUS!="0:DiseaseFree"))
f <- coxph(Surv(os-365.25,ev)~early,l, control = precise)
out$landmark <- unname(c(table(l$early),tapply(l$ev,l$early,sum),exp(coef(f)),exp(confint(f))))
uni <- function(v,t="os",e="ev") {f<-coxph(as.formula(paste0("Surv(",t,",",e,")~",v)),x, control = precise); unname(exp(coef(f)))}
for(v in c("age10","SEX","ecog","stage","cp","vi","afp")) {out[[paste0("os_uni_",v)]]<-uni(v); out[[paste0("dfs_uni_",v)]]<-uni(v,"dfs","dev")}
f <- coxph(Surv(os,ev)~ecog+stage,x, control = precise)
out$os_multi <- unname(exp(coef(f)))
out$os_multi_low<-unname(exp(confint(f))[,1])
out$os_multi_n<-c(f$n,f$nevent)
out$os_multi_c<-unname(concordance(f)$concordance)
f <- coxph(Surv(dfs,dev)~ecog+stage+vi,x, control = precise)
out$dfs_multi <- unname(exp(coef(f)))
out$dfs_multi_n<-c(f$n,f$nevent)
f <- coxph(Surv(os,ev)~age10+SEX+ecog+stage+cp+vi+afp,x, control = precise)
out$os_all <- unname(exp(coef(f)))
out$os_all_n<-c(f$n,f$nevent)
f <- coxph(Surv(os,ev)~ecog+stage+strata(TISSUE_SOURCE_SITE),x, control = precise)
out$os_strat <- unname(exp(coef(f)))
f <- coxph(Surv(os,ev)~AGE+stage+vi+afp,x, control = precise)
out$nomo <- unname(exp(coef(f)))
out$nomo_n<-c(f$n,f$nevent)
v<-x[!is.na(x$vi),]
out$kw_age <- kruskal.test(AGE~vi,v)$p.value
out$chi_sex<-chisq.test(table(v$SEX,v$vi),correct=FALSE)$p.value
u <- read.csv(file.path(shared, "data/hcc/uci_hcc/hcc-data.txt"),na.strings="?",check.names=FALSE)
names(u)<-make.names(names(u))
u$y<-u$survived
u$e<-factor(pmin(u$Performance.Status,3))
u$a10<-u$Age.at.diagnosis/10
g<-function(f) unname(exp(coef(glm(f,binomial,u,control=list(epsilon=1e-14,maxit=100)))[-1]))
out$u_e<-g(y~e)
out$u_asc<-g(y~factor(Ascites.degree))
out$u_age<-g(y~a10)
out$u_alb<-g(y~Albumin..mg.dL.)
out$u_multi<-g(y~e+factor(Ascites.degree)+Portal.Vein.Thrombosis+Liver.Metastasis+Major.dimension.of.nodule..cm.+Albumin..mg.dL.+Total.Bilirubin.mg.dL.+I(Alpha.Fetoprotein..ng.mL.>=400))
out$versions<-c(R=as.character(getRversion()),survival=as.character(packageVersion("survival")))
cat(toJSON(out,digits=NA,auto_unbox=TRUE,pretty=TRUE))
