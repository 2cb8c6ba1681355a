"""What Python code prints and logs, as lines of the run's log."""
import codecs
import io
import logging
import os
import threading


# A longer line is cut: so many characters are as long as a log's line.
MOST_CHARACTERS = 16000


class Lines(io.TextIOBase):
    """Standard output and error of Python code, as lines of the run's log."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, level, descriptor):
        self.level = level
        self.descriptor = descriptor
        self.buffer = Bytes(self)
        self.begin()

    def begin(self):
        self.pid = os.getpid()
        self.lock = threading.RLock()
        self.pieces = []
        self.length = 0
        self.returned = False

    def reconfigure(self, **options):
        """Scripts set an encoding or buffering; lines have neither."""

    def writable(self):
        return True

    def fileno(self):
        return self.descriptor

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        if os.getpid() != self.pid:
            # In a child made by fork; what was begun here is the parent's, and its lock may be held.
            self.begin()
        with self.lock:
            *lines, rest = text.split("\n")
            for line in lines:
                self.add(line)
                self.end()
            self.add(rest)
        return len(text)

    def add(self, text):
        """A part of a line. What stands behind a carriage return is written over what stood before: a progress bar."""
        for place, part in enumerate(text.split("\r")):
            self.returned = self.returned or place > 0
            if not part:
                continue
            if self.returned:
                self.pieces, self.length, self.returned = [], 0, False
            self.pieces.append(part)
            self.length += len(part)
        if self.length > MOST_CHARACTERS:
            whole = "".join(self.pieces)
            cut = self.length - self.length % MOST_CHARACTERS
            for start in range(0, cut, MOST_CHARACTERS):
                self.say(whole[start:start + MOST_CHARACTERS])
            self.pieces, self.length = [whole[cut:]], self.length - cut

    def end(self):
        text = "".join(self.pieces)
        self.pieces, self.length, self.returned = [], 0, False
        self.say(text)

    def say(self, text):
        if os.getpid() == PID:
            log(self.level, text)
        else:
            # A whole line at a time, so that those of several children do not mix.
            os.write(self.descriptor, (text + "\n").encode("utf-8", "replace"))

    def flush(self):
        if os.getpid() != PID and os.getpid() == self.pid:
            self.finish()

    def finish(self):
        with self.lock:
            if self.pieces:
                self.end()


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


def level_of(record):
    level = record.levelno
    return "error" if level >= 40 else "warn" if level >= 30 else "info" if level >= 20 else "debug"


def logged(level, text):
    if os.getpid() == PID:
        log(level, text)
    else:
        os.write(2, (text + "\n").encode("utf-8", "replace"))


class LogHandler(logging.Handler):
    """`logging` as lines of the run's log, with their level."""

    def emit(self, record):
        # A handler of the task's own has written it already.
        if getattr(record, "is_in_run_log", False):
            return
        try:
            logged(level_of(record), self.format(record))
        except Exception:
            self.handleError(record)


def take_logging(handler):
    """Handlers that a task makes for its console write to the run's log too, with the level of each line."""
    emit = logging.StreamHandler.emit
    basic = logging.basicConfig

    def emit_with_level(own, record):
        if not isinstance(own.stream, Lines):
            return emit(own, record)
        try:
            logged(level_of(record), own.format(record))
            record.is_in_run_log = True
        except Exception:
            own.handleError(record)

    def configure(**options):
        # As if this handler were not there, which would keep it from doing anything.
        logging.root.removeHandler(handler)
        basic(**options)
        for each in list(logging.root.handlers):
            if type(each) is logging.StreamHandler and isinstance(each.stream, Lines):
                logging.root.removeHandler(each)
        logging.root.addHandler(handler)

    logging.StreamHandler.emit = emit_with_level
    logging.basicConfig = configure
