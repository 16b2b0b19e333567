#!/usr/bin/env bash
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
# Format and licence of every tracked file. Prints what is wrong; exit status 1 then.
set -uo pipefail
cd "$(dirname "$0")/../.."
failed=0
wrong() { printf 'wrong: %s\n' "$*"; failed=1; }

mapfile -t files < <(git ls-files)

# Two SPDX lines at the top of each file that can hold a comment.
for file in "${files[@]}"; do
    case $file in
    COPYING | *.png | *.csv | *.json | *.md | .gitignore | *.txt | debian/*) [ "$file" = meson_options.txt ] || continue ;;
    esac
    head -n 3 "$file" | grep -q 'SPDX-FileCopyrightText: gst-plugins-onair contributors' &&
        head -n 4 "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later' || wrong "no SPDX lines: $file"
done

# Format, as clang-format 14 has it (other versions differ in details).
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    mapfile -t sources < <(git ls-files '*.cpp' '*.hpp' '*.h')
    clang-format --dry-run -Werror "${sources[@]}" >/dev/null 2>&1 || {
        for file in "${sources[@]}"; do
            clang-format --dry-run -Werror "$file" >/dev/null 2>&1 || wrong "clang-format: $file"
        done
    }
else
    echo "SKIPPED: format (needs clang-format 14)"
fi

# No names or addresses of people, and no machine's paths.
if git grep -nIE '[[:alnum:]._+-]+@[[:alnum:]-]+\.[[:alpha:]]{2,}' -- . ':!COPYING' | grep -vE '@([[:alnum:].-]*example(\.(com|org))?|localhost)'; then
    wrong "an address (above)"
fi
if git grep -nIE '(^|[^.[:alnum:]])/(home|work|farm)/[[:alnum:]]' -- . ':!tests/checks'; then
    wrong "a path of one machine (above)"
fi

# Blanks at line ends and missing last newlines.
if git grep -nIE '[[:blank:]]+$' -- . ':!COPYING' ':!*.md'; then wrong "blanks at the end of a line (above)"; fi
for file in "${files[@]}"; do
    [ ! -s "$file" ] || [ -z "$(tail -c 1 "$file" | tr -d '\n')" ] || wrong "no newline at the end: $file"
done
exit "$failed"
