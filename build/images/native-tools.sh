#!/usr/bin/env bash
# Called by mmdebstrap's hooks while a root of another processor is made: shell, Perl, the small tools and the unpacker of packages are
# this machine's own meanwhile. Maintainer scripts start thousands of processes, each of which an emulator would have to translate anew.
# None of these tools knows an architecture; dpkg itself, ldconfig and all that a package brings stay the root's own.
#   native-tools.sh in|out ROOT
# They are mounted over the root's, read-only, in the mount name space that mmdebstrap was started in: nothing of them is in what is kept.
set -euo pipefail
root=$2
libraries=/usr/lib/x86_64-linux-gnu
loader=/usr/lib64
# dpkg must not unpack over what is mounted: the root has these files already, from the same packages.
excluded="$root/etc/dpkg/dpkg.cfg.d/native-tools"
mounted="$root/native-tools-mounted"

TOOLS='dash bash perl sed grep mawk find xargs tar gzip cmp diff getopt dpkg-deb dpkg-split dpkg-divert dpkg-trigger dpkg-query dpkg-statoverride
update-alternatives cat chgrp chmod chown cp date dd df echo false ln ls mkdir mknod mktemp mv pwd readlink rm rmdir sleep stty sync touch
true uname basename cksum comm cut dirname du env expand expr fold groups head id install join link md5sum mkfifo nice nl nohup nproc od
paste printenv printf realpath seq sha1sum sha256sum sha512sum sort split stat stdbuf sum tac tail tee test [ timeout tr truncate tty uniq
unlink wc who whoami yes'

over() {
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  echo "$2" >>"$mounted"
}

case "$1" in
  in)
    [[ $(uname -m) == x86_64 && -d $libraries && -e /lib64/ld-linux-x86-64.so.2 ]] || exit 0
    # No system of another processor has such a folder; where one is, this is none.
    [[ ! -e $root$libraries && ! -e $root$loader && ! -e $root/lib64 ]] || exit 0
    mkdir -p "$root$libraries" "$root$loader" "$(dirname "$excluded")"
    ln -s usr/lib64 "$root/lib64"
    over "$libraries" "$libraries"
    over "$(readlink -f /lib64)" "$loader"
    for tool in $TOOLS; do
      path="/usr/bin/$tool"
      [[ -f $path && -f $root$path && ! -L $root$path ]] || continue
      # perl has two names.
      find "$root/usr/bin" -samefile "$root$path" -printf 'path-exclude=/usr/bin/%f\n' | sed 's/\[$/\\[/' >>"$excluded"
      over "$(readlink -f "$path")" "$path"
    done
    ;;
  out)
    [[ -e $mounted ]] || exit 0
    while read -r path; do umount "$root$path"; done < <(tac "$mounted")
    rm "$mounted" "$excluded" "$root/lib64"
    rmdir "$root$libraries" "$root$loader"
    ;;
esac
