/* SPDX-License-Identifier: BSD-2-Clause */
/* A shared object with link sets, for the dl_bootstrap test; KIND names its entries. */
#define STR_(x) #x
#define STR(x) STR_(x)

struct modinfo { const char *name; };
struct rump_component { const char *name; };

static const struct modinfo mod = { STR(KIND) "-module" };
static const struct rump_component comp = { STR(KIND) "-component" };
static const void *const m
    __attribute__((__used__, __section__("link_set_modules"))) = &mod;
static const void *const c
    __attribute__((__used__, __section__("link_set_rump_components"))) = &comp;

/* A reference makes the linker define the bounds. */
extern const void *const __start_link_set_modules[], *const __stop_link_set_modules[];
extern const void *const __start_link_set_rump_components[];
extern const void *const __stop_link_set_rump_components[];

#define NAME_(k) conf_sets_##k
#define NAME(k) NAME_(k)
long NAME(KIND)(void);

long
NAME(KIND)(void)
{

	return __stop_link_set_modules - __start_link_set_modules +
	    (__stop_link_set_rump_components - __start_link_set_rump_components);
}
