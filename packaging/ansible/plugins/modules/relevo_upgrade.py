#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: the authors of Relevo
# SPDX-License-Identifier: Apache-2.0

"""Upgrades a service of Relevo on a host, or brings an earlier generation back."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: relevo_upgrade
short_description: Upgrades a service that runs under Relevo
version_added: 0.1.0
description:
  - Hands a service over to another version of its program without losing a datagram or a session, and waits until
    the old version has ended.
  - It does nothing where the program that runs is the one on disk, and the command and the number of workers are
    those that were asked for.
  - An upgrade that does not get ready changes nothing. The module fails then, with the reason and the last lines of
    the new version, and the old one serves on.
author:
  - The authors of Relevo (@relevo)
options:
  service:
    description: The name of the service, as C(relevo list) shows it.
    type: str
    required: true
  state:
    description:
      - C(upgraded) for what is on disk, or for what I(command), I(release), I(workers) or I(config) say.
      - C(generation) for the program and command of an earlier generation, I(generation).
    type: str
    choices: [upgraded, generation]
    default: upgraded
  generation:
    description: The generation to go back to, by its number in C(relevo history). Needed by I(state=generation).
    type: int
  config:
    description: The settings of the service, which may have changed. What they say of command and workers counts.
    type: path
  command:
    description: Another command.
    type: list
    elements: str
  release:
    description: The folder that C({release}) in the command stands for.
    type: path
  workers:
    description: Another number of workers.
    type: int
  canary:
    description: Shares of the clients that get the new version first, as C(5%,25%).
    type: str
  canary_net:
    description:
      - Networks whose clients get the new version first, as C(192.0.2.0/24), in a step of their own and in all that
        follow.
    type: list
    elements: str
  step:
    description: How long each step lasts. Needed by I(canary) and I(canary_net).
    type: str
  watch:
    description:
      - For so long after the flip, as C(60s), a check that fails, or a worker that dies or says that it failed, brings
        the old version back, and the module fails. The old version does not drain before that.
      - The module fails as well where the old version dies meanwhile. The new one stays then, and I(changed) is true.
    type: str
  dry_run:
    description:
      - Starts the new version where there is one, waits until it is ready, runs I(check), and stops it again. It gets
        no flow, and nothing is changed. The module fails where it would not have become current.
    type: bool
    default: false
  check:
    description:
      - A command as C(exec:/usr/bin/check) that is run at the end of each step, every 5 s of a I(watch) and at its end,
        and once in a I(dry_run). If it does not end with 0 the new version gives way.
    type: str
  wait:
    description:
      - C(flip) returns when new flows go to the new version.
      - C(drained) waits until the old versions have ended, also where nothing was to be upgraded.
    type: str
    choices: [flip, drained]
    default: drained
  timeout:
    description: How long to wait for drained, as C(30s), C(10min), C(1h) or C(infinity).
    type: str
    default: 1h
  message:
    description: What the upgrade is for, in a line that C(relevo history) shows.
    type: str
  force:
    description: Upgrade even if the version that runs is the one that was asked for.
    type: bool
    default: false
  executable:
    description: The program C(relevo), where it is not in the path.
    type: str
    default: relevo
attributes:
  check_mode:
    support: full
    description: Says what would be done and does nothing. A I(dry_run) is not done either.
notes:
  - Exit codes and words of C(relevo) are part of its contract, relevo-json(5).
"""

EXAMPLES = r"""
- name: Upgrade to what is on disk, and wait until the old version has ended
  relevo.relevo.relevo_upgrade:
    service: dns

- name: Upgrade to a release, for a share of the clients first
  relevo.relevo.relevo_upgrade:
    service: dns
    release: /opt/dns/r8
    canary: 5%,25%
    step: 1min
    wait: flip
  register: upgrade

- name: Does the release on disk get ready here, and does it answer?
  relevo.relevo.relevo_upgrade:
    service: dns
    dry_run: true
    check: exec:/usr/bin/check-dns

- name: Upgrade, and go back by itself if it does not do well for a minute
  relevo.relevo.relevo_upgrade:
    service: dns
    canary_net: [192.0.2.0/24]
    step: 30s
    watch: 1min
    check: exec:/usr/bin/check-dns

- name: Go back to what ran before
  relevo.relevo.relevo_upgrade:
    service: dns
    state: generation
    generation: "{{ upgrade.former }}"
"""

RETURN = r"""
former:
  description: The generation that was current before.
  returned: always
  type: int
generation:
  description: The generation that is current.
  returned: always
  type: int
reason:
  description: Why something was to be done.
  returned: when something was to be done
  type: str
passed:
  description: That the new version would have become current.
  returned: when I(dry_run) has tried one
  type: bool
seconds_to_flip:
  description: From the request until new flows went to the new version, and until I(watch) was over.
  returned: when it was upgraded
  type: float
seconds_to_drained:
  description: How long the wait for drained took.
  returned: when it was waited for
  type: float
"""

import json
import os
import shlex
import time

from ansible.module_utils.basic import AnsibleModule


class Relevo:
    """The command line, asked about one service."""

    def __init__(self, module):
        self.module = module
        self.program = module.params["executable"]
        self.service = module.params["service"]

    def run(self, *words):
        return self.module.run_command([self.program] + list(words))

    def ask(self, *words):
        code, out, err = self.run(*words)
        if code != 0:
            self.module.fail_json(msg=failure("relevo " + words[0], code, out, err), rc=code)
        return out

    def status(self):
        return json.loads(self.ask("status", self.service, "--json"))

    def history(self):
        return json.loads(self.ask("history", self.service, "--json"))


def failure(what, code, out, err):
    told = (err or out).strip().splitlines()
    return "%s ended with %d: %s" % (what, code, " | ".join(told[-12:]) or "no word")


def current_of(status):
    for generation in status["generations"]:
        if generation["id"] == status["current"]:
            return generation
    return None


def identity(program):
    """What tells one file of a program from another."""
    if not program:
        return None
    known = program.get("buildID") or program.get("sha256")
    return (program["path"], program["size"], program["modified"], known)


def of_settings(relevo, path):
    """The command and the number of workers that the settings come out as, drop-ins and all."""
    wanted = {}
    for line in relevo.ask("check-settings", path, "--print").splitlines():
        key, found, value = line.partition("=")
        if found and key == "Command":
            wanted["command"] = shlex.split(value)
        elif found and key == "Workers":
            wanted["workers"] = int(value)
    return wanted


def why_upgrade(module, relevo, status, current):
    """Why the running version is not the one that is asked for; None where it is."""
    params = module.params
    if params["force"]:
        return "it was forced"
    if current is None:
        return "no generation is current"
    wanted = of_settings(relevo, params["config"]) if params["config"] else {}
    wanted.update((key, params[key]) for key in ("command", "workers") if params[key] is not None)
    if "command" in wanted and wanted["command"] != current["command"] and not params["release"]:
        return "the command is another one: %s" % " ".join(wanted["command"])
    if "workers" in wanted and wanted["workers"] != len(current["workers"]):
        return "%d workers instead of %d" % (wanted["workers"], len(current["workers"]))
    program = current.get("program") or {}
    if params["release"]:
        folder = os.path.realpath(params["release"]) + "/"
        if not any(os.path.realpath(word).startswith(folder) for word in current["command"]):
            return "the release is another one"
    return program.get("changed")


def why_back(module, relevo, current):
    """Why the version that runs is not that of the generation; None where it is."""
    number = module.params["generation"]
    if current is not None and current["id"] == number:
        return None
    meant = None
    for record in relevo.history():
        if record.get("to") == number:
            meant = record
    if meant is None:
        module.fail_json(msg="generation %d is none of relevo history" % number)
    if (
        current is not None
        and current["command"] == meant["command"]
        and len(current["workers"]) == meant["workers"]
        and identity(current.get("program")) == identity(meant.get("program"))
    ):
        return None
    return "generation %d runs" % current["id"] if current else "no generation is current"


def words_of(params):
    words = []
    for key in ("config", "release", "workers", "canary", "step", "watch", "check", "message"):
        if params[key] is not None:
            words += ["--" + key, str(params[key])]
    for network in params["canary_net"] or []:
        words += ["--canary-net", network]
    if params["dry_run"]:
        words.append("--dry-run")
    if params["command"]:
        words += ["--"] + params["command"]
    return words


def fault(params):
    """Why the options do not go together; None where they do."""
    tried = [key for key in ("canary", "canary_net", "watch", "dry_run") if params[key]]
    canary = "canary" in tried or "canary_net" in tried
    if params["state"] == "generation" and (tried or params["step"] or params["check"]):
        return "canary, canary_net, step, watch, dry_run and check belong to state=upgraded"
    if params["dry_run"] and len(tried) > 1:
        return "dry_run goes with none of canary, canary_net and watch"
    if canary and not params["step"]:
        return "canary and canary_net need step"
    if params["step"] and not canary:
        return "step belongs to canary and canary_net"
    if params["check"] and not tried:
        return "check belongs to canary, canary_net, watch and dry_run"
    return None


def main():
    module = AnsibleModule(
        argument_spec=dict(
            service=dict(type="str", required=True),
            state=dict(type="str", choices=["upgraded", "generation"], default="upgraded"),
            generation=dict(type="int"),
            config=dict(type="path"),
            command=dict(type="list", elements="str"),
            release=dict(type="path"),
            workers=dict(type="int"),
            canary=dict(type="str"),
            canary_net=dict(type="list", elements="str"),
            step=dict(type="str"),
            watch=dict(type="str"),
            dry_run=dict(type="bool", default=False),
            check=dict(type="str"),
            wait=dict(type="str", choices=["flip", "drained"], default="drained"),
            timeout=dict(type="str", default="1h"),
            message=dict(type="str"),
            force=dict(type="bool", default=False),
            executable=dict(type="str", default="relevo"),
        ),
        required_if=[("state", "generation", ["generation"])],
        mutually_exclusive=[("config", "command")],
        supports_check_mode=True,
    )
    params = module.params
    wrong = fault(params)
    if wrong:
        module.fail_json(msg=wrong)
    dry = params["dry_run"]
    relevo = Relevo(module)
    status = relevo.status()
    current = current_of(status)
    result = dict(changed=False, former=status["current"], generation=status["current"])

    back = params["state"] == "generation"
    reason = why_back(module, relevo, current) if back else why_upgrade(module, relevo, status, current)
    if reason:
        result.update(changed=not dry, reason=reason)
        if module.check_mode:
            module.exit_json(**result)
        begun = time.time()
        if back:
            words = ["rollback", params["service"], "--to", str(params["generation"])]
            words += ["--message", params["message"]] if params["message"] else []
        else:
            words = ["upgrade", params["service"]] + words_of(params)
        code, out, err = relevo.run(*words)
        result["generation"] = relevo.status()["current"]
        if code != 0:
            result["changed"] = result["generation"] != result["former"]
            module.fail_json(msg=failure("relevo " + words[0], code, out, err), rc=code, **result)
        if dry:
            result["passed"] = True
        else:
            result["seconds_to_flip"] = round(time.time() - begun, 3)

    if params["wait"] == "drained" and not dry and not module.check_mode:
        begun = time.time()
        code, out, err = relevo.run(
            "wait", params["service"], "--for", "drained", "--timeout", params["timeout"]
        )
        if code != 0:
            module.fail_json(msg=failure("relevo wait --for drained", code, out, err), rc=code, **result)
        result["seconds_to_drained"] = round(time.time() - begun, 3)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
