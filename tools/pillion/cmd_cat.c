/* SPDX-License-Identifier: BSD-2-Clause */
/* pillion cat: write files of images to standard output. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "report.h"
#include "session.h"
#include "stop.h"
#include "sys.h"

#define BUF_SIZE (1U << 20)

/* false: standard output failed, there is no point in going on */
static bool cat(const struct ref *ref, char *buf)
{
	int fd = ref_open(ref, O_RDONLY | O_NONBLOCK, 0);
	struct statx st;
	ssize_t n = fd < 0 ? fd : sys_statx(&donor_side, fd, "", AT_EMPTY_PATH, &st);
	int w = 0;

	if (n == 0 && !S_ISREG(st.stx_mode))
		n = S_ISDIR(st.stx_mode) ? -EISDIR : -EINVAL;
	while (n >= 0 && w == 0) {
		n = sys_read(&donor_side, fd, buf, BUF_SIZE);
		if (n <= 0)
			break;
		w = sys_write_all(&host_side, STDOUT_FILENO, buf, (size_t)n);
	}
	if (n < 0)
		report_call(&donor_side, (int)n, "%s", ref->operand);
	if (w == -EPIPE)
		report_status(EXIT_OPERAND);	/* the reader has what it wanted */
	else if (w < 0)
		report_call(&host_side, w, "standard output");
	if (fd >= 0)
		sys_close(&donor_side, fd);
	return w == 0;
}

static void run(struct args *args)
{
	struct ref **refs = start_on_images(args, false, false);
	char *buf = aligned_alloc(4096, BUF_SIZE);

	for (int i = 0; refs && buf && i < args->n && !stop_requested(); i++) {
		if (session_mount(refs[i]) == 0 && !cat(refs[i], buf))
			break;
	}
	free(buf);
	free(refs);
}

const struct command cmd_cat = {
	.name = "cat", .args_doc = "IMAGE:/PATH...", .min = 1, .run = run,
	.doc = "Write files to standard output",
};
