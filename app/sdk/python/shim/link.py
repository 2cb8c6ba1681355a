"""The pipe to Carillon: messages as JSON lines, and the answers to what was asked.

The files of this folder are one program, put together in the order of program.ts. It runs one function of a Python file,
and is written for Python 3.6 and later with nothing but the standard library. The first line it reads is the call; then it
sends what is logged and asked, and at last how it ended.
"""
import datetime
import io
import itertools
import json
import os
import queue
import threading


PID = os.getpid()


class Link:
    """Messages to Carillon, and its answers; any thread may ask."""

    def __init__(self):
        self.reader = io.open(os.dup(0), "r", encoding="utf-8", newline="\n")
        self.writer = io.open(os.dup(1), "w", encoding="utf-8", newline="\n")
        self.lock = threading.RLock()
        self.numbers = itertools.count(1)
        self.waiting = {}

    def send(self, message):
        if os.getpid() != PID:
            raise RuntimeError("a child process cannot speak to Carillon; do it in the task's own process")
        line = json.dumps(message, ensure_ascii=True, allow_nan=False, default=as_text)
        with self.lock:
            self.writer.write(line + "\n")
            self.writer.flush()

    def ask(self, what, values):
        number = next(self.numbers)
        answers = queue.Queue()
        self.waiting[number] = answers
        self.send({"kind": "ask", "number": number, "what": what, "values": values})
        return answers.get()

    def read_answers(self):
        for line in self.reader:
            answer = json.loads(line)
            waiting = self.waiting.pop(answer["number"], None)
            if waiting is not None:
                waiting.put(answer)
        # Whoever started this is gone.
        os._exit(70)


def as_text(value):
    """What JSON has no form for."""
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat(" ") if isinstance(value, datetime.datetime) else value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (set, frozenset)):
        return list(value)
    return str(value)
