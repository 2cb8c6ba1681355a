"""One call of one function, from its module to how it ended."""
import atexit
import importlib
import importlib.util
import inspect
import io
import json
import logging
import os
import re
import signal
import sys
import threading
import traceback


def load(call):
    folder, file = call["folder"], call["file"]
    sys.path[:] = [folder] + [each for each in sys.path if each not in ("", folder)]
    sys.argv = [file]
    sys.meta_path.insert(0, TeamFinder(folder))
    sys.meta_path.insert(0, NoScheduler())
    sys.meta_path.append(Provided())
    for name in OLD_MODULES:
        # A folder without __init__.py is a package with nothing in it.
        if "." not in name and os.path.isdir(os.path.join(folder, name)):
            spec = importlib.util.find_spec(name)
            if spec is not None and spec.origin in (None, "namespace"):
                provide(importlib.import_module(name), name)
    below = os.path.relpath(file, folder)
    parts = below[:-3].split(os.sep)
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    if below.endswith(".py") and all(re.match(r"[^\W\d]\w*$", part) for part in parts):
        return importlib.import_module(".".join(parts))
    spec = importlib.util.spec_from_file_location("carillon_task", file)
    spec.loader = Wrapped(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def called(module, call):
    function = module
    for name in call["function"].split("."):
        if not hasattr(function, name):
            known = [
                each for each, value in vars(module).items()
                if inspect.isfunction(value) and value.__module__ == module.__name__
            ]
            raise AttributeError("%s has no function %s; it has %s" % (call["file"], call["function"], ", ".join(known) or "none"))
        function = getattr(function, name)
    result = function(*call["args"], **call["params"])
    if inspect.iscoroutine(result):
        import asyncio
        result = asyncio.get_event_loop_policy().new_event_loop().run_until_complete(result)
    return result


def take_descriptors():
    """Nothing but this file writes to the pipe: what others write to standard output becomes lines of the log."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    source, target = os.pipe()
    os.dup2(target, 1)
    os.close(target)

    def pump():
        with io.open(source, "r", encoding="utf-8", errors="replace", newline=None) as lines:
            for line in lines:
                log("info", line.rstrip("\n"))

    thread = threading.Thread(target=pump, daemon=True)
    thread.start()
    return thread


def stop(_signal, _frame):
    # As an exit and not as an end: what stands in `finally` is still done.
    raise SystemExit(143)


def outcome(call):
    try:
        result = called(load(call), call)
    except SystemExit as error:
        if error.code == 143:
            return {"kind": "end", "ok": False, "name": "SystemExit", "message": "the task was ended"}
        if error.code in (None, 0):
            return recorded(call, None)
        return {"kind": "end", "ok": False, "name": "SystemExit", "message": "the task ended itself: %s" % (error.code,)}
    except BaseException as error:
        place = own_trace(error)
        return {"kind": "end", "ok": False, "name": type(error).__name__, "message": str(error) or type(error).__name__, "trace": place}
    return recorded(call, result)


def recorded(call, result):
    if not RECORDED:
        return {"kind": "end", "ok": True, "message": None if result is None else str(result)}
    job, message = RECORDED[-1]
    if call.get("task") and job != call["task"]:
        log("warn", "record_task_history was called for %s; this is the task %s" % (job, call["task"]))
    if message == DONE:
        return {"kind": "end", "ok": True, "message": message}
    return {"kind": "end", "ok": False, "name": "Error", "message": message}


def own_trace(error):
    """The traceback without the frames of this file."""
    shown = traceback.TracebackException(type(error), error, error.__traceback__)
    frames = [each for each in shown.stack if each.filename != "<string>" and "importlib" not in each.filename]
    return "".join(traceback.format_list(frames)).rstrip()


def main():
    # The first line is read before anything can get between.
    call = json.loads(LINK.reader.readline())
    pump = take_descriptors()
    outputs = [Lines("info", 1), Lines("warn", 2)]
    sys.stdout, sys.stderr = outputs
    handler = LogHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=LINK.read_answers, daemon=True).start()
    end = outcome(call)
    if end["ok"]:
        for each in threading.enumerate():
            if each is not threading.main_thread() and not each.daemon:
                each.join()
    atexit._run_exitfuncs()
    finish(outputs)
    # Closed, so that the lines in it have an end; a child that holds it open is not waited for.
    os.dup2(2, 1)
    pump.join(0.5)
    LINK.send(end)
    os._exit(0)


def finish(outputs):
    """A task may have put others in their place, which hold text back, or are closed."""
    for each in (sys.stdout, sys.stderr):
        try:
            each.flush()
        except Exception:
            pass
    for each in outputs:
        each.finish()


LINK = Link()
main()
