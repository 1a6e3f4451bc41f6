#!/usr/bin/env bash
# ansible-core 2.19: of several addresses with one label, facts tell the last one only, and of none its interface.
#
# A label such as lo:vip is what ifconfig made of an alias; ip(8) still takes one, and two addresses may have the same.
# The facts make an interface of each label, with an underscore for the colon, which has one address. The interface
# itself, lo, has those without a label. So an address that is nowhere but in lists of all of them has no interface and no
# prefix length in the facts.
#
# Seen, as "fact: addresses", with one address of the loopback device's own, two labelled lo:vip, and one without:
#   all: 192.0.2.1 198.51.100.1 203.0.113.1
#   lo: 127.0.0.1 203.0.113.1
#   lo_vip: 198.51.100.1
#
# Needs root for a network namespace of its own, iproute2, pip and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.19.14

cat >"$folder/play.yml" <<'YAML'
- hosts: localhost
  gather_facts: true
  gather_subset: ['!all', '!min', network]
  tasks:
    - ansible.builtin.copy:
        dest: "{{ playbook_dir }}/seen"
        mode: "0644"
        content: |
          all: {{ ansible_facts.all_ipv4_addresses | sort | join(' ') }}
          {% for name in ['lo', 'lo_vip'] %}
          {% set fact = ansible_facts[name] %}
          {{ name }}: {{ ([fact.ipv4] + fact.ipv4_secondaries | default([])) | map(attribute='address') | join(' ') }}
          {% endfor %}
YAML

unshare --net sh -euc '
    ip link set lo up
    ip address add 192.0.2.1/32 dev lo label lo:vip
    ip address add 198.51.100.1/32 dev lo label lo:vip
    ip address add 203.0.113.1/32 dev lo
    "$0/venv/bin/ansible-playbook" -c local -i localhost, -e "ansible_python_interpreter=$0/venv/bin/python" "$0/play.yml"
' "$folder" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cat "$folder/seen"

sed -n 's/^#   \(all\|lo\|lo_vip\): /\1: /p' "$0" | diff - "$folder/seen"
