#!/usr/bin/env bash
# ansible.posix 2.1.0: mount with state present adds a line to fstab in each run where a field has a number sign in it.
#
# In fstab a number sign begins a comment only where it is the first character of a line (libmount, getmntent(3)); an
# export or a mount point may have one in its name. The module writes such a field as it is, and takes what is behind
# the sign for a comment when it reads the line the next time. So it does not find its own line: it writes a second one,
# a third one, and says "changed" each time. `state: absent_from_fstab` does not cut: it finds all of them.
#
# Seen, as "the source: changed in three runs with present; lines that findmnt reads; changed with absent, lines":
#   192.0.2.1:/srv/a: 1 0 0; 1; 1, 0
#   192.0.2.1:/srv/a#1: 1 1 1; 3; 1, 0
#
# Needs pip, unzip, findmnt and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip="$folder/venv/bin/pip --disable-pip-version-check --quiet"
$pip install ansible-core==2.19.14
# The package ansible 12.3.0 has the collection's release 2.1.0.
$pip download --no-deps --dest "$folder" ansible==12.3.0
unzip -q "$folder"/ansible-12.3.0-*.whl 'ansible_collections/ansible/posix/*' -d "$folder"
grep -q '"version": "2.1.0"' "$folder/ansible_collections/ansible/posix/MANIFEST.json"

mount_with() {
    ANSIBLE_COLLECTIONS_PATH=$folder "$folder/venv/bin/ansible" localhost -c local -i localhost, -m ansible.posix.mount \
        -e "ansible_python_interpreter=$folder/venv/bin/python" \
        -a "src=$1 path=$folder/mnt fstype=nfs opts=ro fstab=$folder/fstab state=$2" >"$folder/log" 2>&1 ||
        { cat "$folder/log" >&2; exit 1; }
    grep -c '| CHANGED' "$folder/log" || true
}
lines() { findmnt --tab-file "$folder/fstab" --noheadings | wc -l; }

for source in 192.0.2.1:/srv/a '192.0.2.1:/srv/a#1'; do
    : >"$folder/fstab"
    present=
    for _run in 1 2 3; do present+=" $(mount_with "$source" present)"; done
    there=$(lines)
    absent=$(mount_with "$source" absent_from_fstab)
    echo "$source:$present; $there; $absent, $(lines)"
done | tee "$folder/seen"

sed -n 's/^#   \(192.*\)$/\1/p' "$0" | diff - "$folder/seen"
