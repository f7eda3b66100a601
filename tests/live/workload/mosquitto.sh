#!/bin/bash
# mosquitto.sh - a message to a subscriber, a retained one, a thousand, and one that waits for its subscriber.
set -eu
mosquitto_pub -t gird/kept -m kept -r -q 1
[ "$(mosquitto_sub -t gird/kept -C 1 -W 5)" = kept ]
mosquitto_sub -t gird/many -C 1000 -W 8 > /tmp/gird-many &
for _ in $(seq 30); do mosquitto_sub -t '$SYS/broker/clients/connected' -C 1 -W 1 | grep -q . && break; done
sleep 0.3
seq 1000 | mosquitto_pub -t gird/many -l -q 1
wait
[ "$(wc -l < /tmp/gird-many)" -eq 1000 ]
mosquitto_sub -i gird-later -c -q 1 -t gird/later -E
mosquitto_pub -t gird/later -m later -q 1
[ "$(mosquitto_sub -i gird-later -c -q 1 -t gird/later -C 1 -W 5)" = later ]
