#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The repository's own rules: licence line, line length, scripts and C that the analysers have
# nothing to say about. One rule, one test; what breaks it is printed.
cd "$(dirname "$0")/../.." || exit 1
rule() {	# rule NUMBER NAME < offenders
	bad=$(head -n 20)
	if [ -z "$bad" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$bad" | sed 's/^/#   /'
	fi
}
files=$(mktemp) || exit 1
trap 'rm -f "$files"*' EXIT
if git rev-parse --git-dir >/dev/null 2>&1; then
	git ls-files
else
	find . -path ./build -prune -o -type f -print | sed 's,^\./,,'
fi | grep -v '^LICENSES/' >"$files"
source='\.(c|h|S|s|lds|sh|t|pl|py|mk|dts|config)$|(^|/)(Makefile[^/]*|Kconfig[^/]*|Kbuild)$'
xargs awk 'FNR == 1 && /^#!/ { print FILENAME } { nextfile }' <"$files" >"$files.scripts"
grep -E "$source" "$files" | sort -u - "$files.scripts" >"$files.source"
cpu='^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif).*__(x86_64|aarch64|arm|i386)__'

echo 1..7
xargs -r grep -L 'SPDX-License-Identifier:' <"$files.source" |
    rule 1 'every source file has its licence line'
xargs -r awk 'length($0) > 100 { print FILENAME ":" FNR }' <"$files.source" |
    rule 2 'no line is longer than 100 characters'
xargs -r wc -l <"$files.source" | awk '$2 != "total" && $1 > 700' |
    rule 3 'no file is longer than 700 lines'
xargs -r grep -nE '[[:space:]]+$' /dev/null <"$files.source" |
    rule 4 'no white space at line ends'
grep -E '^(nucleus|platform|tools|include|tests|libpillion|user)/.*\.[ch]$' "$files" |
    grep -v '/cpu/' | xargs -r grep -nE "$cpu" /dev/null |
    rule 5 'no conditional on the CPU in portable folders'
xargs -r grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell=' <"$files.source" |
    xargs -r shellcheck -S warning -e SC2154 -f gcc 2>&1 | rule 6 'shellcheck has nothing to say'
grep -E '^(platform|libpillion|tools|examples|nucleus|board|cpu)/.*\.c$' "$files" |
    grep -vE '(^|/)cpu/aarch64/' |
    xargs -r cppcheck --quiet --error-exitcode=0 --std=c11 --inline-suppr \
    --enable=warning,portability --suppress=missingInclude --suppress=va_end_missing \
    -Iinclude -Iplatform/posix -I. -Icpu/x86_64 -D__x86_64__ -D__linux__ \
    --template='{file}:{line}: {id}: {message}' 2>&1 | rule 7 'cppcheck has nothing to say'
