# SPDX-License-Identifier: BSD-2-Clause
# What every file keeps to, and what the analysers say.

.PHONY: check-style
check-style: | $(BUILD)/setup.stamp
	@prove tests/style/style.t
