"""Real servers are drained and given back: the director owns the table."""

from __future__ import annotations

from drain import Playbook, drained_and_given_back, weights
from nodes import Site, established, until
from testinfra.host import Host

VIP = "192.168.0.111"
SERVERS = {"rs1": "192.168.137.131", "rs2": "192.168.137.130"}


def test_drained_and_given_back(site: Site, client: Host, director: Host) -> None:
    """No request fails, and no download is cut."""
    drained_and_given_back(site, client, [director], [VIP], ("rs1", SERVERS["rs1"]))


# It asks twice by one connection, the second time when it is told to.
TWICE = """
import http.client, os, time
connection = http.client.HTTPConnection("{vip}", timeout=60)
def ask():
    connection.request("GET", "/")
    print(connection.getresponse().read().decode().strip(), flush=True)
ask()
while not os.path.exists("/tmp/again"):
    time.sleep(0.1)
try:
    ask()
except OSError as error:
    print(type(error).__name__)
"""


def test_what_does_not_end_is_named_and_cut(client: Host, director: Host) -> None:
    """The server is out of the table, for the next boot, too, until it is given back."""
    script = TWICE.replace("{vip}", VIP)
    client.check_output("rm -f /tmp/again /tmp/answers")
    client.check_output(f"python3 -c '{script}' >/tmp/answers 2>&1 </dev/null &")
    (connection,) = until("it is connected", lambda: established(director))
    who, _service, to = connection.split()
    address = to.partition(":")[0]
    (name,) = (one for one, own in SERVERS.items() if own == address)
    told = Playbook("drain", lvs_host=name, lvs_drain_timeout=1).told()
    assert f"{who} to tcp {VIP}:80, by {to}, ESTABLISHED" in told
    assert weights(director, address) == set()
    assert address not in director.file("/etc/ipvsadm.rules").content_string
    (other,) = {*SERVERS} - {name}
    refused = Playbook("drain", lvs_host=other).told(status=2)
    assert f"nobody would be left for new clients without {other}" in refused
    # It is told so at once, and not left to hang.
    client.check_output("touch /tmp/again")
    ended = [name, "ConnectionResetError"]
    until("it is cut", lambda: client.check_output("cat /tmp/answers").split() == ended)
    Playbook("undrain", lvs_host=name).told()
    assert weights(director, address) == {"1"}
