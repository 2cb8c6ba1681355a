"""The client of PyScheduler's api_client.py."""


class APIClient:
    """The client of PyScheduler's api_client.py; Carillon keeps the token and asks again."""

    def __init__(self, base_url=None, app_id="", app_secret=""):
        self.base_url = base_url
        self.app_id = app_id
        self.app_secret = app_secret

    def _make_request(self, method, endpoint, **given):
        unknown = sorted(set(given) - {"params", "json", "data", "headers", "timeout"})
        if unknown:
            raise TypeError("api_%s: Carillon has no argument %s" % (method.lower(), ", ".join(unknown)))
        own = {"baseUrl": self.base_url, "appId": self.app_id, "appSecret": self.app_secret}
        answer = LINK.ask("api", {
            "client": own if self.base_url else None,
            "method": method,
            "path": str(endpoint),
            "query": given.get("params"),
            "json": given.get("json"),
            "hasJson": given.get("json") is not None,
            "form": given.get("data") if isinstance(given.get("data"), dict) else None,
            "text": given.get("data") if isinstance(given.get("data"), str) else
                    given["data"].decode("utf-8") if isinstance(given.get("data"), bytes) else None,
            "headers": given.get("headers"),
            "seconds": given.get("timeout") if isinstance(given.get("timeout"), (int, float)) else None,
        })
        if "error" in answer:
            raise Exception(answer["error"])
        return answer.get("value")

    def api_get(self, endpoint, **given):
        return self._make_request("GET", endpoint, **given)

    def api_post(self, endpoint, **given):
        return self._make_request("POST", endpoint, **given)

    def api_put(self, endpoint, **given):
        return self._make_request("PUT", endpoint, **given)

    def api_delete(self, endpoint, **given):
        return self._make_request("DELETE", endpoint, **given)


SHARED_CLIENT = APIClient()


def get_db_config(db_name, *_more):
    raise Exception("get_db_config(%r): passwords are not given to Python code; ask by execute_*_query" % (db_name,))
