"""What a call ended with, in words: its result as text, and its error as a sentence with what to do."""
import importlib.util
import json
import os
import sys
import traceback


MOST_CAUSES = 10

# Packages that are called otherwise than what is imported of them.
PACKAGES = {
    "Crypto": "pycryptodome", "MySQLdb": "mysqlclient", "PIL": "pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python",
    "dateutil": "python-dateutil", "distutils": "setuptools", "docx": "python-docx", "dotenv": "python-dotenv",
    "pkg_resources": "setuptools", "pptx": "python-pptx", "psycopg2": "psycopg2-binary", "serial": "pyserial",
    "sklearn": "scikit-learn", "yaml": "PyYAML", "zmq": "pyzmq",
}


def result_text(result):
    """None for nothing; lists and dictionaries as JSON, where they are."""
    if result is None:
        return None
    if isinstance(result, (dict, list, tuple)):
        try:
            return json.dumps(result, ensure_ascii=False, allow_nan=False, default=as_text)
        except (TypeError, ValueError, RecursionError):
            return text_of(result)
    kind = type(result)
    # An object that says nothing of itself but where in memory it was.
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        return None
    return text_of(result)


def words_of(error, call):
    if isinstance(error, SyntaxError):
        return syntax_words(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return text_of(error) + missing_words(error.name, call)
    if isinstance(error, EOFError) and str(error) in ("", "EOF when reading a line"):
        return "it asks for input, and nobody is there to give it; make it a parameter of the task"
    notes = [text_of(each) for each in getattr(error, "__notes__", None) or []]
    return "\n".join([text_of(error) or type(error).__name__] + notes)


def syntax_words(error):
    version = "%d.%d" % sys.version_info[:2]
    if not error.filename or error.filename.startswith("<"):
        message = text_of(error)
        if "null bytes" in message:
            return "%s: a Python file that is imported is saved as UTF-16, or damaged; save it as UTF-8" % message
        return message
    place = "%s, line %s: " % (error.filename, error.lineno or "?")
    if "codec can't decode" in (error.msg or "") or "Non-UTF-8" in (error.msg or ""):
        return place + "it is not in UTF-8; save it as UTF-8, or name its encoding in its first line: # -*- coding: gbk -*-"
    return "%s%s (Python %s)" % (place, error.msg, version)


def missing_words(name, call):
    top = name.split(".")[0]
    beside = os.path.join(os.path.dirname(call["file"]), top)
    if os.path.isfile(beside + ".py") or os.path.isdir(beside):
        package = os.path.relpath(os.path.dirname(call["file"]), call["folder"]).replace(os.sep, ".")
        return "; it lies beside the file: write \"from %s import %s\"" % ("." if package == "." else package, top)
    try:
        if importlib.util.find_spec(top) is not None:
            return ""
    except (ImportError, ValueError):
        pass
    # Not in one piece: pyenv looks for it in the arguments, this program among them, and would run it as a child of its own.
    install = "; install it by \"%s -m %s install %s\"" % (sys.executable, "pip", PACKAGES.get(top, top))
    return install + (", or ask by execute_*_query, which needs no driver" if top in DRIVERS - {"requests"} else "")


def say_output_of(error):
    """What a command said that has failed, where the task had it captured and lets the error through."""
    said = getattr(error, "stderr", None) or getattr(error, "output", None)
    if isinstance(said, bytes):
        said = said.decode("utf-8", "replace")
    if isinstance(said, str):
        for line in said.rstrip().splitlines()[-20:]:
            log("warn", line)


def trace_of(error):
    """Where it came from: the frames of the team's code, and those of the errors that it was raised from."""
    parts = [frames_of(error)]
    seen = {id(error)}
    for each in getattr(error, "exceptions", ())[:MOST_CAUSES]:
        parts.append("with %s: %s\n%s" % (type(each).__name__, text_of(each), frames_of(each)))
    for _ in range(MOST_CAUSES):
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is None or id(cause) in seen:
            break
        seen.add(id(cause))
        how = "from" if cause is error.__cause__ else "while handling"
        parts.append("%s %s: %s\n%s" % (how, type(cause).__name__, text_of(cause), frames_of(cause)))
        error = cause
    return "\n".join(each.rstrip() for each in parts).strip("\n")


def frames_of(error):
    """The traceback without the frames of this file; frames that repeat are named once, with their number."""
    frames = [
        each for each in traceback.extract_tb(error.__traceback__)
        if each.filename != "<string>" and "importlib" not in each.filename
    ]
    return "".join(traceback.StackSummary.from_list(frames).format())
