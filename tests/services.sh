# services.sh - real services made ready for a workload each (tests/live/workload/), in the test's own mount namespace.  Source it after
# lib.sh, inside `unshare --mount --propagation private`, from the folder of the repository; then with_NAME for a row of $services.
base=/var/lib/gird-services.$$
mkdir $base
cleanup() { rm -rf "$work"; umount -l $base; rmdir $base; }
mount -t tmpfs -o mode=755 tmpfs $base && mount -t tmpfs tmpfs /var/lib/gird && mount -t tmpfs -o mode=700 tmpfs /root || { skipped "${test_name:-services}" "cannot mount"; finish; }
mount -t tmpfs -o mode=755 tmpfs /mnt && cp -a /etc/. /mnt/ && mount --move /mnt /etc || { skipped "${test_name:-services}" "cannot lay over /etc"; finish; }
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
