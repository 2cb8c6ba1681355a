"""A list of 1,000 tasks as PyScheduler's page has it: Flask, a template, a row a task. Prints the port it listens on."""
import logging
import sys
import threading

from flask import Flask, render_template_string
from werkzeug.serving import make_server

TASKS = [
    {"id": f"task_{i}", "name": f"Task number {i}", "next": "2026-03-10 12:00:00", "trigger": f"cron[hour='{i % 24}']"}
    for i in range(1_000)
]
PAGE = """<!doctype html><html><head><title>Tasks</title></head><body><table>
<tr><th>Id</th><th>Name</th><th>Next run</th><th>Trigger</th><th></th></tr>
{% for task in tasks %}<tr><td>{{ task.id }}</td><td><a href="/history/{{ task.id }}">{{ task.name }}</a></td>
<td>{{ task.next }}</td><td>{{ task.trigger }}</td>
<td><button onclick="run('{{ task.id }}')">Run</button><button onclick="ask('{{ task.id }}')">Run with parameters</button></td></tr>
{% endfor %}</table></body></html>"""

app = Flask(__name__)
logging.getLogger("werkzeug").disabled = True


@app.route("/")
def index():
    return render_template_string(PAGE, tasks=TASKS)


server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
