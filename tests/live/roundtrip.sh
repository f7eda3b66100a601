#!/bin/bash
# roundtrip.sh - observe a real service in a twin while it works, infer, and run it under what was inferred with the same work: it must
# hold without hand edits.  Usage: roundtrip.sh [SERVICE...]     (root; GIRD is build/gird)
#        BASELINE=1 roundtrip.sh     only shows that the services do their work in a twin
. tests/lib.sh
gird=$(realpath -- "$gird")
[ "$(id -u)" -eq 0 ] || { skipped roundtrip "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped roundtrip "needs systemd-nspawn"; finish; }

# Configurations of the test's own are laid over this machine's, where nobody else sees them.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        rm -rf "$work"
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$@"
fi
base=/var/lib/gird-roundtrip.$$
mkdir $base
cleanup() { rm -rf "$work"; umount -l $base; rmdir $base; }
mount -t tmpfs -o mode=755 tmpfs $base && mount -t tmpfs tmpfs /var/lib/gird && mount -t tmpfs -o mode=700 tmpfs /root || { skipped roundtrip "cannot mount"; finish; }
mount -t tmpfs -o mode=755 tmpfs /mnt && cp -a /etc/. /mnt/ && mount --move /mnt /etc || { skipped roundtrip "cannot lay over /etc"; finish; }
mkdir $base/www $base/www/static $base/cron $base/ssh
cp -r tests/live/workload $base/
echo "a page" | tee $base/www/page.html > $base/www/static/page.html
head -c 3000000 /dev/urandom > $base/www/static/big
chmod 1777 $base/cron

have() { [ -e "/usr/lib/systemd/system/$1" ] || [ -e "/lib/systemd/system/$1" ]; }

with_nginx() {
        cat > /etc/nginx/conf.d/gird-test.conf <<-END
		server {
		        listen 127.0.0.1:8071;
		        access_log /var/log/nginx/gird-test.log;
		        client_body_buffer_size 8k;
		        location /static/ { root $base/www; }
		        location /proxy/ { proxy_pass http://127.0.0.1:8071/static/; proxy_buffers 4 4k; proxy_busy_buffers_size 8k; }
		}
		END
}
with_redis() { :; }
with_postgresql() { :; }
with_memcached() { :; }
with_ssh() {
        ssh-keygen -q -t ed25519 -N '' -f $base/ssh/key
        install -d -m 700 /root/.ssh && install -m 600 $base/ssh/key.pub /root/.ssh/authorized_keys
        useradd -m -d $base/home -s /bin/bash -p '*' gird-login
        install -d -m 700 -o gird-login -g gird-login $base/home/.ssh
        install -m 600 -o gird-login -g gird-login $base/ssh/key.pub $base/home/.ssh/authorized_keys
        echo 'gird-login ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/gird-login
        chmod 440 /etc/sudoers.d/gird-login
}
with_cron() {
        cat > /etc/cron.d/gird-test <<-END
		PATH=/usr/bin:/bin
		@reboot root id -u > $base/cron/root; find /usr/share/doc | head -2000 | gzip > $base/cron/list.gz; chown daemon $base/cron/list.gz
		@reboot bin id -u > $base/cron/user
		* * * * * root date >> $base/cron/minute
		END
}
with_rsyslog() {
        # A twin has a stand-in for the kernel's log, and nobody in it may have the real one.
        sed -i '/imklog/d' /etc/rsyslog.conf
        cat > /etc/rsyslog.d/00-gird-test.conf <<-END
		module(load="imudp")
		input(type="imudp" address="127.0.0.1" port="5140")
		module(load="imuxsock")
		input(type="imuxsock" Socket="/run/gird-log")
		END
}
with_apache() {
        for m in proxy.load proxy.conf proxy_http.load cgid.load cgid.conf; do ln -sf ../mods-available/$m /etc/apache2/mods-enabled/; done
        mkdir $base/cgi
        printf '#!/bin/sh\necho "Content-Type: text/plain"\necho\necho "user $(id -un)"\n' > $base/cgi/where.sh
        chmod 755 $base/cgi/where.sh
        cat > /etc/apache2/sites-enabled/gird-test.conf <<-END
		Listen 127.0.0.1:8072
		<VirtualHost 127.0.0.1:8072>
		DocumentRoot $base/www/static
		CustomLog \${APACHE_LOG_DIR}/gird-test.log combined
		ScriptAlias /cgi/ $base/cgi/
		ProxyPass /proxy/ http://127.0.0.1:8072/
		<Directory $base>
		Require all granted
		</Directory>
		</VirtualHost>
		END
}
with_haproxy() {
        cat >> /etc/haproxy/haproxy.cfg <<-END
		frontend gird
		        bind 127.0.0.1:8073
		        default_backend gird
		backend gird
		        option redispatch
		        server one 127.0.0.1:8091 check inter 200
		        server two 127.0.0.1:8092 check inter 200
		END
}
with_mosquitto() { :; }

# service  unit  program that the workload needs
services='nginx nginx curl
redis redis-server redis-cli
postgresql postgresql@15-main psql
ssh ssh sudo
memcached memcached bash
cron cron id
rsyslog rsyslog logger
apache apache2 curl
haproxy haproxy python3
mosquitto mosquitto mosquitto_pub'
cluster=$(ls -d /etc/postgresql/*/main 2> /dev/null | tail -1)
cluster=$(basename "$(dirname "${cluster:-x/15/main}")")

report() { # reads the JSON of gird try
        python3 - "$1" "$2" "$work/out" <<-'END'
		import json, sys
		name, seconds, path = sys.argv[1:]
		try:
		    r = json.load(open(path))
		except ValueError:
		    print("figure round trip of %-12s no answer" % name)
		    sys.exit(1)
		number = lambda x: "-" if x is None else "%.1f" % x
		print("figure round trip of %-12s %4s -> %-4s %3d directives  %-15s %3s s" % (name, number(r["before"]), number(r["after"]), len(r["changes"]), r["verdict"], seconds))
		if r["verdict"] == "held" and all(p["status"] == "passed" or p["status"] == 0 or p["status"] is True for p in r["probes"]):
		    sys.exit(0)
		for c in r["changes"]:
		    print("  %s=%s" % (c["directive"], c["value"]))
		for p in r["probes"]:
		    print("  probe %s" % json.dumps(p))
		for d in r["denials"]:
		    print("  denied %s" % json.dumps(d))
		sys.exit(1)
		END
}

while read -r name unit needs; do
        if [ $# -gt 0 ]; then case " $* " in *" $name "*) ;; *) continue ;; esac; fi
        unit=${unit/15-main/$cluster-main}
        have "${unit/@*/@}.service" || { skipped "roundtrip-$name" "$name is not installed"; continue; }
        command -v "$needs" > /dev/null || { skipped "roundtrip-$name" "$needs is not installed"; continue; }
        with_$name
        probe="bash $base/workload/$name.sh $base" set_by=--observed
        start=$(date +%s)
        if [ -n "${BASELINE:-}" ]; then
                set_by="-p ProtectClock=yes"
        elif ! timeout 300 "$gird" observe "$unit" -q --settle 1s --probe "$probe" > "$work/seen" 2>&1; then
                not_ok "$name is observed" "$(tail -3 "$work/seen" | tr '\n' ' ')"
                continue
        fi
        # What starts sessions or jobs of others is to be recognised, and may then be left as it is.
        if [ -z "${BASELINE:-}" ] && grep -q '(0 of them stricter than now)' "$work/seen"; then
                echo "figure round trip of $(printf %-12s $name) $(sed -n 's/^ *exposure: \([0-9.]*\) .*/\1/p' "$work/seen") stays, nothing is advised: $(sed -n 's/^ *advice: \(it [^.]*\)\..*/\1/p' "$work/seen")"
                case $name in ssh | cron) check "$name is recognised as one that starts sessions or jobs" grep -q 'Nearly all directives are inherited' "$work/seen" ;;
                *) not_ok "$name holds under what was inferred" "nothing is advised" ;; esac
                continue
        fi
        # shellcheck disable=SC2086
        timeout 300 "$gird" try "$unit" --json -q --settle 1s $set_by --probe "$probe" > "$work/out" 2> "$work/err"
        [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP/$name"; cp "$work"/{out,err,seen} "$KEEP/$name/"; cp -r /var/lib/gird/. "$KEEP/$name/"; }
        if report $name $(($(date +%s) - start)) > "$work/said"; then
                cat "$work/said"
                ok "$name holds under what was inferred"
        else
                cat "$work/said" "$work/err"
                not_ok "$name holds under what was inferred" "$(head -1 "$work/said")"
        fi
done <<< "$services"
finish
