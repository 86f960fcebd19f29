"""What travels between two processes: objects of JSON, and arrays as bytes.

A page and its kernel, the judge and its worker, the reader and its child speak like this. Whoever
receives an object looks its keys up at once; where one is kept, it becomes a dataclass.
"""

from typing import Any

JsonObject = dict[str, Any]
State = JsonObject  # what a figure's page asks for; `setup` and the first state name the keys
Reply = JsonObject  # what the figure then shows
Answer = tuple[Reply, list[bytes]]  # with the arrays that travel beside the reply
