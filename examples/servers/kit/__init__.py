"""Restarts and upgrades real servers under the load of real clients, and counts what fails."""
