#!/usr/bin/env bash
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proof: an engine's unit tests under ThreadSanitizer, in a build directory of their own.
#   tsan.sh SOURCE BUILD [swscale | tracking | movmux]
# With clang++-19 (or the newest clang++ there is), tracking with g++: RapidJSON 1.1 does not compile with clang 19.
# Skips (77) without one that links TSan.
set -euo pipefail
source=$1 build=$2 plugin=${3:-swscale} compiler=""
compilers="clang++-19 clang++-20 clang++-21 clang++-18 clang++"
case $plugin in
swscale) tests=sws off="-Dmovmux=disabled -Dtracking=disabled" ;;
tracking) tests=track off="-Dmovmux=disabled -Dswscale=disabled" compilers=g++ ;;
movmux) tests=mov off="-Dswscale=disabled -Dtracking=disabled" ;;
*) echo "no plugin $plugin"; exit 1 ;;
esac
for name in $compilers; do
    if command -v "$name" >/dev/null && echo 'int main(){}' | "$name" -x c++ -fsanitize=thread -o /dev/null - 2>/dev/null; then
        compiler=$name
        break
    fi
done
[ -n "$compiler" ] || { echo "SKIPPED: no compiler with ThreadSanitizer (Debian: clang-19 libclang-rt-19-dev)"; exit 77; }
if [ ! -f "$build/build.ninja" ]; then
    # shellcheck disable=SC2086
    CXX=$compiler meson setup "$build" "$source" -Dtests=enabled $off \
        --buildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false >&2
fi
targets=$(ninja -C "$build" -t targets all | sed -n 's|^\(tests/unit-'$tests'-[a-z-]*\): .*|\1|p')
[ -n "$targets" ] || { echo "no unit tests of the engine"; exit 1; }
# shellcheck disable=SC2086
ninja -C "$build" $targets >&2
# libswscale and libavutil are not instrumented: what they do with their own threads is not judged here.
printf 'called_from_lib:libswscale.so\ncalled_from_lib:libavutil.so\nrace:libswscale.so\n' >"$build/tsan.supp"
status=0 ran=0
for test in $targets; do
    TSAN_OPTIONS="suppressions=$build/tsan.supp exitcode=66" "$build/$test" || status=1
    ran=$((ran + 1))
done
echo "$ran programs under ThreadSanitizer ($compiler), $([ $status = 0 ] && echo 'no report' || echo 'REPORTS above')"
exit $status
