# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup of plans: what it is handed and hands back, and whether its documentation is whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.lvs.cluster.plugins.lookup import plan
from described import GROUPS, VIP, hostvars, service

DOCUMENTED = yaml.safe_load(plan.DOCUMENTATION)
TERMS = "\n".join(DOCUMENTED["options"]["_terms"]["description"])
RETURNED = "\n".join(yaml.safe_load(plan.RETURN)["_raw"]["description"])


def asked(*terms: str, variables: dict[str, Any] | None = None, **options: Any) -> list[Any]:
    """What Ansible is handed back on the director."""
    known = {
        "inventory_hostname": "director",
        "hostvars": hostvars(),
        "groups": GROUPS,
        "lvs_virtual_services": [service()],
        **hostvars()["director"],
        **(variables or {}),
    }
    lookup = plan.LookupModule(templar=Templar(loader=DataLoader(), variables=known))
    found: list[Any] = lookup.run(list(terms), known, **options)
    return found


def test_one_value_for_each_term() -> None:
    """In their order, a dictionary or a list."""
    director, problems, hosts = asked("director", "problems", "hosts")
    assert director["keys"] == [f"-t {VIP}:80"]
    assert problems == []
    assert hosts["directors"] == ["director"]
    assert asked() == []


def test_templates_are_resolved() -> None:
    """Whichever variable has them, and a template's own variables."""
    template = trust_as_template("{{ [web | combine({'port': other})] }}")
    variables = {"web": service(), "other": 81, "lvs_virtual_services": template}
    (director,) = asked("director", variables=variables)
    assert director["keys"] == [f"-t {VIP}:81"]


def test_what_has_no_template_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A template within, however deep, is resolved; so is what may be more than it seems."""
    templated: list[Any] = []

    def template(_self: Templar, value: Any) -> Any:
        templated.append(value)
        return []

    monkeypatch.setattr(Templar, "template", template)
    assert asked("director")[0]["keys"]
    assert templated == []
    secret = object()
    for nested in ("{{ vip }}", {"{{ a }}": 1}, ["{% if a %}"], secret):
        described = [{**service(), "check": {"expect": nested}}]
        asked("director", variables={"lvs_virtual_services": described})
        assert templated.pop() == described


def test_options() -> None:
    """They are handed on."""
    (requests,) = asked("requests", at_least=3)
    assert len(requests) == 4


def test_without_a_host() -> None:
    """A play's hosts are worked out before there is one."""
    lookup = plan.LookupModule(templar=Templar(loader=DataLoader(), variables={}))
    assert lookup.run(["hosts"], {"groups": GROUPS})[0]["cluster"] == ["director", "rs1", "rs2"]
    assert lookup.run(["hosts"], None)[0]["cluster"] == []


def test_groups_of_other_names() -> None:
    """Each term goes by them, for a host and for a play."""
    names = {"directors": "lb", "real_servers": "web"}
    groups = {"all": ["director", "rs1"], "lb": ["director"], "web": ["rs1", "rs2"]}
    variables = {"lvs_groups": names, "groups": groups}
    found, hosts, director, problems = asked(
        "groups", "hosts", "director", "problems", variables=variables
    )
    assert (found["directors"], found["real_servers"]) == (["director"], ["rs1", "rs2"])
    assert found["cluster"] == hosts["cluster"] == ["director", "rs1", "rs2"]
    assert director["keys"] == [f"-t {VIP}:80"]
    assert problems == []
    lookup = plan.LookupModule(templar=Templar(loader=DataLoader(), variables={}))
    known = {"groups": groups, "hostvars": hostvars(director={"lvs_groups": names})}
    assert lookup.run(["groups"], known) == [found]


def test_what_has_to_have_a_host() -> None:
    """A group of the cluster, unless it is said which."""
    none = {"groups": {"all": ["director"], "clients": []}}
    (problem,) = asked("group_problems", variables=none)[0]
    assert problem["message"].startswith("inventory: none of the groups directors, real_servers, n")
    (problem,) = asked("group_problems", variables=none, needed=["clients"])[0]
    assert problem["message"].startswith("inventory: the group clients has no host; ")
    assert asked("group_problems", variables=none, needed=[]) == [[]]


def test_names_of_groups_that_cannot_be() -> None:
    """They are told as data, and whatever hangs on them fails."""
    wrong = {"lvs_groups": {"directors": "lb"}}
    told = "inventory: lvs_groups.directors 'lb' is no group of the inventory; give one that"
    for term in ("problems", "group_problems"):
        ((problem, *_others),) = asked(term, variables=wrong)
        assert problem["message"].startswith(told)
    for term in ("groups", "hosts", "director", "real_server"):
        with pytest.raises(AnsibleLookupError, match=told):
            asked(term, variables=wrong)


def test_term_that_is_not_known() -> None:
    """The message has those that are."""
    with pytest.raises(AnsibleLookupError, match="term 'nothing' is not known; use one of direc"):
        asked("nothing")


def test_what_cannot_be_planned() -> None:
    """It is an error of Ansible's, in the words of a refusal."""
    wrong = {"lvs_virtual_services": [service(port=70000)]}
    with pytest.raises(AnsibleLookupError, match="service web: port 70000 is out of range; give"):
        asked("director", variables=wrong)
    with pytest.raises(AnsibleLookupError, match="former is not given"):
        asked("forgotten_services")


@pytest.mark.parametrize("term", plan.PLANS)
def test_term_is_documented(term: str) -> None:
    """What it is for, and what it gives."""
    assert f"V({term})" in TERMS
    assert f"V({term})" in RETURNED


def test_nothing_else_is_documented() -> None:
    """Each paragraph begins with a term that there is, and all options are there."""
    described = DOCUMENTED["options"]["_terms"]["description"][1:]
    assert {text.split(")")[0] for text in described} == {f"V({term}" for term in plan.PLANS}
    used = re.findall(r"O\((\w+)\)", TERMS + RETURNED)
    assert {*used} <= DOCUMENTED["options"].keys()


def test_keys_are_documented() -> None:
    """Those of each dictionary."""
    real_server = {"roles", "dr.addresses", "tun", "nat.gateway", "nat.interface"}
    director, hosts, groups = asked("director", "hosts", "groups")
    (problem,) = asked("problems", variables={"lvs_virtual_services": [service(port=0)]})[0]
    for key in (*director, *hosts, *groups, *problem, *real_server):
        assert f"C({key})" in RETURNED


def test_examples_ask_for_terms_that_there_are() -> None:
    """Each is a task."""
    tasks = yaml.safe_load(plan.EXAMPLES)
    assert all(task["name"] for task in tasks)
    terms = re.findall(r"lookup\('lvs\.cluster\.plan', '(\w+)'", plan.EXAMPLES)
    assert len(terms) == len(tasks)
    assert {*terms} <= plan.PLANS.keys()
