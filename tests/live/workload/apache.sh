#!/bin/bash
# apache.sh - a static site, a proxy, a CGI script, a refused page, a hundred requests at once.
set -eu
curl -sf -o /dev/null http://127.0.0.1/
curl -sf http://127.0.0.1:8072/page.html | grep -q "a page"
curl -sf http://127.0.0.1:8072/proxy/page.html | grep -q "a page"
curl -sf http://127.0.0.1:8072/cgi/where.sh | grep -q "^user www-data"
[ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8072/absent)" = 404 ]
for _ in $(seq 100); do curl -sf -o /dev/null http://127.0.0.1:8072/page.html & done
wait
grep -q 'GET /page.html' /var/log/apache2/gird-test.log
