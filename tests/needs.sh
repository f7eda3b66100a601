# needs.sh - where the services of denials_needs.c lie: a tmpfs over /mnt, in the test's own mount namespace.  Source it after lib.sh,
# inside `unshare --mount --propagation private`; then lay_out, which sets nothing but makes $there.
there=/mnt/needs

compile_needs() {
        local more
        for more in -static ''; do # rows with a root of their own need a program that needs nothing
                # shellcheck disable=SC2086
                ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 $more -o "$there/needs" tests/live/denials_needs*.c 2> "$work/cc.err" && return 0
        done
        cat "$work/cc.err"
        return 1
}
lay_out() {
        local d
        mount -t tmpfs -o mode=755 tmpfs /mnt && mkdir $there && cd . || return 1
        for d in /root /var/lib/gird; do mount -t tmpfs -o mode=755 tmpfs $d || return 1; done
        compile_needs || return 1
        mkdir -p $there/units $there/data $there/empty $there/tools/inner $there/root$there $there/root/proc $there/root/run/systemd/journal $there/root/srv || return 1
        echo x > /root/gird-need
        echo x > $there/data/file
        echo x > $there/shut && chown 1234:1234 $there/shut && chmod 600 $there/shut || return 1
        echo x > $there/others && chown 1234:1234 $there/others || return 1
        cp $there/needs $there/setuid && chmod 4755 $there/setuid || return 1
        cp $there/needs $there/tools/inner/helper && cp $there/needs $there/root$there/needs || return 1
}
