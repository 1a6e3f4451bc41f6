"""A new password, bad input, and each role alone on a host that has nothing yet."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any

import pytest
from nodes import CHECKOUT, INVENTORY, Site
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

PASSWORD = "$ecret 'of' another day"


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
    assert rs1.run("grep -c python /tmp/seen").rc == 0
    for secret in ("another day",):
        assert secret not in told.stdout + told.stderr
        assert rs1.run("grep -F -- %s /tmp/seen", secret).rc != 0
    page = client.check_output(f"curl -sS --max-time 20 http://{VIP}/")
    assert page.startswith("row: written by a client\n")
    site(everywhere=True)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"lamp_db_users": [{"name": "lweim", "hosts": ["127.0.0.1"], "password": ""}]},
            "user lweim: password is empty, so that anyone could come in; give one, from a vault.",
        ),
        (
            {"lamp_web_virtual_hosts": [{"document_root": "/var/www/html"}]},
            "virtual host 1: name is not given; give the name that clients ask for.",
        ),
        (
            {"php_app_archive": "/no/such.tar"},
            "php_app_archive: /no/such.tar is no file of the controller; give the path or the URL",
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
    """It is refused, with the mend, before any host is touched."""
    refused = site(check=False, everywhere=True, **variables)
    told = re.sub(r"\s+", " ", refused.stdout)
    assert refused.returncode != 0
    assert sentence in told
    assert re.search(r"rs1 +: ok=\d+ +changed=0 ", refused.stdout)
    assert re.search(r"director +: ok=\d+ +changed=0 ", refused.stdout)


def test_each_role_alone() -> None:
    """With its defaults, on a host that has nothing: a first and a second run."""

    def play() -> str:
        done = subprocess.run(
            ["ansible-playbook", "-i", INVENTORY, "molecule/nat_lamp_nfs/changes/alone.yml"],
            cwd=CHECKOUT,
            env={
                **os.environ,
                "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
                "ANSIBLE_NOCOLOR": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert not re.search(r"changed=0 ", play())
    assert re.search(r"client +: ok=\d+ +changed=0 ", play())
