# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation as a site: the guides, and what antsibull-docs makes of plugins and roles.

`make docs` lays both out beside this file, the guides as they lie in the repository.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

SOURCE = Path(__file__).parent
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s#]+)(#[^)\s]*)?\)")

# Where what is said of Ansible itself leads to: to ask its site would take a network at each build.
ANSIBLE = "https://docs.ansible.com/ansible/latest"
ANSIBLES = {
    "common_return_values": "reference_appendices/common_return_values.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
}
ANSIBLES_PLUGIN = re.compile(r"ansible_collections\.(ansible)\.(\w+)\.(\w+)$")

project = "lvs.cluster"
author = "The lvs.cluster authors"
copyright = author
version = release = yaml.safe_load((SOURCE / "galaxy.yml").read_text())["version"]

extensions = ["myst_parser", "sphinx_antsibull_ext"]
exclude_patterns = ["collection/collections.rst"]
myst_heading_anchors = 6
pygments_style = "ansible"
# The words of inventories are not those of a language that a highlighter knows.
highlight_language = "none"
html_theme = "sphinx_rtd_theme"
html_title = f"{project} {version}"
html_show_sphinx = False
html_use_smartypants = False


def without_the_repository(_app: Sphinx, name: str, text: list[str]) -> None:
    """Leave of links to what is in the repository, and not on the site, their words."""
    place = (SOURCE / name).parent

    def kept(link: re.Match[str]) -> str:
        target = link[2]
        return link[0] if ":" in target or (place / target).is_file() else link[1]

    text[0] = LINK.sub(kept, text[0])


def to_ansible(
    _app: Sphinx, _environment: BuildEnvironment, node: pending_xref, words: nodes.Element
) -> nodes.Element | None:
    """Lead to Ansible's own documentation; what is neither there nor here stays an error."""
    label = node.get("reftarget", "")
    plugin = ANSIBLES_PLUGIN.match(label)
    page = "collections/{}/{}/{}.html".format(*plugin.groups()) if plugin else ANSIBLES.get(label)
    return nodes.reference("", "", words, refuri=f"{ANSIBLE}/{page}") if page else None


def setup(app: Sphinx) -> None:
    """Have it done to each page as it is read, and to each reference that is not found."""
    app.connect("source-read", without_the_repository)
    app.connect("missing-reference", to_ansible)
