#!/bin/sh
# setup.sh - installs what is missing for `make run` (run), `make check` (check) or `make lint` (lint).
# Asks for what is really needed, not for package names: nothing is installed that is there.
set -eu

what=${1:?usage: setup.sh run|check|lint}

# need NAME TEST: NAME is missing unless TEST succeeds
missing=
need() {
        name=$1
        shift
        "$@" >/dev/null 2>&1 || missing="$missing $name"
}
lib() { pkg-config --exists "$1"; }
header() { echo "#include <$1>" | "${CC:-cc}" -E -x c - ; }

need cc command -v "${CC:-cc}"
need make command -v make
need pkg-config command -v pkg-config
need libsystemd lib libsystemd
need cjson lib libcjson
need ncursesw lib ncursesw
need nspawn command -v systemd-nspawn
need systemd-analyze command -v systemd-analyze
need dbus command -v dbus-daemon
if [ "$what" != run ] || [ "${BPF:-1}" = 1 ]; then
        need clang command -v clang
fi
# For observing; BPF=0 does without.
if [ "${BPF:-1}" = 1 ]; then
        need libbpf lib libbpf
        need bpftool sh -c 'PATH=$PATH:/usr/sbin:/sbin; bpftool version'
fi
if [ "$what" != run ]; then
        need git command -v git
        need tmux command -v tmux
        need cmocka header cmocka.h
        need xz command -v xz
        need python command -v python3
        need nginx command -v nginx
        need redis command -v redis-server
        need redis-tools command -v redis-benchmark
        need sshd test -x /usr/sbin/sshd
        need postgresql sh -c 'command -v postgres || ls /usr/lib/postgresql/*/bin/postgres'
        need memcached command -v memcached
        need cron sh -c 'command -v cron || command -v crond'
        need rsyslog command -v rsyslogd
        need apache sh -c 'command -v apache2 || command -v httpd || command -v httpd2'
        need haproxy command -v haproxy
        need mosquitto command -v mosquitto
        need mosquitto-clients command -v mosquitto_pub
        need sudo command -v sudo
        need strace command -v strace
        need wrk command -v wrk
        need sanitizers sh -c 'echo "int main(void){return 0;}" | '"${CC:-cc}"' -fsanitize=address,undefined -x c -o /dev/null -'
        need ps command -v ps
        need curl command -v curl
        need debootstrap command -v debootstrap
        need man command -v man
        # What reads the forms of `gird export`.
        need nix command -v nix-instantiate
        need apparmor sh -c 'PATH=$PATH:/usr/sbin:/sbin; command -v apparmor_parser'
        need secilc command -v secilc
        need crun command -v crun
        need ansible command -v ansible-playbook
        need yaml python3 -c 'import yaml'
        need jsonschema python3 -c 'import jsonschema'
        need xmllint command -v xmllint
        need cmark-gfm command -v cmark-gfm
fi
if [ "$what" = lint ]; then
        need clang-format command -v clang-format
        need clang-tidy command -v clang-tidy
fi
[ -n "$missing" ] || exit 0

# The package of each need, per package manager: NAME apt dnf pacman zypper
table='
cc gcc gcc gcc gcc
make make make make make
pkg-config pkg-config pkgconf pkgconf pkg-config
libsystemd libsystemd-dev systemd-devel systemd-libs systemd-devel
cjson libcjson-dev cjson-devel cjson cJSON-devel
ncursesw libncurses-dev ncurses-devel ncurses ncurses-devel
nspawn systemd-container systemd-container systemd systemd-container
systemd-analyze systemd systemd systemd systemd
dbus dbus dbus-daemon dbus dbus-1
git git git git git
tmux tmux tmux tmux tmux
cmocka libcmocka-dev libcmocka-devel cmocka libcmocka-devel
xz xz-utils xz xz xz
python python3 python3 python python3
nginx nginx-light nginx nginx nginx
redis redis-server redis redis redis
redis-tools redis-tools redis redis redis
sshd openssh-server openssh-server openssh openssh
postgresql postgresql postgresql-server postgresql postgresql-server
memcached memcached memcached memcached memcached
cron cron cronie cronie cronie
rsyslog rsyslog rsyslog - rsyslog
apache apache2 httpd apache apache2
haproxy haproxy haproxy haproxy haproxy
mosquitto mosquitto mosquitto mosquitto mosquitto
mosquitto-clients mosquitto-clients mosquitto mosquitto mosquitto-clients
sudo sudo sudo sudo sudo
strace strace strace strace strace
wrk wrk wrk - -
clang clang clang clang clang
bpftool bpftool bpftool bpf bpftool
libbpf libbpf-dev libbpf-devel libbpf libbpf-devel
sanitizers gcc libasan gcc libasan8
ps procps procps-ng procps-ng procps
curl curl curl curl curl
debootstrap debootstrap debootstrap debootstrap debootstrap
man man-db man-db man-db man
nix nix-bin - nix -
apparmor apparmor apparmor-parser apparmor apparmor-parser
secilc secilc secilc - -
crun crun crun crun crun
ansible ansible-core ansible-core ansible-core ansible-core
jsonschema python3-jsonschema python3-jsonschema python-jsonschema python3-jsonschema
xmllint libxml2-utils libxml2 libxml2 libxml2-tools
yaml python3-yaml python3-pyyaml python-yaml python3-PyYAML
cmark-gfm cmark-gfm - cmark-gfm -
clang-format clang-format clang-tools-extra clang clang-tools
clang-tidy clang-tidy clang-tools-extra clang clang-tools
'
column=0
for manager in apt-get:2 dnf:3 pacman:4 zypper:5; do
        if command -v "${manager%:*}" >/dev/null 2>&1; then
                column=${manager#*:}
                manager=${manager%:*}
                break
        fi
done
if [ "$column" -eq 0 ]; then
        echo "setup: missing:$missing, and none of apt-get, dnf, pacman, zypper is here to install it" >&2
        exit 1
fi
packages=
for name in $missing; do
        package=$(printf '%s' "$table" | awk -v name="$name" -v column="$column" '$1 == name { print $column }')
        [ "$package" != - ] || continue # this distribution has none; its tests say that they were skipped
        case " $packages " in *" $package "*) ;; *) packages="$packages $package" ;; esac
done
[ -n "$packages" ] || exit 0
case $manager in
apt-get) command="apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends$packages" ;;
dnf) command="dnf install -y$packages" ;;
pacman) command="pacman -Sy --needed --noconfirm$packages" ;;
zypper) command="zypper --non-interactive install$packages" ;;
esac
if [ "$(id -u)" -ne 0 ]; then
        echo "setup: missing:$missing. Run this command, it asks for a password:" >&2
        if command -v sudo >/dev/null 2>&1; then echo "  sudo sh -c '$command'" >&2; else echo "  su -c '$command'" >&2; fi
        exit 1
fi
echo "setup: installing$packages"
# Services of the packages must not be started by being installed: only their programs are wanted.
policy=/usr/sbin/policy-rc.d
if [ "$manager" = apt-get ] && [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' > $policy
        chmod 755 $policy
        trap 'rm -f $policy' EXIT INT TERM HUP
fi
sh -c "$command"
# Nor by the next boot.
[ "$manager" = apt-get ] || exit 0
for pair in nginx-light:nginx redis-server:redis-server openssh-server:ssh postgresql:postgresql memcached:memcached \
        cron:cron rsyslog:rsyslog apache2:apache2 haproxy:haproxy mosquitto:mosquitto apparmor:apparmor; do
        case "$packages " in *" ${pair%:*} "*) systemctl disable --quiet "${pair#*:}.service" >/dev/null 2>&1 || : ;; esac
done
