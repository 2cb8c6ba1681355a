"""How modules are found: the team's own first, and for what is missing of PyScheduler's Carillon answers."""
import importlib
import importlib.abc
import importlib.machinery
import inspect
import os


DRIVERS = {"pymysql", "MySQLdb", "mysql", "psycopg2", "psycopg", "cx_Oracle", "oracledb", "pyodbc", "pymssql", "requests"}


class Wrapped(importlib.abc.Loader):
    """A module of the team: its own code, but for how a run ends and for a driver that is not installed."""

    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        name = module.__spec__.name
        try:
            self.loader.exec_module(module)
        except ImportError as error:
            missing = (error.name or "").split(".")[0]
            if name not in OLD_MODULES or missing not in DRIVERS:
                raise
            log("debug", "%s needs %s, which is not installed: Carillon answers in its place" % (name, missing))
            provide(module, name)
        # The team's own list is not kept any more: what is recorded is how the run ends.
        if inspect.isfunction(module.__dict__.get("record_task_history")):
            module.__dict__["record_task_history"] = record_task_history


def provide(module, name):
    for each in OLD_MODULES[name]:
        module.__dict__.setdefault(each, HELPERS[each])


class TeamFinder(importlib.abc.MetaPathFinder):
    """Finds the modules below the team's folder, to wrap them."""

    def __init__(self, folder):
        self.folder = os.path.realpath(folder) + os.sep

    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None or not isinstance(spec.origin, str):
            return None
        if os.path.realpath(spec.origin).startswith(self.folder) and hasattr(spec.loader, "exec_module"):
            if "site-packages" not in spec.origin:
                spec.loader = Wrapped(spec.loader)
        return spec


class Provided(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last: an old module of PyScheduler that is not there."""

    def find_spec(self, name, path=None, target=None):
        if name not in OLD_MODULES:
            return None
        package = any(each.startswith(name + ".") for each in OLD_MODULES)
        return importlib.machinery.ModuleSpec(name, self, is_package=package)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        provide(module, module.__spec__.name)
