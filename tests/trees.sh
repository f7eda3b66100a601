# trees.sh - other systems' trees, to boot beside this machine's: source it after lib.sh.
#   tree trixie      makes the tree unless it is there, and says where: Debian 13, systemd 257
# A tree is kept below /var/cache/gird-tests and made whole or not at all.  GIRD_TREES=DIR: elsewhere.
trees=${GIRD_TREES:-/var/cache/gird-tests}
# What a host of the tests needs: an init with a bus and logins, and what gird is linked to.
tree_packages=systemd-sysv,dbus,libpam-systemd,openssh-server,procps,iproute2,strace,libcjson1,libncursesw6,libbpf1

# tree_make SUITE: prints nothing; what goes wrong is in $work/tree.log
tree_make() {
        local suite=$1 new=$trees/$1.new
        command -v debootstrap > /dev/null || { echo "debootstrap is not installed"; return 1; }
        mkdir -p "$trees" && rm -rf --one-file-system "$new" || return 1
        # Its own mounts and processes: what is killed halfway leaves neither.
        timeout -k 5 600 setpriv --pdeathsig KILL unshare --fork --pid --mount-proc --kill-child=KILL -m --propagation private \
                debootstrap --variant=minbase --include="$tree_packages" "$suite" "$new" > "$work/tree.log" 2>&1 < /dev/null || {
                echo "debootstrap $suite: $(grep -E '^[EW]:' "$work/tree.log" | head -1)$(tail -1 "$work/tree.log" | tr -dc '[:print:]')"
                rm -rf --one-file-system "$new"
                return 1
        }
        rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/*
        echo "$tree_packages" > "$new/.gird-tree"
        rm -rf --one-file-system "${trees:?}/$suite"
        mv "$new" "$trees/$suite"
}

# tree SUITE: its path, or why there is none, and 1.
tree() {
        local suite=$1 turn
        mkdir -p "$trees" 2> "$work/tree.log" || { head -1 "$work/tree.log"; return 1; }
        exec {turn}> "$trees/$suite.lock" # two tests at once: one makes it, the other waits
        flock "$turn"
        if [ "$(cat "$trees/$suite/.gird-tree" 2> /dev/null)" != "$tree_packages" ]; then
                tree_make "$suite" || { exec {turn}>&-; return 1; }
        fi
        exec {turn}>&-
        echo "$trees/$suite"
}
