"""Pusher: turns a blessed model into a release, and records a refused one."""
