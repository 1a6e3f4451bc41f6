#!/usr/bin/env bash
# ansible-core 2.18 and 2.19: a file of `vars_files` is opened anew for each task on each host, and three times more for
# the play; the same file as `group_vars`, or given by `-e @FILE`, is opened once.
#
# Nothing of it is kept, so that a table of thousands of entries in such a file is parsed again and again: who has large
# variables keeps them in `group_vars`. What is counted are the files that the controller opens, by an audit hook of Python.
#
# Seen, as "VERSION tasks x hosts: opened as vars_files, as group_vars, by -e":
#   2.18.19 1 x 1: 4, 1, 1
#   2.18.19 3 x 1: 6, 1, 1
#   2.18.19 3 x 2: 9, 1, 1
#   2.19.14 1 x 1: 4, 1, 1
#   2.19.14 3 x 1: 6, 1, 1
#   2.19.14 3 x 2: 9, 1, 1
#
# Needs pip and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/hook" "$folder/inventory/group_vars"
cat >"$folder/hook/sitecustomize.py" <<'PYTHON'
import os
import sys


def opened(event, arguments):
    if event != "open" or not isinstance(arguments[0], (str, bytes)):
        return
    if os.fsdecode(arguments[0]) == os.environ.get("COUNTED"):
        with open(os.environ["COUNT"], "a") as count:
            count.write("opened\n")


sys.addaudithook(opened)
PYTHON
echo 'table: [1, 2, 3]' | tee "$folder/table.yml" >"$folder/inventory/group_vars/all.yml"

play() { # TASKS FILES
    echo "- hosts: all"
    echo "  gather_facts: false"
    echo "  vars_files: $2"
    echo "  tasks:"
    for _ in $(seq "$1"); do echo '    - ansible.builtin.debug: {msg: "{{ table | length }}"}'; done
}

count() { # COUNTED-FILE OPTION...
    : >"$folder/count"
    COUNTED=$1 COUNT=$folder/count PYTHONPATH=$folder/hook "$folder/$version/bin/ansible-playbook" -c local \
        -i "$folder/inventory" "${@:2}" "$folder/play.yml" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
    wc -l <"$folder/count"
}

for version in 2.18.19 2.19.14; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$version"
    for shape in "1 1" "3 1" "3 2"; do
        read -r tasks hosts <<<"$shape"
        seq -f 'host%g' "$hosts" >"$folder/inventory/hosts"
        play "$tasks" "[\"$folder/table.yml\"]" >"$folder/play.yml"
        by_play=$(count "$folder/table.yml")
        play "$tasks" "[]" >"$folder/play.yml"
        by_group=$(count "$folder/inventory/group_vars/all.yml")
        by_option=$(count "$folder/table.yml" -e "@$folder/table.yml")
        echo "$version $tasks x $hosts: $by_play, $by_group, $by_option"
    done
done | tee "$folder/seen"

sed -n 's/^#   \([0-9.]* [0-9] x [0-9]: .*\)$/\1/p' "$0" | diff - "$folder/seen"
