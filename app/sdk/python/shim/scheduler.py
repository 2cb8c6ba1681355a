"""Stands for apscheduler: Carillon schedules, and a second scheduler in a run would start the jobs twice."""
import importlib.abc
import importlib.machinery
import types


class Silent:
    """A scheduler that schedules nothing: Carillon does."""

    def __init__(self, *_args, **_named):
        pass

    def __call__(self, *args, **_named):
        # As a decorator it leaves the function what it is.
        return args[0] if len(args) == 1 and callable(args[0]) else self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Silent()

    def get_jobs(self, *_args):
        return []


class SilentModule(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,) if name.endswith(("Error", "Exception")) else (Silent,), {})


class NoScheduler(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands for apscheduler: config.py may be imported by a task, and must not start its jobs a second time."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] != "apscheduler":
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return SilentModule(spec.name)

    def exec_module(self, module):
        pass
