#!/bin/sh
# loa-clock.service: sets the system's clock forward to the floor that the receiver keeps, never back. By a clock before a
# certificate's first day TLS would refuse the broker. See /usr/share/doc/loa-agent/README.md.
#   set-clock KEPT NOTE
# KEPT: the file that the receiver keeps, its last line a checksum; the one before it lies beside it. NOTE: is written where
# the clock is set, so that the receiver knows that this clock knows nothing of its own.
kept=$1 note=$2
# Ten years after this package was made, seconds since 1970: by a floor beyond that every certificate would have expired.
latest_s=@LATEST_S@

floor_s() { # FILE: the floor in it, seconds; nothing where the file is not whole
  [ -f "$1" ] || return 1
  sum=$(sed '$d' "$1" | sha256sum)
  [ "$(tail -n 1 "$1")" = "#sha256 ${sum%% *}" ] || return 1
  sed -n '1s/^.*"floorMs":\([0-9]\{1,12\}\)[0-9]\{3\}[.,}].*$/\1/p' "$1"
}

floor=$(floor_s "$kept" || floor_s "$kept.good")
case $floor in
'' | *[!0-9]*)
  echo "<4>no floor of the time in $kept: the clock stays as it is"
  exit 0
  ;;
esac
if [ "$floor" -gt "$latest_s" ]; then
  echo "<4>the floor $(date -u -d "@$floor" +%FT%TZ) is too far ahead to be true: the clock stays as it is"
  exit 0
fi
now=$(date +%s)
if [ "$now" -ge "$floor" ]; then exit 0; fi
# The note comes first: a clock that is set and not known to be set would be believed.
read -r uptime _ </proc/uptime
printf '{"systemS":%s,"uptimeS":%s}\n' "$floor" "$uptime" >"$note" || exit 1
if ! date -u -s "@$floor" >/dev/null; then
  rm -f "$note"
  exit 1
fi
echo "<5>the clock was set forward from $(date -u -d "@$now" +%FT%TZ) to $(date -u -d "@$floor" +%FT%TZ), the last time that was signed"
