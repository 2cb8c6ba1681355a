"""What PyScheduler's own modules offered to tasks, by name and by module."""


DONE = "已完成"
RECORDED = []


def record_task_history(job_id, message=None, *_more, **_named):
    """How the task ends: DONE is success, anything else a failure."""
    RECORDED.append((str(job_id), DONE if message is None else str(message)))


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
