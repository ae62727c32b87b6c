#!/bin/sh
# loa: see `loa --help`, and /usr/share/doc/loa-agent/README.md.
: "${LOA_CONFIG=/etc/loa/loa.json}"
export LOA_CONFIG
program=/usr/lib/loa/main.js
if [ "$(id -u)" != 0 ] || [ "$1" != certificate ]; then exec @NODE@ --max-semi-space-size=2 "$program" "$@"; fi
# root may read the files that it is given from anywhere; what it writes belongs to the receiver.
@NODE@ --max-semi-space-size=2 "$program" "$@"
code=$?
chown --recursive --no-dereference --from=root loa:loa /var/lib/loa || code=1
exit $code
