"""A director that dies and a real server that stops, on the page and by Debian's Prometheus."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nodes import CHECKOUT, INVENTORY, Site, ansible_playbook, lab, table, until
from observing import EXPORTED, Status
from pair import name_of, serving
from testinfra.host import Host

DIRECTORS = {"director1": "192.168.0.111", "director2": "192.168.0.112"}
RS1 = "-t 192.168.0.100:80 -r 192.168.137.131:80 -m"
ALERTS = CHECKOUT / "tests" / "unit" / "roles" / "alerts"
CONFIGURATION = """
global: {scrape_interval: 5s, evaluation_interval: 5s}
rule_files: [lvs-alerts.yml]
scrape_configs:
  - job_name: lvs
    file_sd_configs: [{files: [lvs-targets.json]}]
"""


class Prometheus:
    """The one of the client, asked by its API."""

    def __init__(self, host: Host) -> None:
        """Take the host that it runs on."""
        self.host = host

    def _ask(self, what: str) -> Any:
        told = self.host.check_output(f"curl -sSG http://127.0.0.1:9090/api/v1/{what}")
        return json.loads(told)["data"]

    def values(self, query: str) -> list[float]:
        """Return the values of a query, of as many directors as have one."""
        found = self._ask(f"query --data-urlencode 'query={query}'")["result"]
        return sorted(float(one["value"][1]) for one in found)

    def firing(self) -> set[str]:
        """Return the alerts that fire, each with whom it is about."""
        firing = [one for one in self._ask("alerts")["alerts"] if one["state"] == "firing"]
        return {
            f"{about['alertname']} {about.get('server') or about.get('lvs_director', '')}".strip()
            for about in (one["labels"] for one in firing)
        }


# By whom the description is followed while Prometheus looks.
GIVEN = {
    "keepalived_advert_int": 1,
    "director_metrics_directory": EXPORTED,
    "director_metrics_interval": 5,
}
# What somebody does to the table of keepalived, and what a check run says of it.
BY_HAND = {
    f"ipvsadm -e {RS1} -w 5": f"-a {RS1} -w 1",
    "ipvsadm -a -t 192.168.0.100:80 -r 192.168.137.77:80 -m": "-r 192.168.137.77:80",
    "ipvsadm -D -t 192.168.0.101:80": "-A -t 192.168.0.101:80",
}


def dashboard_rules(dashboard: str) -> str:
    """What the dashboard asks for, as rules, which promtool reads."""
    asked = [one["expr"] for panel in json.loads(dashboard)["panels"] for one in panel["targets"]]
    rules = [
        {
            "record": f"dashboard:number:{number}",
            "expr": re.sub(r"\$__rate_interval", "1m", expression).replace("$", ""),
        }
        for number, expression in enumerate(asked)
    ]
    return json.dumps({"groups": [{"name": "dashboard", "rules": rules}]})


@pytest.fixture(scope="module")
def prometheus(
    site: Site, client: Host, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Prometheus with the rules and the targets that lvs.cluster.monitoring writes."""
    site(**GIVEN)
    to = tmp_path_factory.mktemp("prometheus")
    done = ansible_playbook(
        "-i", INVENTORY, "-e", f"lvs_monitoring_to={to}", "playbooks/monitoring.yml"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = {path.name: path.read_text() for path in [*to.glob("lvs-*"), *ALERTS.iterdir()]}
    files["lvs-dashboard.yml"] = dashboard_rules(files.pop("lvs-dashboard.json"))
    for name, text in {**files, "prometheus.yml": CONFIGURATION}.items():
        client.check_output("printf %%s %s >%s", text, f"/etc/prometheus/{name}")
    names = "".join(f"{address} {name}\n" for name, address in DIRECTORS.items())
    client.check_output("printf %%s %s >>/etc/hosts", names)
    client.check_output("systemctl restart prometheus")
    yield Prometheus(client)
    client.check_output("systemctl stop prometheus")


def test_all_is_well(prometheus: Prometheus) -> None:
    """Debian's promtool takes the rules; both directors are scraped, one of them serves."""
    rules = "lvs-alerts.yml lvs-dashboard.yml"
    check = f"promtool check rules {rules} && promtool test rules *.test.yml"
    told = prometheus.host.check_output(f"cd /etc/prometheus && {check}")
    assert len(re.findall(r"SUCCESS: \d+ rules found", told)) == 2
    until("both are up", lambda: prometheus.values("lvs_up") == [1.0, 1.0], 60)
    assert prometheus.values("lvs_master") == [0.0, 1.0]
    assert prometheus.values("lvs_table_differs") == [0.0, 0.0]
    assert prometheus.firing() == set()


def test_what_goes_and_comes_back(prometheus: Prometheus, rs1: Host, tmp_path: Path) -> None:
    """A real server, a weight and a director: told by Prometheus, and on the page."""
    before = Status(tmp_path)
    assert before.state == "good", before.said
    master, backup = serving()
    dead, other = name_of(backup), name_of(master)
    rs1.check_output("systemctl stop nginx")
    lab("cut", dead)
    after = Status(tmp_path, ansible_timeout=20)
    gone = after.named("directors", dead)
    assert (gone["state"], gone["serves"], gone["answered"]) == ("unknown", None, False)
    assert gone["last"] == before.named("directors", dead)["at"]
    assert "nothing is known of it since" in after.card(dead)
    assert gone["last"] in after.card(dead)
    assert "good" not in after.card(dead)
    assert after.state == "unknown"
    assert [service["served_by"] for service in after.data["services"]] == [[other]] * 3
    by_nat = after.named("services", "by NAT")
    assert [server["word"] for server in by_nat["servers"]] == ["down", "up"]
    wanted = {"LvsServerDown rs1", f"LvsDirectorSilent {dead}"}
    until("both alerts fire", lambda: prometheus.firing() == wanted, 150)
    # Who is down makes no difference.
    assert prometheus.values("lvs_table_differs") == [0.0]
    lab("start", dead)
    rs1.check_output("systemctl start nginx")
    until("all alerts end", lambda: prometheus.firing() == set(), 120)
    serving()


def test_by_hand(prometheus: Prometheus, rs2: Host, site: Site) -> None:
    """site repairs what somebody has changed in keepalived's table; who is down stays out."""
    master, _backup = serving()
    whole = table(master)
    rs2.check_output("systemctl stop nginx")
    until("rs2 is out", lambda: len(table(master)) == len(whole) - 1, 30)
    was = table(master)
    pid = master.check_output("pidof -s keepalived")
    for command in BY_HAND:
        master.check_output(command)
    until("it differs", lambda: prometheus.values("lvs_table_differs") == [0.0, 1.0], 60)
    told = site(options=["--check", "--diff"], **GIVEN).stdout
    for said in BY_HAND.values():
        assert said in told
    site(**GIVEN)
    assert sorted(table(master)) == sorted(was)
    assert master.check_output("pidof -s keepalived") == pid
    assert name_of(serving()[0]) == name_of(master)
    until("it is as before", lambda: prometheus.values("lvs_table_differs") == [0.0, 0.0], 60)
    rs2.check_output("systemctl start nginx")
    until("rs2 is back", lambda: sorted(table(master)) == sorted(whole), 30)
