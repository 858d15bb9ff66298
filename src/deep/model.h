/*
 * model.h - the networks of a model, as described by its options and arrays
 */
#ifndef FC_DEEP_MODEL_H
#define FC_DEEP_MODEL_H

#include "deep/method.h"
#include "nn/net.h"

/* Phases in the history */
enum
{
	FC_PRETRAINING,
	FC_CLUSTERING,
	FC_REFINING,
	FC_DEEP_PHASES
};

extern const char *const fc_deep_phases[];

/* Arrays that a method of deep clustering adds to a model */
#define FC_DEEP_CENTERS(m)	((m)->own.extra[0]) /* (k, latent) */
#define FC_DEEP_WEIGHTS(m)	((m)->own.extra[1]) /* (k, latent) of dimensions, where the method has them */
#define FC_DEEP_HEAD(m)		((m)->own.extra[2]) /* (k, outputs) centers of a classifier's outputs, if it has centers */
#define FC_DEEP_MIXTURE(m)	((m)->own.extra[3]) /* (k, 1 + latent) logarithms of weights and variances, where clusters are distributions */

#define FC_DEEP_PARAMETERS(m)	((m)->own.narrow[0])	/* of the net */
#define FC_DEEP_CODES(m)		((m)->own.narrow[1])	/* (rows, latent + 1) codes of rows, and their clusters */
#define FC_DEEP_CLASSIFIER(m)	((m)->own.narrow[2])	/* parameters of the net that refined the clusters */
#define FC_DEEP_NEIGHBOR_NET(m) ((m)->own.narrow[3])	/* parameters of the encoder of neighbours */
#define FC_DEEP_NEIGHBOR_CODES(m) ((m)->own.narrow[4])	/* (rows, 2 latent) codes of all rows by both encoders */
#define FC_DEEP_VARIATION(m)	((m)->own.narrow[5])	/* what else such a method has learned */

#define FC_DEEP_NEAR		3		/* stored codes of a cluster that are its distance */

/* ---- network.c ---- */

extern int32_t fc_deep_latent(const FcModel *m);
extern bool fc_deep_is_unit(const FcModel *m);
extern FcStatus fc_deep_shape(const FcModel *m, FcShape *shape);
extern int	fc_deep_bad_list(const FcModel *m);
extern FcStatus fc_deep_net(FcNet *net, const FcModel *m);
extern bool fc_deep_same_net(const FcModel *a, const FcModel *b);
extern int32_t fc_deep_neighbors(const FcModel *m);
extern bool fc_deep_refines(const FcModel *m);
extern bool fc_deep_has_head(const FcModel *m);
extern bool fc_deep_has_softmax(const FcModel *m);
extern int32_t fc_deep_outputs(const FcModel *m);
extern FcStatus fc_deep_classifier(FcNet *net, const FcModel *m);

/* ---- model.c ---- */

extern double fc_deep_epochs(const FcModel *m);
extern int32_t fc_deep_refine_epochs(const FcModel *m, int64_t rows);
extern bool fc_deep_phases_fit(const FcModel *m, int last);
extern int64_t fc_deep_sampled(int64_t n);
extern bool fc_deep_has_graph(const FcFit *f);
extern bool fc_deep_chooses_start(const FcFit *f);
extern void fc_deep_note_start(FcModel *m, int32_t start);
extern bool fc_deep_keeps_classifier(const FcFit *f);
extern void fc_deep_drop_classifier(FcModel *m);
extern int64_t fc_deep_more(const FcModel *m);

/* ---- distance.c ---- */

extern int32_t fc_deep_nearest(const FcModel *m, const FcReal *z, double *at, double *near);
extern void fc_deep_neighbor_codes(const FcModel *m, const int32_t *rows, int32_t count, FcReal *near);
extern void fc_deep_join_row(const FcModel *m, const FcHooks *hooks, FcReal *near, FcReal *z);

#endif
