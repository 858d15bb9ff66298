# cmeans.R - fuzzy c-means of e1071, in a process of its own that reads orders from standard input
#
# usage: Rscript cmeans.R DIRECTORY
#
# An order is a line: set, columns, clusters, fuzzifier, iterations or "default", seed.  The answer is a line:
# seconds of the clock, of the processor, iterations; the centers are then in DIRECTORY/centers.f64, row by row.

directory <- commandArgs(trailingOnly = TRUE)[1]
name <- ""

read_rows <- function(file, d)
{
	path <- file.path(directory, file)
	matrix(readBin(path, "numeric", file.size(path) / 4, size = 4), ncol = d, byrow = TRUE)
}

orders <- file("stdin", "r")
while (length(order <- scan(orders, "", nlines = 1, quiet = TRUE)) > 0)
{
	number <- suppressWarnings(as.numeric(order))
	if (name != order[1])
		x <- read_rows(paste0(name <- order[1], ".f32"), number[2])
	set.seed(number[6])
	took <- system.time(fit <-
		if (order[5] == "default") e1071::cmeans(x, number[3], m = number[4])
		else e1071::cmeans(x, number[3], m = number[4], iter.max = number[5], control = list(reltol = 1e-300)))
	writeBin(as.vector(t(fit$centers)), file.path(directory, "centers.f64"))
	cat(took[["elapsed"]], took[["user.self"]] + took[["sys.self"]], fit$iter, "\n")
}
