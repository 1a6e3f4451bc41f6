"""The network configuration that a node boots with."""

from __future__ import annotations

from lvs_lab.engine import interfaces_file


def test_a_node_configures_its_own_addresses() -> None:
    node = {
        "management": "198.18.0.11",
        "interfaces": [
            {
                "name": "eth1",
                "addresses": ["192.168.0.111/24", "192.168.0.112/24", "fd00::111/64"],
                "gateway": ["192.168.0.1", "fd00::1"],
            },
            {"name": "eth2", "addresses": [], "gateway": []},
        ],
    }
    assert interfaces_file(node) == (
        "auto lo\n"
        "iface lo inet loopback\n"
        "\n"
        "auto eth0\n"
        "iface eth0 inet static\n"
        "    address 198.18.0.11/24\n"
        "\n"
        "auto eth1\n"
        "\n"
        "iface eth1 inet static\n"
        "    address 192.168.0.111/24\n"
        "    gateway 192.168.0.1\n"
        "\n"
        "iface eth1 inet static\n"
        "    address 192.168.0.112/24\n"
        "\n"
        "iface eth1 inet6 static\n"
        "    address fd00::111/64\n"
        "    gateway fd00::1\n"
        "    dad-attempts 0\n"
        "    accept_ra 0\n"
        "\n"
        "auto eth2\n"
        "\n"
        "iface eth2 inet manual\n"
    )
