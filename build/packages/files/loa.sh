#!/bin/sh
# loa: see `loa --help`, and /usr/share/doc/loa-agent/README.md.
: "${LOA_CONFIG=/etc/loa/loa.json}"
export LOA_CONFIG
# What is freed behind a flood goes back to the system: see agent/README.md, "Freed memory goes back".
export MALLOC_TRIM_THRESHOLD_=131072
program=/usr/lib/loa/main.js
# Verbs that only ask the receiver: one small file, which Node starts sooner.
case "$1" in
  status|why|alarms|schedule|cache|trust|link|top|tone|play|stop|test|safe|update) program=/usr/lib/loa/quick.cjs ;;
esac
case "$(id -u) $1" in
  # What can be started by the receiver itself alone: root never runs what the receiver may write.
  "0 run") ;;
  *" run") exec /usr/lib/loa/launch /usr/lib/loa "$@" ;;
esac
case "$(id -u) $1" in
  "0 certificate"|"0 install") ;;
  *) exec @NODE@ --max-semi-space-size=2 "$program" "$@" ;;
esac
# root may read the files that it is given from anywhere; what it writes belongs to the receiver.
@NODE@ --max-semi-space-size=2 "$program" "$@"
code=$?
chown --recursive --no-dereference --from=root loa:loa /var/lib/loa || code=1
exit $code
