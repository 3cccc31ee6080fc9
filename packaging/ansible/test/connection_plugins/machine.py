"""Connects to a machine of Tests/systemd/machine: `machine_pid` is its first process."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = """
name: machine
short_description: Runs commands in the namespaces of a process
description: Runs commands in the namespaces of a process, and copies files into its root.
author: The authors of Relevo
options:
  machine_pid:
    description: The process.
    vars:
      - name: machine_pid
extends_documentation_fragment:
  - connection_pipelining
"""

import shutil
import subprocess

from ansible.errors import AnsibleFileNotFound
from ansible.plugins.connection import ConnectionBase


class Connection(ConnectionBase):
    transport = "machine"
    has_pipelining = True

    def _connect(self):
        self._connected = True
        return self

    def close(self):
        self._connected = False

    def _inside(self, path):
        return "/proc/%s/root%s" % (self.get_option("machine_pid"), path)

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super(Connection, self).exec_command(cmd, in_data=in_data, sudoable=sudoable)
        enter = ["nsenter", "-t", str(self.get_option("machine_pid")), "-m", "-u", "-i", "-n", "-p", "-C", "--"]
        run = subprocess.run(
            enter + ["/bin/sh", "-c", cmd], input=in_data or b"", capture_output=True, check=False
        )
        return run.returncode, run.stdout, run.stderr

    def put_file(self, in_path, out_path):
        super(Connection, self).put_file(in_path, out_path)
        self._copy(in_path, self._inside(out_path))

    def fetch_file(self, in_path, out_path):
        super(Connection, self).fetch_file(in_path, out_path)
        self._copy(self._inside(in_path), out_path)

    def _copy(self, source, target):
        try:
            shutil.copyfile(source, target)
        except FileNotFoundError as error:
            raise AnsibleFileNotFound(str(error)) from error
