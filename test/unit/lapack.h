/*
 * lapack.h - the table of core/lapack.h, filled by the linker
 */
#ifndef LINKED_LAPACK_H
#define LINKED_LAPACK_H

#include "core/lapack.h"

#define LINKED(name)	extern __typeof__(*((FcLapack *) NULL)->name) name##_
LINKED(dlatrd);
LINKED(dormtr);
LINKED(dstemr);
LINKED(dsyr2k);
LINKED(dsytrd);

static const FcLapack linked_lapack = {dlatrd_, dormtr_, dstemr_, dsyr2k_, dsytrd_};

#endif
