"""A new password, and bad input."""

from __future__ import annotations

import re
from typing import Any

import pytest
from nodes import Site
from testinfra.host import Host

VIP = "172.18.42.122"

# Looks at the arguments of every process, all the time, for as long as the file is there.
WATCH = """
import glob, os
seen = set()
while os.path.exists("/tmp/watch"):
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            seen.add(open(path, "rb").read())
        except OSError:
            pass
open("/tmp/seen", "wb").write(b"\\n".join(seen))
"""

PASSWORD = "$ecret of another day"


def test_password_is_changed_unseen(
    client: Host, rs1: Host, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes effect, and stands in no task's output and no process's arguments."""
    rs1.check_output("touch /tmp/watch; rm -f /tmp/seen")
    rs1.check_output("cat >/tmp/watch.py <<'END'\n" + WATCH + "\nEND")
    rs1.check_output("setsid python3 /tmp/watch.py </dev/null >/dev/null 2>&1 &")
    monkeypatch.setenv("ANSIBLE_VERBOSITY", "3")
    told = site(everywhere=True, vault_lweim_password=PASSWORD)
    rs1.check_output("rm /tmp/watch; while ! test -e /tmp/seen; do sleep 0.2; done")
    assert rs1.run("grep -ac python /tmp/seen").rc == 0
    assert "another day" not in told.stdout + told.stderr
    assert rs1.run("grep -aF 'another day' /tmp/seen").rc != 0
    page = client.check_output(f"curl -sS --max-time 20 http://{VIP}/")
    assert page.startswith("row: written by a client\n")


def test_settings_that_a_killed_run_has_written(rs1: Host, site: Site) -> None:
    """They are as they should be, and nobody has read them: each service does, once."""
    files = {
        "mariadb": "/etc/mysql/mariadb.conf.d/60-lvs-cluster.cnf",
        "apache2": "/etc/apache2/sites-available/000-0-lvs-cluster.conf",
    }

    def read() -> dict[str, str]:
        show = "systemctl show -P StateChangeTimestamp --timestamp=us+utc"
        return {name: rs1.check_output(f"{show} {name}") for name in files}

    rs1.check_output(f"touch {' '.join(files.values())}")
    before = read()
    site(everywhere=True, vault_lweim_password=PASSWORD)
    after = read()
    assert [name for name in files if before[name] != after[name]] == list(files)
    site(everywhere=True, vault_lweim_password=PASSWORD)
    assert read() == after


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"lamp_db_users": [{"name": "lweim", "hosts": ["127.0.0.1"], "password": ""}]},
            "user lweim of host rs1: lamp_db_users.password is empty; give some text.",
        ),
        (
            {"php_app_checksum": "sha256:" + "0a" * 32},
            "is not the checksum of",
        ),
    ],
)
def test_bad_input_changes_nothing(
    rs1: Host, site: Site, variables: dict[str, Any], sentence: str
) -> None:
    """It is refused, with the fix, before any host is touched."""
    refused = site(check=False, everywhere=True, **variables)
    told = re.sub(r"\s+", " ", refused.stdout)
    assert refused.returncode != 0
    assert sentence in told
    assert re.search(r"rs1 +: ok=\d+ +changed=0 ", refused.stdout)
    assert re.search(r"director +: ok=\d+ +changed=0 ", refused.stdout)
