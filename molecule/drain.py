"""Real servers are drained and given back under load: what every scenario asks of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import partial

from load import Load
from nodes import CHECKOUT, INVENTORY, Site, environment, fetch, lab, table, until
from testinfra.host import Host


class Playbook:
    """A playbook that runs beside the test."""

    def __init__(self, name: str, **variables: object) -> None:
        """Begin."""
        self._running = subprocess.Popen(
            ["ansible-playbook", "-i", str(INVENTORY), "-e", json.dumps(variables),
             f"playbooks/{name}.yml"],
            cwd=CHECKOUT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self._said: list[str] = []

    def until_told(self, words: str) -> None:
        """Wait until a line of what it says has these words."""
        assert self._running.stdout
        for line in self._running.stdout:
            self._said.append(line)
            if words in line:
                return
        raise AssertionError(f"it ended and did not say {words!r}: {''.join(self._said)}")

    def told(self, status: int = 0) -> str:
        """Wait for its end, and return what it said, in one line."""
        rest, _nothing = self._running.communicate()
        said = "".join([*self._said, rest])
        assert (self._running.returncode != 0) is (status != 0), said
        return " ".join(said.split())


def weights(director: Host, address: str) -> set[str]:
    """The weights that a real server has in the table, of all services."""
    return {
        row[3]
        for row in table(director)
        if row[0] == "->" and row[1].startswith((f"{address}:", f"[{address}]:"))
    }


def is_drained(director: Host, address: str) -> bool:
    """Tell whether a real server is in the table, and gets no new clients."""
    return weights(director, address) == {"0"}


def drained_and_given_back(
    site: Site,
    client: Host,
    directors: Sequence[Host],
    services: Sequence[str],
    server: tuple[str, str],
    **variables: object,
) -> None:
    """Nobody notices a drain, a run of site, a reload and checks meanwhile, and the way back.

    The variables are others than the inventory's.
    """
    name, address = server
    with Load(client, list(services), requests=1000, rate=100, downloads=20) as load:
        drain = Playbook("drain", lvs_host=name, lvs_drain_inactive_timeout=0, **variables)
        for director in directors:
            until("it has weight 0", partial(is_drained, director, address), 60)
        said = " ".join(site(**variables).stdout.split())
        assert f"{name} is drained since " in said
        for director in directors:
            director.run("systemctl reload keepalived.service ldirectord.service")
            assert is_drained(director, address)
    told = drain.told()
    assert "and ends by itself" in told or "no connection is left" in told
    assert "was cut" not in told
    assert load.failed() == []
    assert load.broken() == []
    assert name not in fetch(client, services[0], 6)
    # The last one: of two directors the one that does not serve.
    last = directors[-1]
    drained = table(last)
    lab("reboot", last.check_output("hostname"))
    until("a boot later it is drained, and the others serve", lambda: table(last) == drained, 60)
    assert is_drained(last, address)
    with Load(client, list(services), requests=200, rate=100, downloads=4) as load:
        again = Playbook("undrain", lvs_host=name, **variables).told()
    assert f"{name} was drained since " in again
    assert load.failed() == load.broken() == []
    assert all(weights(director, address) == {"1"} for director in directors)
