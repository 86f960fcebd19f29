"""How a test enters a running course without a browser."""

import http.client
from urllib.parse import urlsplit

from torchcamp.course.server.launch import Server


def entered(server: Server, *, whole: bool = False) -> str:
    """The cookie that a browser gets, as `NAME=VALUE`; with `whole`, its attributes too."""
    address = urlsplit(server.new_address())
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=20)
    try:
        connection.request(
            "GET", f"{address.path}?{address.query}", headers={"Host": address.netloc}
        )
        answer = connection.getresponse()
        assert answer.status == 303, answer.read()
        cookie = answer.headers["set-cookie"]
    finally:
        connection.close()
    return cookie if whole else cookie.partition(";")[0]
