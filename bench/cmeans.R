# cmeans.R - fuzzy c-means of e1071 on the rows that bench/peers exported
#
# usage: Rscript cmeans.R DIRECTORY RUNS

arguments <- commandArgs(trailingOnly = TRUE)

read_rows <- function(name, d = 16)
	matrix(scan(file.path(arguments[1], name), sep = ",", quiet = TRUE), ncol = d, byrow = TRUE)

x <- read_rows("rows.csv")
centers <- read_rows("centers.csv")

# seconds of exactly this number of iterations; processor time, as on our side
seconds <- function(iterations)
{
	took <- system.time(fit <- e1071::cmeans(x, centers, iter.max = iterations, m = 2, control = list(reltol = 1e-300)))
	if (fit$iter < iterations - 1)
		stop("cmeans made ", fit$iter, " iterations instead of ", iterations)
	took[["user.self"]] + took[["sys.self"]]
}

few <- many <- Inf
for (run in seq_len(as.integer(arguments[2])))
{
	few <- min(few, seconds(20))
	many <- min(many, seconds(40))
}
cat(paste("R e1071", packageVersion("e1071")), "fcm", "float8[]", (many - few) / 20 * 1000, sep = "\t")
cat("\n")
