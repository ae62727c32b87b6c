#!/bin/sh
# What `loa run` starts, as the receiver's own user: the program on trial, the one that has proved itself, the one before, or the
# package's own (the floor), which is always there. See agent/update/README.md. Never as root: the slots belong to the receiver.
# It believes nothing that is not whole, ends every doubt with the next in the row, and fails never.
floor=$1
shift
: "${LOA_SLOTS=/var/lib/loa/slots}"
: "${LOA_BOOT_ID=/proc/sys/kernel/random/boot_id}"
: "${LOA_WATCHDOG=/sys/class/watchdog/watchdog0/bootstatus}"
# As in agent/update/update-start.ts.
in_boot=3
in_all=25
# What has proved itself may start so often in one boot without lasting.
proved_in_boot=12
boot=$(cat "$LOA_BOOT_ID" 2>/dev/null) || boot=unknown
committed=floor previous=floor trial=-

# The last line of a choice is the digest of all lines before it.
sealed() {
  last=$(tail -n 1 "$1" 2>/dev/null) || return 1
  sum=$(sed '$d' "$1" | sha256sum) || return 1
  [ "#sha256 ${sum%% *}" = "$last" ]
}

# The list of files is the one that was unpacked, and every file on it is as it says.
whole() {
  want=$(sed -n "s/^slot $1 \([0-9a-f]*\) .*/\1/p" "$choice")
  [ -n "$want" ] && [ -f "$LOA_SLOTS/$1/SHA256SUMS" ] || return 1
  sum=$(sha256sum "$LOA_SLOTS/$1/SHA256SUMS" 2>/dev/null) || return 1
  [ "${sum%% *}" = "$want" ] || return 1
  (cd "$LOA_SLOTS/$1" && sha256sum --check --strict --status SHA256SUMS 2>/dev/null)
}

# Starts of a slot in this boot, and those that a watchdog has ended; without the boot: all of them.
tries() {
  found=$(grep -c "^$1 \($2\|watchdog\)\$" "$LOA_SLOTS/tries" 2>/dev/null)
  echo "${found:-0}"
}

# May this slot start? Counted first: what cannot be counted could be tried for ever.
may_start() {
  case "$1" in a|b) ;; *) return 1 ;; esac
  [ "$(tries "$1" "$boot")" -lt "$2" ] || return 1
  [ -z "$3" ] || [ "$(tries "$1" '.*')" -lt "$3" ] || return 1
  whole "$1" || return 1
  printf '%s %s\n' "$1" "$boot" >>"$LOA_SLOTS/tries" 2>/dev/null
}

start() {
  program=$floor
  [ "$1" = floor ] || program=$LOA_SLOTS/$1
  LOA_SLOT=$1 LOA_BOOT=$boot
  export LOA_SLOT LOA_SLOTS LOA_BOOT
  shift
  exec "${LOA_NODE:-@NODE@}" --max-semi-space-size=2 "$program/main.js" "$@"
}

for choice in "$LOA_SLOTS/choice" "$LOA_SLOTS/choice.good" ''; do
  [ -n "$choice" ] || start floor "$@"
  sealed "$choice" && break
done
while read -r word value _; do
  case "$word $value" in
    'committed '*) committed=$value ;;
    'previous '*) previous=$value ;;
    'trial '*) trial=$value ;;
  esac
done <"$choice"

# A board that hung and was reset by its watchdog comes back in another boot: that was a failure, not a loss of power.
status=$(cat "$LOA_WATCHDOG" 2>/dev/null) || status=0
case "$status" in ''|*[!0-9]*) status=0 ;; esac
if [ "$trial" != - ] && [ $((status & 32)) -ne 0 ] && [ "$(tries "$trial" "$boot")" -eq "$(tries "$trial" watchdog)" ]; then
  printf '%s watchdog\n' "$trial" >>"$LOA_SLOTS/tries" 2>/dev/null
fi

may_start "$trial" "$in_boot" "$in_all" && start "$trial" "$@"
may_start "$committed" "$proved_in_boot" '' && start "$committed" "$@"
[ "$committed" = floor ] || { may_start "$previous" "$proved_in_boot" '' && start "$previous" "$@"; }
start floor "$@"
