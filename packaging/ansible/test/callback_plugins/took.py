"""Says how long each task took, from its start to the start of the next one."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = """
name: took
type: aggregate
short_description: Says how long each task took
description: Says how long each task took, from its start to the start of the next one.
author: The authors of Relevo
"""

import time

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "took"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super(CallbackModule, self).__init__()
        self.task = None
        self.begun = 0.0

    def _next(self, task):
        now = time.monotonic()
        if self.task:
            self._display.display("TOOK %.3f %s" % (now - self.begun, self.task))
        self.task, self.begun = task, now

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._next(task.get_name())

    def v2_playbook_on_stats(self, stats):
        self._next(None)
