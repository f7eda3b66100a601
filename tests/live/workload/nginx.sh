#!/bin/bash
# nginx.sh - a static site, a proxy to an upstream of its own, an error page, a big file, and the logs opened anew.
set -eu
curl -sf -o /dev/null http://127.0.0.1/
curl -sf http://127.0.0.1:8071/static/page.html | grep -q "a page"
[ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8071/absent)" = 404 ]
curl -sf http://127.0.0.1:8071/proxy/page.html | grep -q "a page"
[ "$(curl -sf http://127.0.0.1:8071/static/big | wc -c)" -eq 3000000 ]
[ "$(head -c 300000 /dev/zero | curl -s -o /dev/null -w '%{http_code}' --data-binary @- http://127.0.0.1:8071/proxy/page.html)" = 405 ]
mv /var/log/nginx/gird-test.log /var/log/nginx/gird-test.log.1
kill -USR1 "$(cat /run/nginx.pid)"
for _ in $(seq 30); do [ -e /var/log/nginx/gird-test.log ] && break; sleep 0.1; done
curl -sf -o /dev/null http://127.0.0.1:8071/static/page.html
for _ in $(seq 30); do [ -s /var/log/nginx/gird-test.log ] && exit 0; sleep 0.1; done
exit 1
