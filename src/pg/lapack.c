/*
 * lapack.c - OpenBLAS, the library for eigenvalues, loaded on demand
 *
 * Only spectral needs LAPACK, and others should not pay for it: OpenBLAS takes
 * 40 MB of address space, and starts a pool of threads unless told not to.
 * PostgreSQL assumes that a backend has one thread; other threads would
 * receive its signals and run its handlers.  So the library is opened at the
 * first training that needs it, with
 *
 * - all signals blocked, and an environment that requests one thread, both
 *   restored afterwards;
 * - its pool ended, if another extension has loaded it before;
 * - a first product, for which it allocates a permanent buffer of 128 MB of address
 *   space: it would retry for ever if that fails, so it is tried before.
 *
 * FC_BLAS_SONAME is its name, set by the Makefile.
 */
#include "pg/fuzzyclust.h"

#include "core/lapack.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BUFFER			((Size) 256 << 20)	/* at most; bytes of address space */

/* What the kinds of OpenBLAS (pthreads, OpenMP) read when they are loaded */
static const char *const thread_settings[] = {
	"OPENBLAS_NUM_THREADS", "OPENBLAS_DEFAULT_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"
};

/* Of this process, as the library is; set when all is well */
static FcLapack table;
static bool loaded;

/* Blocks all signals, and returns the mask to restore */
static sigset_t
block_signals(void)
{
	sigset_t	all;
	sigset_t	mask;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	return mask;
}

/* Opens the library as one thread, or returns NULL; dlerror() tells why */
static void *
open_library(void)
{
	char	   *before[lengthof(thread_settings)];
	void	   *library;
	sigset_t	mask = block_signals();

	for (Size i = 0; i < lengthof(thread_settings); i++)
	{
		before[i] = getenv(thread_settings[i]);
		before[i] = before[i] ? strdup(before[i]) : NULL;
		setenv(thread_settings[i], "1", 1);
	}
	library = dlopen(FC_BLAS_SONAME, RTLD_NOW | RTLD_LOCAL);
	for (Size i = 0; i < lengthof(thread_settings); i++)
	{
		if (before[i])
			setenv(thread_settings[i], before[i], 1);
		else
			unsetenv(thread_settings[i]);
		free(before[i]);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return library;
}

/* Sets one thread even if others loaded the library.  Querying the number of threads would restart an ended pool. */
static void
end_pool(void *library)
{
	void		(*set_threads) (int) = (void (*) (int)) dlsym(library, "openblas_set_num_threads");
	int			(*end_threads) (void) = (int (*) (void)) dlsym(library, "blas_thread_shutdown_");
	sigset_t	mask = block_signals();

	if (set_threads)
		set_threads(1);
	if (end_threads)
		end_threads();
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void *
function_of(void *library, const char *name)
{
	void	   *function = dlsym(library, name);

	if (function == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("library \"%s\" has no function \"%s\"", FC_BLAS_SONAME, name),
				 errhint("Build the extension with make BLAS_SONAME=... and the name of an OpenBLAS that includes LAPACK.")));
	return function;
}

/*
 * Does the library use 32-bit integers?  Then the product of two vectors of
 * length one is 6; a library that reads 64 bits sees negative lengths, and
 * returns 0.
 */
static void
check_integers(void *library)
{
	double		(*dot) (const int *, const double *, const int *, const double *, const int *);
	const char *(*configuration) (void) = (const char *(*) (void)) dlsym(library, "openblas_get_config");
	const int	one[2] = {1, -1};
	const double x = 2;
	const double y = 3;
	bool		is_wide = configuration && strstr(configuration(), "USE64BITINT");

	dot = (double (*) (const int *, const double *, const int *, const double *, const int *)) function_of(library, "ddot_");
#ifndef WORDS_BIGENDIAN
	is_wide = is_wide || dot(one, &x, one, &y, one) != 6;
#endif
	if (is_wide)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("library \"%s\" uses 64-bit integers", FC_BLAS_SONAME),
				 errdetail("Spectral clustering requires a LAPACK with 32-bit integers."),
				 errhint("Build the extension with make BLAS_SONAME=... and the name of such an OpenBLAS.")));
}

/* The library takes its buffer, which it could not do without */
static void
take_buffer(const FcLapack *lapack)
{
	const int	n = 2;
	const double one = 1;
	const double a[4] = {1, 2, 3, 4};
	double		c[4] = {0};
	void	   *probe = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (probe == MAP_FAILED)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("OpenBLAS, which spectral clustering needs, takes up to %zu MB of address space.", BUFFER >> 20),
				 errhint("Raise the limit on the address space of the server's processes (ulimit -v), or reduce their other memory use.")));
	munmap(probe, BUFFER);
	lapack->dsyr2k("L", "N", &n, &n, &one, a, &n, a, &n, &one, c, &n, 1, 1);
}

static void
load(void)
{
	void	   *library = open_library();
	FcLapack	found;

	if (library == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FILE),
				 errmsg("could not load library \"%s\", which is required by spectral clustering", FC_BLAS_SONAME),
				 errdetail("%s.", dlerror()),
				 errhint("Install OpenBLAS on the server (Debian's package libopenblas0), or build the extension with make BLAS_SONAME=... and the name of the installed library.")));
	end_pool(library);
	check_integers(library);
	found.dlatrd = function_of(library, "dlatrd_");
	found.dormtr = function_of(library, "dormtr_");
	found.dstemr = function_of(library, "dstemr_");
	found.dsyr2k = function_of(library, "dsyr2k_");
	found.dsytrd = function_of(library, "dsytrd_");
	take_buffer(&found);
	table = found;
	loaded = true;
}

/* LAPACK, or an error; the first call in a session loads it */
const FcLapack *
fc_lapack(void)
{
	if (!loaded)
		load();
	return &table;
}
