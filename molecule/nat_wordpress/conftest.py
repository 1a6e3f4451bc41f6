"""Who visits the site."""

from __future__ import annotations

import pytest
from browser import Browser
from nodes import node, variable
from testinfra.host import Host

NAME, VIP = "www.example.org", "192.168.0.111"


@pytest.fixture
def browser(client: Host) -> Browser:
    """A visitor, by the virtual address."""
    return Browser(client, NAME, VIP)


@pytest.fixture(scope="session")
def logged_in() -> Browser:
    """The editor, who has logged in once, by the virtual address."""
    editor = Browser(node("client"), NAME, VIP)
    editor.log_in("editor", variable("vault_editor_password"))
    return editor
