#!/usr/bin/env bash
# ansible-lint 26.10.1: it refuses what ansible-test reads, whatever the entry's reason; by the file's name, it does not look.
#
# Where a check of ansible-test does not fit, its manual has an entry written into tests/sanity/ignore-VERSION.txt. ansible-lint's
# rule `sanity`, of its profile `production`, takes 17 such entries and no others; of pylint's a single one. `ansible-bad-function`,
# which since ansible-core 2.21 means each subprocess.run of a file that is shipped to hosts, too, is not among them. So a
# collection that passes ansible-test that way fails there. A file for an ansible-core from 2.9 to 2.12 is not looked at.
#
# Seen, as "file and entry: what ansible-lint says":
#   ignore-2.21.txt pylint:ansible-bad-function: sanity[cannot-ignore]
#   ignore-2.21.txt pylint:used-before-assignment: nothing
#   ignore-2.21.txt shebang: nothing
#   ignore-2.12.txt pylint:ansible-bad-function: nothing
#
# Needs pip, git and Python 3.11.
set -euo pipefail
self=$(realpath "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ansible-lint==26.10.1 ansible-core==2.19.14
export PATH="$folder/venv/bin:$PATH" HOME=$folder NO_COLOR=1

collection=$folder/collection
mkdir -p "$collection/tests/sanity" "$collection/meta"
cd "$collection"
git init --quiet
printf 'namespace: an\nname: example\nversion: 1.0.0\nauthors: [somebody]\nreadme: README.md\n' >galaxy.yml
echo 'requires_ansible: ">=2.19.0"' >meta/runtime.yml

# said FILE ENTRY: which parts of the rule it breaks.
said() {
    rm -f tests/sanity/*
    echo "plugins/module_utils/example.py $2 # a reason" >"tests/sanity/$1"
    ansible-lint --offline --nocolor --format pep8 "tests/sanity/$1" >"$folder/log" 2>&1 || true
    grep -q "files processed" "$folder/log" || { cat "$folder/log"; exit 1; }
    echo "$1 $2: $(grep -o '^tests/sanity/.*sanity\[[a-z-]*\]' "$folder/log" | grep -o 'sanity\[.*' || echo nothing)"
}
{
    said ignore-2.21.txt pylint:ansible-bad-function
    said ignore-2.21.txt pylint:used-before-assignment
    said ignore-2.21.txt shebang
    said ignore-2.12.txt pylint:ansible-bad-function
} | tee "$folder/seen"

sed -n 's/^#   \(ignore-\)/\1/p' "$self" | diff - "$folder/seen"
