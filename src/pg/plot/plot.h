/*
 * plot.h - what other folders may draw: figures, the images and the samples that they show
 */
#ifndef FUZZYCLUST_PLOT_H
#define FUZZYCLUST_PLOT_H

#include "pg/plot/figure.h"
#include "pg/plot/images.h"
#include "pg/plot/sample.h"

#endif
