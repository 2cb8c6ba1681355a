"""What Python code prints and logs, as lines of the run's log."""
import codecs
import io
import logging
import os
import threading


class Lines(io.TextIOBase):
    """Standard output and error of Python code, as lines of the run's log."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, level, descriptor):
        self.level = level
        self.descriptor = descriptor
        self.rest = ""
        self.lock = threading.RLock()
        self.buffer = Bytes(self)

    def reconfigure(self, **options):
        """Scripts set an encoding or buffering; lines have neither."""

    def writable(self):
        return True

    def fileno(self):
        return self.descriptor

    def write(self, text):
        if os.getpid() != PID:
            os.write(self.descriptor, text.encode("utf-8", "replace"))
            return len(text)
        with self.lock:
            *lines, self.rest = (self.rest + text).split("\n")
            for line in lines:
                log(self.level, line)
        return len(text)

    def finish(self):
        with self.lock:
            rest, self.rest = self.rest, ""
            if rest:
                log(self.level, rest)


class Bytes(io.RawIOBase):
    """`sys.stdout.buffer`: bytes in UTF-8, which scripts write or wrap in an encoding of their own."""

    def __init__(self, lines):
        self.lines = lines
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self):
        return True

    def fileno(self):
        return self.lines.fileno()

    def write(self, data):
        data = bytes(data)
        with self.lines.lock:
            self.lines.write(self.decoder.decode(data))
        return len(data)


def log(level, text):
    LINK.send({"kind": "log", "level": level, "text": text})


class LogHandler(logging.Handler):
    """`logging` as lines of the run's log, with their level."""

    def emit(self, record):
        try:
            level = record.levelno
            name = "error" if level >= 40 else "warn" if level >= 30 else "info" if level >= 20 else "debug"
            if os.getpid() == PID:
                log(name, self.format(record))
            else:
                os.write(2, (self.format(record) + "\n").encode("utf-8", "replace"))
        except Exception:
            self.handleError(record)
