/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libarchive, loaded when it is needed.
 *
 * It brings 15 more libraries with it, some 5 ms at every start for one sub-command; a static one
 * pulls in the same. The functions are called by their own names, through a table that
 * tar_library() fills.
 */
#ifndef TOOL_TARLIB_H
#define TOOL_TARLIB_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

#define TAR_FUNCTIONS(X) \
	X(archive_entry_acl_add_entry) \
	X(archive_entry_acl_next) \
	X(archive_entry_acl_reset) \
	X(archive_entry_atime) \
	X(archive_entry_atime_is_set) \
	X(archive_entry_atime_nsec) \
	X(archive_entry_free) \
	X(archive_entry_gid) \
	X(archive_entry_hardlink) \
	X(archive_entry_mode) \
	X(archive_entry_mtime) \
	X(archive_entry_mtime_nsec) \
	X(archive_entry_new) \
	X(archive_entry_pathname) \
	X(archive_entry_rdevmajor) \
	X(archive_entry_rdevminor) \
	X(archive_entry_set_atime) \
	X(archive_entry_set_gid) \
	X(archive_entry_set_hardlink) \
	X(archive_entry_set_ino64) \
	X(archive_entry_set_mode) \
	X(archive_entry_set_mtime) \
	X(archive_entry_set_nlink) \
	X(archive_entry_set_pathname) \
	X(archive_entry_set_rdev) \
	X(archive_entry_set_size) \
	X(archive_entry_set_symlink) \
	X(archive_entry_set_uid) \
	X(archive_entry_size) \
	X(archive_entry_sparse_add_entry) \
	X(archive_entry_sparse_count) \
	X(archive_entry_symlink) \
	X(archive_entry_uid) \
	X(archive_entry_xattr_add_entry) \
	X(archive_entry_xattr_next) \
	X(archive_entry_xattr_reset) \
	X(archive_error_string) \
	X(archive_read_data_block) \
	X(archive_read_free) \
	X(archive_read_new) \
	X(archive_read_next_header) \
	X(archive_read_open) \
	X(archive_read_support_format_tar) \
	X(archive_set_error) \
	X(archive_write_close) \
	X(archive_write_data) \
	X(archive_write_fail) \
	X(archive_write_free) \
	X(archive_write_header) \
	X(archive_write_new) \
	X(archive_write_open) \
	X(archive_write_set_bytes_in_last_block) \
	X(archive_write_set_bytes_per_block) \
	X(archive_write_set_format_cpio_newc) \
	X(archive_write_set_format_pax) \
	X(archive_write_set_options)

#define TAR_POINTER(name) __typeof__(name) *name##_;
extern struct tar_library {
	TAR_FUNCTIONS(TAR_POINTER)
} tar_lib;

/* Load it, before the confinement; false: reported. */
bool tar_library(void);

#ifndef TARLIB_NO_NAMES
#define archive_entry_acl_add_entry tar_lib.archive_entry_acl_add_entry_
#define archive_entry_acl_next tar_lib.archive_entry_acl_next_
#define archive_entry_acl_reset tar_lib.archive_entry_acl_reset_
#define archive_entry_atime tar_lib.archive_entry_atime_
#define archive_entry_atime_is_set tar_lib.archive_entry_atime_is_set_
#define archive_entry_atime_nsec tar_lib.archive_entry_atime_nsec_
#define archive_entry_free tar_lib.archive_entry_free_
#define archive_entry_gid tar_lib.archive_entry_gid_
#define archive_entry_hardlink tar_lib.archive_entry_hardlink_
#define archive_entry_mode tar_lib.archive_entry_mode_
#define archive_entry_mtime tar_lib.archive_entry_mtime_
#define archive_entry_mtime_nsec tar_lib.archive_entry_mtime_nsec_
#define archive_entry_new tar_lib.archive_entry_new_
#define archive_entry_pathname tar_lib.archive_entry_pathname_
#define archive_entry_rdevmajor tar_lib.archive_entry_rdevmajor_
#define archive_entry_rdevminor tar_lib.archive_entry_rdevminor_
#define archive_entry_set_atime tar_lib.archive_entry_set_atime_
#define archive_entry_set_gid tar_lib.archive_entry_set_gid_
#define archive_entry_set_hardlink tar_lib.archive_entry_set_hardlink_
#define archive_entry_set_ino64 tar_lib.archive_entry_set_ino64_
#define archive_entry_set_mode tar_lib.archive_entry_set_mode_
#define archive_entry_set_mtime tar_lib.archive_entry_set_mtime_
#define archive_entry_set_nlink tar_lib.archive_entry_set_nlink_
#define archive_entry_set_pathname tar_lib.archive_entry_set_pathname_
#define archive_entry_set_rdev tar_lib.archive_entry_set_rdev_
#define archive_entry_set_size tar_lib.archive_entry_set_size_
#define archive_entry_set_symlink tar_lib.archive_entry_set_symlink_
#define archive_entry_set_uid tar_lib.archive_entry_set_uid_
#define archive_entry_size tar_lib.archive_entry_size_
#define archive_entry_sparse_add_entry tar_lib.archive_entry_sparse_add_entry_
#define archive_entry_sparse_count tar_lib.archive_entry_sparse_count_
#define archive_entry_symlink tar_lib.archive_entry_symlink_
#define archive_entry_uid tar_lib.archive_entry_uid_
#define archive_entry_xattr_add_entry tar_lib.archive_entry_xattr_add_entry_
#define archive_entry_xattr_next tar_lib.archive_entry_xattr_next_
#define archive_entry_xattr_reset tar_lib.archive_entry_xattr_reset_
#define archive_error_string tar_lib.archive_error_string_
#define archive_read_data_block tar_lib.archive_read_data_block_
#define archive_read_free tar_lib.archive_read_free_
#define archive_read_new tar_lib.archive_read_new_
#define archive_read_next_header tar_lib.archive_read_next_header_
#define archive_read_open tar_lib.archive_read_open_
#define archive_read_support_format_tar tar_lib.archive_read_support_format_tar_
#define archive_set_error tar_lib.archive_set_error_
#define archive_write_close tar_lib.archive_write_close_
#define archive_write_data tar_lib.archive_write_data_
#define archive_write_fail tar_lib.archive_write_fail_
#define archive_write_free tar_lib.archive_write_free_
#define archive_write_header tar_lib.archive_write_header_
#define archive_write_new tar_lib.archive_write_new_
#define archive_write_open tar_lib.archive_write_open_
#define archive_write_set_bytes_in_last_block tar_lib.archive_write_set_bytes_in_last_block_
#define archive_write_set_bytes_per_block tar_lib.archive_write_set_bytes_per_block_
#define archive_write_set_format_cpio_newc tar_lib.archive_write_set_format_cpio_newc_
#define archive_write_set_format_pax tar_lib.archive_write_set_format_pax_
#define archive_write_set_options tar_lib.archive_write_set_options_
#endif

#endif
