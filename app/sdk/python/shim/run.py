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
    if not callable(function):
        raise TypeError("%s: %s is no function, but of type %s" % (call["file"], call["function"], type(function).__name__))
    args, params = placed(function, call)
    return finished(function(*args, **params))


def placed(function, call):
    """Parameters of a task have names; those that a function takes by place only are put there."""
    args, params = list(call["args"]), dict(call["params"])
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return args, params
    for each in parameters[len(args):]:
        if each.kind is not each.POSITIONAL_ONLY or each.name not in params:
            break
        args.append(params.pop(each.name))
    return args, params


def finished(result):
    """What was called may only have begun: coroutines are awaited, and generators run to their end."""
    if inspect.isgenerator(result):
        while True:
            try:
                next(result)
            except StopIteration as end:
                return end.value
    if inspect.isasyncgen(result):
        return awaited(drained(result))
    return awaited(result) if inspect.isawaitable(result) else result


async def drained(generator):
    async for _ in generator:
        pass


def awaited(awaitable):
    import asyncio

    async def wait():
        return await awaitable

    if hasattr(asyncio, "run"):
        return asyncio.run(wait())
    return asyncio.new_event_loop().run_until_complete(wait())


def take_descriptors():
    """Nothing but this file writes to the pipe: what others write to standard output becomes lines of the log."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    source, target = os.pipe()
    os.dup2(target, 1)
    os.close(target)

    def pump():
        lines = Lines("info", 1)
        with io.open(source, "rb", buffering=0) as chunks:
            for chunk in iter(lambda: chunks.read(65536), b""):
                lines.buffer.write(chunk)
        lines.finish()

    thread = threading.Thread(target=pump, daemon=True)
    thread.start()
    return thread


ENDED = threading.Event()


def stop(_signal, _frame):
    # As an exit and not as an end: what stands in `finally` is still done.
    ENDED.set()
    raise SystemExit(143)


def outcome(call):
    """How it failed, and None and its result where it has not."""
    try:
        if not os.path.isfile(call["file"]):
            raise FileNotFoundError("there is no file %s" % call["file"])
        result = called(load(call), call)
    except SystemExit as error:
        code = error.code
        if ENDED.is_set():
            return failed("SystemExit", "the task was ended"), None
        if code in (None, 0):
            return None, None
        return failed("SystemExit", "the task ended itself: %s" % text_of(code)), None
    except BaseException as error:
        say_output_of(error)
        return failed(type(error).__name__, words_of(error, call), trace_of(error)), None
    return None, result


def failed(name, message, trace=None):
    end = {"kind": "end", "ok": False, "name": name, "message": message}
    return end if trace is None else dict(end, trace=trace)


def recorded(call, result):
    records = RECORDED or recorded_by_children()
    if not records:
        return {"kind": "end", "ok": True, "message": result_text(result)}
    job, message = records[-1]
    if call.get("task") and job != call["task"]:
        log("warn", "record_task_history was called for %s; this is the task %s" % (job, call["task"]))
    if message == DONE:
        return {"kind": "end", "ok": True, "message": message}
    return failed("Error", message)


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
    take_logging(handler)
    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=LINK.read_answers, daemon=True).start()
    end, result = outcome(call)
    if os.getpid() != PID:
        # A child that the task has made by fork, and that has come back from its function too.
        finish(outputs)
        os._exit(0)
    if end is None:
        try:
            end_threads()
            # They may have recorded something too.
            end = recorded(call, result)
        except SystemExit:
            # Ended while it waited for them.
            end = failed("SystemExit", "the task was ended")
    try:
        atexit._run_exitfuncs()
    except BaseException:
        # Python up to 3.9 raises what it has printed.
        pass
    finish(outputs)
    # Closed, so that the lines in it have an end; a child that holds it open is not waited for.
    os.dup2(2, 1)
    pump.join(0.5)
    LINK.send(end)
    os._exit(0)


def end_threads():
    """As Python does at its end: pools are told that nothing more comes, and threads that are no daemons are waited for."""
    for each in getattr(threading, "_threading_atexits", []):
        each()
    for each in threading.enumerate():
        if each is not threading.main_thread() and not each.daemon:
            each.join()


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
