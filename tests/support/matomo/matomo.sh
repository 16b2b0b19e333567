#!/bin/bash
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A real Matomo (Debian 13's package) in a chroot, on loopback only, for the tests.
#
#   matomo.sh up            install what is not there, start it, print the variables that the tests read
#   matomo.sh down          stop it; the chroot stays
#   matomo.sh status        exit status 0 when it answers
#   matomo.sh purge         remove it all
#   matomo.sh db stop|start|freeze|thaw
#   matomo.sh workers kill|restart
#   matomo.sh fpm           the same Matomo behind nginx and php-fpm as well, for benchmarks: a worker of PHP's own server
#                           may take two connections at once and answer them one after the other
#   matomo.sh sql           runs the SQL of standard input, tab-separated rows
#
# Needs root, mmdebstrap and a Debian mirror; exit status 77 with a line where one of them is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=${ONAIR_MATOMO_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/gst-plugins-onair/matomo}
port=${ONAIR_MATOMO_PORT:-18090}
db_port=${ONAIR_MATOMO_DB_PORT:-13316}
workers=${ONAIR_MATOMO_WORKERS:-4}
shared=/usr/share/matomo
data=/var/lib/matomo-db
socket=/run/mysqld/onair.sock

say() { echo "matomo: $*" >&2; }
skip() { say "$*"; exit 77; }
in_root() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root chroot "$root" "$@"
}
# A process group of its own for each server: its number is in run/NAME.pid.
start() { # name, command…
    local name=$1
    shift
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "PHP_CLI_SERVER_WORKERS=$workers" \
        setsid "$@" >>"$root/var/log/onair-$name.log" 2>&1 </dev/null &
    echo $! >"$root/run/onair-$name.pid"
}
running() { [ -s "$root/run/onair-$1.pid" ] && kill -0 "$(cat "$root/run/onair-$1.pid")" 2>/dev/null; }
send_group() { kill "-$2" -- "-$(cat "$root/run/onair-$1.pid")" 2>/dev/null || true; }
stop() {
    running "$1" || return 0
    send_group "$1" CONT
    send_group "$1" TERM
    for _ in $(seq 600); do running "$1" || break; sleep 0.1; done
    ! running "$1" || { say "$1 does not end, killed"; send_group "$1" KILL; sleep 1; }
    rm -f "$root/run/onair-$1.pid"
}
answers() { curl -sf -m 10 -o /dev/null "http://127.0.0.1:$port/matomo.php"; }
wait_for() { for _ in $(seq 600); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done; say "$1 did not start"; exit 1; }
db_answers() { in_root mariadb-admin --no-defaults -S $socket ping; }

install_packages() {
    [ "$(id -u)" = 0 ] || skip "only root can make the chroot"
    command -v mmdebstrap >/dev/null || skip "mmdebstrap is not installed"
    mkdir -p "$(dirname "$root")"
    if [ ! -x "$root/usr/bin/apt-get" ]; then
        say "making a Debian 13 in $root"
        mmdebstrap --variant=minbase --mode=root --include=ca-certificates trixie "$root" >"$root.log" 2>&1 ||
            skip "mmdebstrap failed, see $root.log"
    fi
    [ -f "$root$shared/public/matomo.php" ] && return
    say "installing matomo"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # no service of the package is started
    chmod +x "$root/usr/sbin/policy-rc.d"
    # php-fpm only stands for the web server that the package asks for.
    { in_root apt-get update -q && in_root apt-get install -y --no-install-recommends matomo php-cli php-fpm php-mysql \
        php-xml php-mbstring php-gd php-curl mariadb-server mariadb-client; } >>"$root.log" 2>&1 ||
        skip "the packages cannot be installed, see $root.log"
}

start_db() {
    running db && return
    in_root install -d -o mysql -g mysql /run/mysqld
    if [ ! -d "$root$data/mysql" ]; then
        [ -s "$root/etc/hosts" ] || echo '127.0.0.1 localhost' >"$root/etc/hosts"
        in_root install -d -o mysql -g mysql $data
        in_root mariadb-install-db --force --user=mysql --datadir=$data --auth-root-authentication-method=normal \
            --skip-test-db >>"$root.log" 2>&1
    fi
    start db chroot "$root" mariadbd --no-defaults --user=mysql --datadir=$data --socket=$socket \
        --bind-address=127.0.0.1 --port="$db_port" --innodb-flush-log-at-trx-commit=2 \
        --innodb-buffer-pool-size=256M --max-allowed-packet=64M --skip-log-bin --skip-name-resolve
    wait_for db_answers
}

configure() {
    [ -f "$root$shared/config/config.ini.php" ] && return
    say "setting it up"
    in_root mariadb --no-defaults -S $socket -e "CREATE DATABASE IF NOT EXISTS matomo CHARACTER SET utf8mb4;
        CREATE USER IF NOT EXISTS matomo@'127.0.0.1' IDENTIFIED BY 'matomo'; GRANT ALL ON matomo.* TO matomo@'127.0.0.1';"
    sed -e "s/@DB_PORT@/$db_port/" -e "s/@PORT@/$port/" -e "s/@SALT@/$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')/" \
        "$here/config.ini.php.in" >"$root$shared/config/config.ini.php"
    for kind in super write; do
        [ -s "$root/root/token-$kind" ] || (umask 077; od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$root/root/token-$kind")
    done
    cp "$here/install.php" "$root/root/onair-install.php"
    in_root chown -R www-data:www-data /var/cache/matomo $shared/config
    SUPER_TOKEN=$(cat "$root/root/token-super") WRITE_TOKEN=$(cat "$root/root/token-write") \
        chroot "$root" php -d memory_limit=512M /root/onair-install.php >&2
    in_root chown -R www-data:www-data /var/cache/matomo $shared/config
}

start_web() {
    running web && return
    start web chroot --userspec=www-data:www-data "$root" php -d opcache.enable_cli=1 -d memory_limit=512M \
        -d post_max_size=64M -d date.timezone=UTC -d display_errors=0 -S "127.0.0.1:$port" -t $shared/public
    wait_for answers
}

install_fpm() {
    [ -x "$root/usr/sbin/nginx" ] && return
    say "installing nginx"
    { in_root apt-get update -q && in_root apt-get install -y --no-install-recommends nginx-light; } >>"$root.log" 2>&1 ||
        skip "nginx cannot be installed, see $root.log"
}

start_fpm() {
    local fpm_port=$((port + 1))
    running fpm || {
        sed "s/@WORKERS@/$workers/" "$here/php-fpm.conf.in" >"$root/root/onair-fpm.conf"
        start fpm chroot "$root" php-fpm8.4 --nodaemonize --fpm-config /root/onair-fpm.conf -d opcache.enable=1 \
            -d memory_limit=512M -d post_max_size=64M -d date.timezone=UTC -d display_errors=0
    }
    running nginx || {
        sed -e "s/@PORT@/$fpm_port/" -e "s#@PUBLIC@#$shared/public#" "$here/nginx.conf.in" >"$root/root/onair-nginx.conf"
        start nginx chroot "$root" nginx -c /root/onair-nginx.conf
    }
    wait_for curl -sf -m 10 -o /dev/null "http://127.0.0.1:$fpm_port/matomo.php"
}

case ${1:-up}${2:+ $2} in
up)
    install_packages
    start_db
    configure
    start_web
    echo "ONAIR_TEST_MATOMO_URL=http://127.0.0.1:$port"
    echo "ONAIR_TEST_MATOMO_TOKEN_FILE=$root/root/token-super"
    echo "ONAIR_TEST_MATOMO_WRITE_TOKEN_FILE=$root/root/token-write"
    echo "ONAIR_TEST_MATOMO_SITE=1"
    echo "ONAIR_TEST_MATOMO_CONTROL=$here/matomo.sh"
    ;;
fpm)
    install_fpm
    start_fpm
    echo "ONAIR_BENCH_MATOMO_URL=http://127.0.0.1:$((port + 1))"
    ;;
down) stop nginx; stop fpm; stop web; stop db ;;
status) answers ;;
purge)
    stop nginx
    stop fpm
    stop web
    stop db
    ! grep -q " $root/" /proc/mounts || { say "something is mounted in $root, nothing was removed"; exit 1; }
    rm -rf --one-file-system "$root" "$root.log"
    ;;
"db stop") stop db ;;
"db start") start_db ;;
"db freeze") send_group db STOP ;;
"db thaw") send_group db CONT ;;
"workers kill") stop web ;;
"workers restart") start_web ;;
sql) in_root mariadb --no-defaults -S $socket -N -B matomo ;;
*) sed -n '6,19s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
