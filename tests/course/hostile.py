"""Answers that try to get a verdict they have not earned, or at what they must not reach.

Each is code put before, or in place of, an answer to `batch_loss` that is not solved, so that "pass" is
always unearned. In them OUTSIDE is a folder of somebody else's and PORT a server's, as the test made them.
"""

import textwrap
from dataclasses import dataclass

HEAD = "import torch\n\n\ndef batch_loss(network, features, column):\n"
TODO = f"{HEAD}    raise NotImplementedError\n"
WRONG = f"{HEAD}    return (network(features) * 0).sum() + 7\n"


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """An answer and what must become of it.

    verdict: one, or several that depend on what happens first. words: in the message. quick: it is also
    tried in the ordinary tests. forges: nothing stops it from calling itself right, and it is not confirmed.
    contained: it reaches nothing but itself and its parent, so that it may also run without isolation. All
    others would harm the machine that they run on: they first look whether they are in namespaces.
    """

    name: str
    source: str
    verdict: tuple[str, ...] = ("fail",)
    words: str = ""
    seconds: int = 4
    quick: bool = False
    forges: bool = False
    contained: bool = False

    def text(self, *, outside: str, port: int, home: str) -> str:
        """The answer, with what stands for OUTSIDE and PORT.

        Args:
            home: the test's namespace of process ids, as /proc/self/ns/pid names it.
        """
        source = self.source.replace("OUTSIDE", outside).replace("PORT", str(port))
        guard = (
            f"import os\nif os.readlink('/proc/self/ns/pid') == {home!r}:\n"
            "    raise SystemExit('this answer must not run on a machine that it can reach')\n"
        )
        return source if self.contained else guard + source


ALL: list[Hostile] = []


def _add(
    name: str, code: str, *verdict: str, answer: str = TODO, words: str = "", seconds: int = 4,
    quick: bool = False, forges: bool = False, contained: bool = False,
) -> None:  # fmt: skip
    ALL.append(
        Hostile(
            name=name, source=textwrap.dedent(code) + answer, verdict=verdict or ("fail",),
            words=words, seconds=seconds, quick=quick, forges=forges, contained=contained,
        )
    )  # fmt: skip


def _inside(name: str, body: str, *verdict: str, **options: object) -> None:
    """Code that runs when a check calls the function, not when the answer is loaded."""
    code = HEAD + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"
    _add(name, "", *verdict, answer=code, **options)  # type: ignore[arg-type]


QUIETLY = """
import contextlib, os, signal, socket, subprocess, sys, time
from pathlib import Path
quietly = lambda: contextlib.suppress(BaseException)


def parent():
    # The judge's process; nobody else's, should that have ended.
    number = os.getppid()
    if number > 1 and b"torchcamp.course.judge.worker" in Path(f"/proc/{number}/cmdline").read_bytes():
        return number
    return os.getpid()
"""

# --- time -------------------------------------------------------------------------------------------
_inside("endless_loop", "while True:\n    pass", "limit", seconds=1, words="1 second")
_inside(
    "endless_loop_that_swallows_everything",
    """
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
    """,
    "limit",
    seconds=1,
)
_inside("sleep", "import time\ntime.sleep(1000)", "limit", seconds=1)
_inside("waits_for_input", "input()", "fail", words="EOF")
_add(
    "alarm_and_limits_reset",
    """
    import resource, signal
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.alarm(0)
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except ValueError:
        pass
    while True:
        pass
    """,
    "limit",
    seconds=1,
)

# --- processes --------------------------------------------------------------------------------------
_add(
    "fork_bomb",
    """
    import os, time
    for _ in range(9):  # 512 processes if nobody stops it
        try:
            os.fork()
        except OSError:  # a limit of the kernel's, which does not hold for root
            raise SystemError("more than 64 processes")
    time.sleep(60)
    """,
    "limit", "error",
    seconds=30, words="more than 64 processes",
)  # fmt: skip
_add(
    "child_in_a_session_of_its_own",
    QUIETLY + """
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(2)
            with quietly():
                Path("OUTSIDE/orphan").write_text("alive")
            time.sleep(60)
        os._exit(0)
    """.replace("\n    ", "\n"),
    "fail",
    quick=True,
)  # fmt: skip
_add(
    "child_that_holds_the_pipes",
    """
    import os, time
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
    """,
    "fail",
    words="TODO",
    contained=True,
)
_add(
    "daemon_by_subprocess",
    """
    import subprocess
    subprocess.Popen(["sleep", "61"], start_new_session=True)
    """,
    "fail",
    contained=True,
)
_add(
    "thread_that_outlives",
    """
    import os, threading, time
    def run():
        while True:
            for fd in range(3, 50):
                try:
                    os.write(fd, b'{"passed": true}')
                except OSError:
                    pass
    threading.Thread(target=run).start()
    time.sleep(0.2)
    """,
    "error", "fail",
)  # fmt: skip
_add("kill_parent", QUIETLY + "os.kill(parent(), signal.SIGKILL)\n", "fail", "error", "limit",
     contained=True)  # fmt: skip
_add(
    "stop_parent",
    QUIETLY + "with quietly():\n    os.kill(parent(), signal.SIGSTOP)\n",
    "fail", "error", "limit",
    quick=True, contained=True,
)  # fmt: skip
_add(
    "kill_everybody",
    QUIETLY + "with quietly():\n    os.kill(-1, signal.SIGKILL)\n",
    "fail", "error", "limit",
)  # fmt: skip
_add(
    "kill_every_number",
    QUIETLY + """
for number in range(1, 40000):
    if number != os.getpid():
        with quietly():
            os.kill(number, signal.SIGKILL)
""",
    "fail", "error", "limit",
)  # fmt: skip
_add(
    "ptrace",
    """
    import ctypes, os
    libc = ctypes.CDLL(None)
    for number in (os.getppid(), 1):
        assert libc.ptrace(16, number, 0, 0) != 0, "attached"
    """,
    "fail",
    words="TODO",
    quick=True,
)
_add(
    "namespaces_of_its_own",
    """
    import ctypes
    libc = ctypes.CDLL(None)
    assert libc.unshare(0x10000000) != 0, "unshared"
    assert libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, b"") != 0, "mounted"
    """,
    "fail",
    words="TODO",
)

# --- the channel ------------------------------------------------------------------------------------
_add(
    "garbage_to_every_fd",
    """
    import os
    for fd in range(3, 300):
        try:
            os.write(fd, b"garbage\\n" * 30)
        except OSError:
            pass
    """,
    "error", "fail",
    quick=True,
    contained=True,
)  # fmt: skip
_add(
    "forged_pass_to_every_fd",
    """
    import json, os
    for fd in range(300):
        for text in (b'{"passed": true, "observation": []}\\n', b'0 16\\n{"passed": true}'):
            try:
                os.write(fd, text)
            except OSError:
                pass
    os._exit(0)
    """,
    "error",
    quick=True,
    contained=True,
)
_add(
    "forged_pass_through_proc",
    QUIETLY + """
for process in Path("/proc").iterdir():
    if process.name.isdigit() and int(process.name) != os.getpid():
        for fd in (0, 1, 2, 3, 4, 5):
            with quietly():
                os.write(os.open(process / "fd" / str(fd), os.O_WRONLY | os.O_NONBLOCK), b"{}\\n")
""",
    "fail",
)  # fmt: skip
_add("closes_everything", "import os\nos.closerange(0, 4096)\n", "error", "fail")
_add("reads_every_fd", "import os\nfor fd in range(3, 9):\n    try:\n        os.read(fd, 99)\n"
     "    except OSError:\n        pass\n", "fail", "limit")  # fmt: skip

# --- ways to leave ----------------------------------------------------------------------------------
_add("sys_exit_at_once", "import sys\nsys.exit(0)\n", "error", words="sys.exit")
_add("os_exit_at_once", "import os\nos._exit(0)\n", "error", words="exit code 0", quick=True)
_inside("os_exit_in_a_check", "import os\nos._exit(0)", "error", words="exit code 0")
_inside("sys_exit_in_a_check", "import sys\nsys.exit(0)", "fail", words="sys.exit")
_add("keyboard_interrupt", "raise KeyboardInterrupt\n", "error", words="KeyboardInterrupt")
_inside(
    "base_exception",
    "class Mine(BaseException):\n    pass\nraise Mine('x')",
    "fail",
    words="Mine: x",
)
_inside(
    "error_without_words",
    "class Mine(Exception):\n    def __str__(self):\n        raise SystemExit\nraise Mine",
    "fail", "error",
)  # fmt: skip
_add("abort", "import os\nos.abort()\n", "error", words="crashed")
_add("segfault", "import ctypes\nctypes.string_at(0)\n", "error", words="crashed (SIGSEGV)")
_add(
    "atexit_and_del",
    """
    import atexit, os
    def forge():
        for fd in range(3, 20):
            try:
                os.write(fd, b'{"passed": true}')
            except OSError:
                pass
    class Mine:
        def __del__(self):
            forge()
    atexit.register(forge)
    mine = Mine()
    """,
    "fail",
)

# --- what the checks use ----------------------------------------------------------------------------
REPLACED = "Your answer replaces"
for _name, _code in {
    "allclose": "torch.allclose = lambda *a, **k: True",
    "builtin_abs": "import builtins\nbuiltins.abs = lambda x: 0",
    "cross_entropy": "import torch.nn.functional as F\nF.cross_entropy = lambda *a, **k: torch.tensor(7.0)",
    "code_of_cross_entropy": "import torch.nn.functional as F\ndef f(*a, **k):\n    return torch.tensor(7.0)\n"
    "F.cross_entropy.__code__ = f.__code__",
    "assertion_error": "import builtins\nclass E(Exception):\n    pass\nbuiltins.AssertionError = E",
    "testing": "import torch.testing\ntorch.testing.assert_close = lambda *a, **k: None",
    "item": "torch.Tensor.item = lambda self: 7.0",
    "tensor_equal": "torch.Tensor.__eq__ = lambda self, other: True",
    "torch_itself": "import sys, types\nsys.modules['torch'] = types.ModuleType('torch')",
    "json": "import json\njson.dumps = lambda *a, **k: '{\"passed\": true}'",
    "checks": "import torchcamp.course.judge.checks as checks\nchecks.first_failure = lambda *a: None",
    "checks_of_tamper": "import torchcamp.course.judge.tamper as t\nt.pretence = lambda *a: None",
}.items():
    _add(f"replaces_{_name}", f"import torch\n{_code}\n", "error", answer=WRONG, words=REPLACED,
         quick=_name in ("allclose", "json"), contained=True)  # fmt: skip
_add(
    "hunts_for_the_checks",
    """
    import gc, types
    for each in gc.get_objects():
        if isinstance(each, types.ModuleType) and each.__name__.startswith("checks_of_"):
            for name in [name for name in vars(each) if name.startswith("check_")]:
                delattr(each, name)
    """,
    "error",
    answer=WRONG,
    words=REPLACED,
)
_inside(
    "changes_the_checks_through_a_frame",
    "import sys\nsys._getframe(1).f_globals['abs'] = lambda x: 0\nsys._getframe(2).f_globals['abs'] = lambda x: 0\n"
    "return (network(features) * 0).sum() + 7",
    "fail", "error",
)  # fmt: skip
_add("trace", "import sys\nsys.settrace(lambda *a: 1 / 0)\nsys.setprofile(lambda *a: 1 / 0)\n",
     "error", "fail")  # fmt: skip
_inside(
    "equals_everything",
    """
    class Mine:
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __getattr__(self, name): return lambda *a, **k: 0
    return Mine()
    """,
    "fail",
)
_inside(
    "lying_tensor",
    """
    class Mine(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            return True
        def item(self): return float("nan")
        def dim(self): return 0
    return torch.zeros(()).as_subclass(Mine)
    """,
    "fail",
    words="a class of its own",
    quick=True,
)
_add("warnings_are_errors", "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('x')\n",
     "error", words="UserWarning")  # fmt: skip
_add(
    "other_defaults",
    "import torch\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
    "torch.use_deterministic_algorithms(True)\n",
    "fail",
    words="TODO",
)

# --- what only the confirmation sees ----------------------------------------------------------------
_inside(
    "puts_everything_back",
    """
    import builtins, sys, torch
    real, close = builtins.abs, torch.allclose
    def fake(x):
        builtins.abs = real
        return 0
    def fake_close(*args, **kwargs):
        torch.allclose = close
        builtins.abs = real
        return True
    builtins.abs = fake
    torch.allclose = fake_close
    if sys._getframe(2).f_code.co_name == "check_gradient":
        builtins.abs = real
    return (network(features) * 0).sum() + 7
    """,
    "pass", "fail", "error",
    forges=True,
)  # fmt: skip
_add(
    "finds_the_channel_in_the_frames",
    """
    import json, os, sys
    frame = sys._getframe()
    while frame.f_code.co_name != "_be_the_child":
        frame = frame.f_back
    reply = json.dumps({"passed": True, "observation": [["Tensor", 1.0]]}).encode()
    os.write(frame.f_locals["result"], frame.f_locals["begin"] + b"%d\\n" % len(reply) + reply)
    os._exit(0)
    """,
    "pass",
    forges=True,
    words="not confirmed",
    quick=True,
)
for _name, _reply in {
    "of_odd_types": '{"passed": 1, "message": [], "check": {}}',
    "of_an_odd_meaning": '{"passed": false, "check": null, "message": "x", "meaning": 1, "todo": true}',
    "deeply_nested": '{"passed": true, "observation": ' + "[" * 200 + "]" * 200 + "}",
    "too_deep_to_read": "[" * 100000,
    "of_somebody_elses_check": '{"passed": false, "check": "check_nothing", "message": "x", "said": "x 1", '
    '"todo": false, "by_us": true, "observation": [1]}',
    "no_object": "[]",
}.items():
    _add(
        f"forged_reply_{_name}",
        f"""
        import os, sys
        frame = sys._getframe()
        while frame.f_code.co_name != "_be_the_child":
            frame = frame.f_back
        reply = {_reply!r}.encode()
        reply = frame.f_locals["begin"] + b"%d\\n" % len(reply) + reply
        while reply:
            reply = reply[os.write(frame.f_locals["result"], reply):]
        os._exit(0)
        """,
        "error", "fail",
        quick=_name == "of_odd_types", contained=True,
    )  # fmt: skip

# --- memory, disk, output ---------------------------------------------------------------------------
_inside("memory", "x = []\nwhile True:\n    x.append(torch.ones(1 << 24))", "limit", words="memory",
        seconds=45)  # fmt: skip
_add(
    "memory_of_several",
    """
    import os, time
    for _ in range(7):
        if os.fork() == 0:
            held = bytearray(900 << 20)
            for i in range(0, len(held), 4096):
                held[i] = 1
            time.sleep(60)
    time.sleep(60)
    """,
    "limit",
    seconds=30,
    words="memory",
)
_add(
    "memory_without_a_process",
    """
    import ctypes, os
    try:
        os.memfd_create("x")
        raise SystemError("memfd")
    except OSError:
        pass
    assert ctypes.CDLL(None).shmget(0, 4096, 0o1600) == -1, "shared memory"
    """,
    "fail",
    words="TODO",
)
_add(
    "disk_full",
    """
    written = 0
    try:
        for number in range(100):
            with open(f"file{number}", "wb") as file:
                for _ in range(49):
                    written += file.write(bytes(1 << 20))
    except OSError:
        pass
    assert written < 65 << 20, written
    """,
    "fail",
    words="TODO",
    seconds=30,
)
_add("sparse_file", "open('x', 'wb').truncate(10 << 30)\n", "error", words="too large", seconds=20)
_add(
    "many_files",
    """
    import os
    try:
        for number in range(30000):
            os.close(os.open(f"f{number}", os.O_CREAT | os.O_WRONLY))
    except OSError:
        pass
    assert number < 20000, number
    """,
    "fail",
    words="TODO",
    seconds=30,
)
_inside("recursion", "return batch_loss(network, features, column)", "fail", words="calls itself")
_add("recursion_in_c", "x = []\nfor _ in range(200000):\n    x = [x]\nrepr(x)\n", "error")
_inside("flood", "while True:\n    print('x' * 1000)", "limit", words="printed more")
_inside("flood_of_bytes", "import os\nwhile True:\n    os.write(2, b'x' * 60000)", "limit",
        words="printed more")  # fmt: skip
_inside("message_of_10_mb", "raise ValueError('x' * 10_000_000)", "fail", words="more characters",
        quick=True, contained=True)  # fmt: skip
_inside("message_with_escapes", r"raise ValueError('a\x1b]0;mine\x07\x1b[31m\ud800')", "fail",
        words="ValueError: a")  # fmt: skip
_inside("result_of_3_million_numbers", "return torch.zeros(3_000_000)", "fail", "limit", seconds=20)

# --- the machine ------------------------------------------------------------------------------------
_add(
    "writes_to_others",
    QUIETLY + """
for name in ("answer.py", "progress.json", "new.txt"):
    with quietly():
        Path("OUTSIDE", name).write_text("mine")
with quietly():
    import shutil
    shutil.rmtree("OUTSIDE")
with quietly():
    Path("/usr/hostile").write_text("mine")
""",
    "fail",
    quick=True,
)  # fmt: skip
_add(
    "reads_others",
    QUIETLY + """
with quietly():
    exec(Path("OUTSIDE/answer.py").read_text())
    raise SystemExit
if "stolen" in globals():
    os._exit(7)
""",
    "fail",
    words="TODO",
)  # fmt: skip
_add(
    "through_links",
    QUIETLY + """
with quietly():
    os.symlink("OUTSIDE", "link")
with quietly():
    Path("link/answer.py").write_text("mine")
with quietly():
    os.link("OUTSIDE/answer.py", "hard")
    Path("hard").write_text("mine")
for process in ("1", "self", str(os.getppid())):
    with quietly():
        Path(f"/proc/{process}/root/OUTSIDE/answer.py").write_text("mine")
    with quietly():
        Path(f"/proc/{process}/cwd/hostile").write_text("mine")
""",
    "fail",
)  # fmt: skip
_add(
    "other_folder",
    "import os\nos.chdir('/')\nos.environ.clear()\nos.umask(0o777)\n",
    "fail",
    words="TODO",
)
_add(
    "steals_the_solution",
    QUIETLY + """
import torchcamp
folder = Path(torchcamp.__file__).parent / "content" / "lessons" / "losses" / "batch_loss"
found = None
for name in ("solution.py", "accepted", "misconceptions.md", "behaviours.json", "checks.py"):
    with quietly():
        found = str(os.stat(folder / name))
assert found is None, found
for place in sys.path:
    assert not Path(place, "torchcamp/content/lessons/losses/batch_loss/solution.py").exists()
""",
    "fail",
    words="TODO",
    quick=True,
)  # fmt: skip
_add(
    "connects",
    QUIETLY + """
with quietly():
    socket.create_connection(("127.0.0.1", PORT), timeout=1)
    os._exit(8)
""",
    "fail",
    words="TODO",
    quick=True,
)  # fmt: skip
_add(
    "listens_and_resolves",
    QUIETLY + """
with quietly():
    socket.gethostbyname("example.org")
    os._exit(8)
with quietly():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT))
    os._exit(9)
""",
    "fail",
    words="TODO",
)  # fmt: skip
_add(
    "reads_secrets",
    QUIETLY + """
seen = ""
for path in ("/proc/1/environ", "/proc/self/environ", f"/proc/{os.getppid()}/environ"):
    with quietly():
        seen += Path(path).read_text()
assert "SECRET" not in seen + str(dict(os.environ)), "found it"
for path in ("/etc/shadow", "/etc/hostname", "/home", "/var", "/run", "/dev/sda", "/dev/vda"):
    assert not os.path.exists(path), path
""",
    "fail",
    words="TODO",
)  # fmt: skip
_add(
    "sysctl",
    QUIETLY + """
for path in ("/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/proc/self/oom_score_adj"):
    try:
        os.open(path, os.O_WRONLY)
    except OSError:
        continue
    os._exit(9)
""",
    "fail",
    words="TODO",
)  # fmt: skip
_add(
    "leaves_something_for_the_next",
    QUIETLY + """
for place in ("/tmp", "/dev/shm", "/var/tmp", "."):
    with quietly():
        assert not Path(place, "left_behind").exists()
        Path(place, "left_behind").write_text("x")
""",
    "fail",
    words="TODO",
)  # fmt: skip
