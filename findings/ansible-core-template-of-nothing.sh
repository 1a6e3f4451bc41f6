#!/usr/bin/env bash
# ansible-core 2.18: a template whose loop gives nothing makes a file of one empty line; 2.19 makes an empty file.
#
# The template is a loop and the newline at the file's end, as editors leave it. With an element both make the same
# file. Without one, Jinja gives nothing, and 2.18 adds the newline back. `content` of the copy module is not concerned.
# A program that reads the file line by line gets an empty line; for `grep -f FILE` that is a pattern that matches all.
#
# Seen, as "VERSION octets with one element, without: lines of the host that grep -f matches":
#   2.18.19 10, 1: 3
#   2.19.14 10, 0: 0
#
# Needs pip and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '%s\n' '{% for name in names %}' 'eth1 {{ name }}' '{% endfor %}' >"$folder/names.j2"
printf '%s\n' one two three >"$folder/lines"
cat >"$folder/play.yml" <<'YAML'
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.template: {src: names.j2, dest: "{{ playbook_dir }}/names", mode: "0644"}
YAML

for version in 2.18.19 2.19.14; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$version"
    for names in '["vip1"]' '[]'; do
        "$folder/$version/bin/ansible-playbook" -c local -i localhost, -e "{\"names\": $names}" \
            -e "ansible_python_interpreter=$folder/$version/bin/python" \
            "$folder/play.yml" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
        cp "$folder/names" "$folder/names.${names//[^a-z0-9]/}"
    done
    echo "$version $(stat -c %s "$folder/names.vip1"), $(stat -c %s "$folder/names.")" \
        "$(grep -cf "$folder/names." "$folder/lines" || echo 0)" | sed 's/ \([0-9]*\)$/: \1/'
done | tee "$folder/seen"

sed -n 's/^#   \([0-9.]* [0-9]*, [0-9]*: [0-9]*\)$/\1/p' "$0" | diff - "$folder/seen"
