#!/usr/bin/env bash
# molecule 26.10.0: `verify second first` in a sequence runs the tests of all these directories in one go, sorted by path.
#
# A step of test_sequence may name directories beneath the scenario, whose tests the testinfra verifier then runs in place
# of those in tests/. Their order in the step does not count: the paths of all files are sorted. A directory of several
# scenarios, named from the scenario as ../shared, has a path with dots in it and comes before all others. Who wants an
# order writes a step for each.
#
# Seen, as "the step: the tests that ran, in their order":
#   verify: tests
#   verify second first: first second
#   verify second ../shared: shared second
#   verify second, verify ../shared: second shared
#
# Needs pip and Python 3.11.
set -euo pipefail
script=$(realpath "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check --quiet install \
    ansible-core==2.19.14 molecule==26.10.0 pytest-testinfra==10.2.2
export PATH=$folder/venv/bin:$PATH HOME=$folder

mkdir -p "$folder/project/molecule/shared" && cd "$folder/project"
for directory in default/tests default/first default/second shared; do
    mkdir -p "molecule/$directory"
    echo "def test_${directory##*/}(): pass" >"molecule/$directory/test_it.py"
    touch "molecule/$directory/__init__.py"
done
touch molecule/__init__.py molecule/default/__init__.py

ran_by() {                                                # ran_by STEPS
    cat >molecule/default/molecule.yml <<END
dependency: {name: shell, enabled: false, command: "true"}
driver: {name: default}
platforms: [{name: localhost}]
prerun: false
verifier: {name: testinfra, options: {v: true}}
scenario: {test_sequence: [$1]}
END
    NO_COLOR=1 molecule test >log 2>&1 || { cat log >&2; exit 1; }
    echo "$1: $(grep -o '::test_[a-z]* PASSED' log | sed 's/::test_//; s/ PASSED//' | paste -sd ' ')"
}

for steps in verify "verify second first" "verify second ../shared" "verify second, verify ../shared"; do
    ran_by "$steps"
done | tee "$folder/seen"

sed -n 's/^#   \(verify.*\)$/\1/p' "$script" | diff - "$folder/seen"
