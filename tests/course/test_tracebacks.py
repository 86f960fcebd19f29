"""The message and the user's line are found in what people paste."""

import traceback
from pathlib import Path

import pytest

from torchcamp.course.tracebacks import Failure, Place, failures

SHAPES = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x100 and 90x10)"


def last(text: str) -> Failure:
    return failures(text)[-1]


def test_of_a_real_traceback_the_lowest_line_of_the_user_is_taken(tmp_path: Path):
    script = tmp_path / "train.py"
    script.write_text(
        "import torch\nfrom torch import nn\n\ndef forward(x):\n    return nn.Linear(90, 10)(x)\n\n"
        "forward(torch.ones(64, 100))\n"
    )
    with pytest.raises(RuntimeError) as error:
        exec(compile(script.read_text(), str(script), "exec"), {})
    text = "".join(traceback.format_exception(error.value))
    assert "site-packages" in next(line for line in reversed(text.splitlines()) if "File" in line)
    assert last(text) == Failure(
        message=SHAPES,
        place=Place(file=str(script), line=5, code="return nn.Linear(90, 10)(x)"),
    )


def test_a_message_alone_needs_no_traceback():
    assert failures("index out of range in self\n") == [
        Failure(message="index out of range in self")
    ]
    assert failures("") == [Failure(message="")]


def test_a_message_of_several_lines_is_whole_and_what_follows_is_not_part_of_it():
    message = 'RuntimeError: Error(s) in loading:\n\tMissing key(s): "a"\n\tUnexpected key(s): "b"'
    text = (
        f'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    f()\n{message}\n\n'
        "During handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "b.py", line 7, in <module>\n    g()\nValueError\n'
    )
    assert failures(text) == [
        Failure(message=message, place=Place(file="a.py", line=3, code="f()")),
        Failure(message="ValueError", place=Place(file="b.py", line=7, code="g()")),
    ]


JUPYTER = """\
\x1b[0;31m---------------------------------------------------------------------------\x1b[0m
\x1b[0;31mRuntimeError\x1b[0m                              Traceback (most recent call last)
Cell \x1b[0;32mIn[3], line 5\x1b[0m
\x1b[1;32m      3\x1b[0m x = torch.ones(64, 100)
\x1b[0;32m----> 5\x1b[0m y = net(x)

File \x1b[0;32m~/env/lib/python3.11/site-packages/torch/nn/modules/linear.py:134\x1b[0m, in forward(self, input)
\x1b[0;32m--> 134\x1b[0m     return F.linear(input, self.weight, self.bias)

\x1b[0;31mRuntimeError\x1b[0m: mat1 and mat2 shapes cannot be multiplied (64x100 and 90x10)
"""
OLDER_JUPYTER = """\
Input In [7], in <cell line: 2>()
      1 x = torch.ones(64, 100)
----> 2 net(x)

File ~/project/nets.py:12, in Net.forward(self, x)
     11     x = self.fc1(x)
---> 12     return self.fc2(x)

RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x100 and 90x10)
"""
PYTEST = """\
    def test_net():
>       net(x)

tests/test_net.py:9:
_ _ _ _ _
nets.py:12: in forward
    return self.fc2(x)
/env/lib/python3.11/site-packages/torch/nn/modules/linear.py:134: RuntimeError
E   RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x100 and 90x10)
"""
TORCHRUN = """\
[rank0]: Traceback (most recent call last):
[rank0]:   File "C:\\work\\train.py", line 12, in forward
[rank0]:     return self.fc2(x)
[rank0]:            ^^^^^^^^^^^
[rank0]:   File "C:\\Python\\Lib\\site-packages\\torch\\nn\\modules\\linear.py", line 134, in forward
[rank0]:     return F.linear(input, self.weight, self.bias)
[rank0]: RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x100 and 90x10)
"""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (JUPYTER, Place(file="Cell In[3]", line=5, code="y = net(x)")),
        (OLDER_JUPYTER, Place(file="~/project/nets.py", line=12, code="return self.fc2(x)")),
        (PYTEST, Place(file="nets.py", line=12, code="return self.fc2(x)")),
        (TORCHRUN, Place(file="C:\\work\\train.py", line=12, code="return self.fc2(x)")),
    ],
    ids=["jupyter", "older jupyter", "pytest", "torchrun"],
)
def test_tracebacks_of_other_programs(text: str, place: Place):
    assert last(text) == Failure(message=SHAPES, place=place)


def test_of_a_loaders_worker_the_original_error_is_taken():
    text = (
        'Traceback (most recent call last):\n  File "train.py", line 20, in <module>\n'
        "    for batch in loader:\n"
        '  File "/env/lib/python3.11/site-packages/torch/_utils.py", line 769, in reraise\n    raise exception\n'
        "RuntimeError: Caught RuntimeError in DataLoader worker process 0.\nOriginal Traceback (most recent call last):\n"
        '  File "/env/lib/python3.11/site-packages/torch/utils/data/_utils/collate.py", line 272, in f\n'
        "    return torch.stack(batch, 0, out=out)\n"
        "RuntimeError: stack expects each tensor to be equal size, but got [3] at entry 0 and [4] at entry 1\n"
    )
    first, found = failures(text)
    assert first.message == "RuntimeError: Caught RuntimeError in DataLoader worker process 0."
    assert found.message.startswith("RuntimeError: stack expects")
    assert found.place == Place(file="train.py", line=20, code="for batch in loader:")


def test_a_warning_names_its_line():
    text = "/home/me/train.py:31: UserWarning: Using a target size (torch.Size([4, 1])) that is different\n  loss = f(x)"
    found = last(text)
    assert found.place == Place(file="/home/me/train.py", line=31, code="")
    assert "Using a target size" in found.message
