"""What PyScheduler's own modules offered to tasks, by name and by module."""
import json
import os


DONE = "已完成"
RECORDED = []
# What children of the task's process record; each of it is smaller than what a pipe takes in one piece.
FROM_CHILDREN, TO_PARENT = os.pipe()


def record_task_history(job_id, message=None, *_more, **named):
    """How the task ends: DONE is success, anything else a failure."""
    message = named.get("status", message)
    message = DONE if message is None else text_of(message) or "an empty message was recorded"
    if os.getpid() == PID:
        RECORDED.append((str(job_id), message))
    else:
        os.write(TO_PARENT, (json.dumps([str(job_id), message[:500]]) + "\n").encode("ascii"))


def recorded_by_children():
    os.set_blocking(FROM_CHILDREN, False)
    try:
        return [tuple(json.loads(line)) for line in os.read(FROM_CHILDREN, 65536).decode("ascii").splitlines()]
    except BlockingIOError:
        return []


def text_of(value):
    """The text of whatever it is; of an object that has none, its class."""
    try:
        return str(value)
    except Exception as error:
        return "<%s, whose text cannot be made: %s>" % (type(value).__name__, type(error).__name__)


def load_task_history(*_args, **_named):
    """The history is Carillon's; a task finds none here."""
    return []


HELPERS = {
    "record_task_history": record_task_history,
    "load_task_history": load_task_history,
    "execute_mysql_query": query_function("execute_mysql_query", "MySQL", percent_style, dictionaries),
    "execute_pgsql_query": query_function("execute_pgsql_query", "PostgreSQL", percent_style, dictionaries),
    "execute_oracle_query": query_function("execute_oracle_query", "Oracle", oracle_style, tuples),
    "execute_sqlserver_query": query_function("execute_sqlserver_query", "SQL Server", mark_style, records),
    "APIClient": APIClient,
    "default_api_client": SHARED_CLIENT,
    "get_api_client": lambda: SHARED_CLIENT,
    "api_get": SHARED_CLIENT.api_get,
    "api_post": SHARED_CLIENT.api_post,
    "api_put": SHARED_CLIENT.api_put,
    "api_delete": SHARED_CLIENT.api_delete,
    "get_db_config": get_db_config,
}

# PyScheduler's own modules, and what stands in each of them.
QUERIES = ["execute_mysql_query", "execute_pgsql_query", "execute_oracle_query", "execute_sqlserver_query"]
CALLS = ["api_get", "api_post", "api_put", "api_delete"]
OLD_MODULES = {
    "tasks": ["record_task_history", "load_task_history"],
    "datasource": QUERIES + ["get_db_config"],
    "datasource.config_utils": ["get_db_config"],
    "datasource.mysql_utils": ["execute_mysql_query"],
    "datasource.pgsql_utils": ["execute_pgsql_query"],
    "datasource.oracle_utils": ["execute_oracle_query"],
    "datasource.sqlserver_utils": ["execute_sqlserver_query"],
    "api": ["APIClient", "default_api_client", "get_api_client"] + CALLS,
    "api.api_client": ["APIClient"] + CALLS,
}
