#!/bin/bash
# ssh.sh - logins by key: root's, who writes below /etc and mounts, and a user's, who becomes root by sudo.
set -eu
key=$1/ssh/key
login() { ssh -q -i "$key" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "$@"; }
rm -f /run/nologin # a twin never comes as far as to let users in
[ "$(login root@127.0.0.1 id -u)" = 0 ]
login root@127.0.0.1 'echo written > /etc/gird-login && grep -q written /etc/gird-login && rm /etc/gird-login'
login root@127.0.0.1 'mount -t tmpfs gird /mnt && touch /mnt/file && umount /mnt'
[ "$(login gird-login@127.0.0.1 sudo -n id -u)" = 0 ]
login gird-login@127.0.0.1 'sudo -n sh -c "echo written > /etc/gird-sudo && rm /etc/gird-sudo" && touch file && rm file'
login -tt root@127.0.0.1 tty | grep -q /dev/pts
echo put | login root@127.0.0.1 'cat > /root/gird-put && rm /root/gird-put'
