"""What keeps an answer apart from the machine, from the judge and from other answers.

    namespaces   each answer gets namespaces of its own (user, process ids, mounts, network, IPC): no
                 network, a read-only system without our solutions, a temporary folder of limited size, and
                 all that it started ends with it
    bubblewrap   the judge's process runs in `bwrap`, for machines that allow namespaces to that program only
    limits       limits on time, memory and output, nothing else

`protection` gives the first of these that this machine allows. The namespaces are made by system
calls in the process that is about to be the answer's, because a program such as `unshare` or `bwrap`
would have to load torch again for each answer. A system call filter is put on top in both.
"""

import ctypes
import functools
import os
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.files import regular_text
from torchcamp.base.paths import CONTENT, PACKAGE

LESSONS = CONTENT / "lessons"
FOLDER_BYTES = 64 << 20  # of the temporary folder, and of /dev/shm
FOLDER_FILES = 10_000
LIMITED = f"mode=1777,size={FOLDER_BYTES},nr_inodes={FOLDER_FILES}"
MOST_PROCESSES = 64
MOST_OPEN = 256
SECONDS_TO_TRY = 60


@dataclass(frozen=True, kw_only=True)
class Protection:
    """How answers are kept apart. not_protected: sentences for whoever relies on it."""

    name: str
    not_protected: tuple[str, ...]


_ALWAYS = (
    "The checks run in the answer's own process, so an answer that was written to do so can forge its "
    "own verdict. A pass is confirmed by comparing what the answer returns on a secret draw with our "
    "right answers; read the passes that are not confirmed. Exercises that return the same on every draw, "
    "such as predictions, cannot be confirmed.",
    "A few bug hunts have checks that run our solution, which an answer to them can read.",
)
_ISOLATED = (
    *_ALWAYS,
    "The installation of Python and its packages can be read, not changed.",
    "The kernel is shared: a flaw in it is not kept out. A virtual machine protects better.",
)
NAMESPACES = Protection(name="namespaces", not_protected=_ISOLATED)
BUBBLEWRAP = Protection(
    name="bubblewrap",
    not_protected=(
        *_ISOLATED,
        "Answers run one after the other in one sandbox, which is emptied in between: an answer can stop "
        "the process that watches it, which costs it its verdict and the next one a restart.",
    ),
)
LIMITS = Protection(
    name="limits",
    not_protected=(
        *_ALWAYS,
        "An answer has your rights: it can read and change your files, other answers and our solutions, "
        "use the network, and stop your programs. Install bubblewrap, or grade in a virtual machine.",
        "A process that an answer starts may outlive it.",
    ),
)
PROTECTIONS = {each.name: each for each in (NAMESPACES, BUBBLEWRAP, LIMITS)}

# Of the kernel's headers. mount_setattr has one number everywhere.
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
ALL_NAMESPACES = (
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET
)
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 1 << 12, 1 << 14, 1 << 18
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
AT_FDCWD, AT_RECURSIVE, SYS_MOUNT_SETATTR = -100, 0x8000, 442
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 36, 38, 2
CAPABILITY_VERSION_3 = 0x20080522
# What `sys/syscall.h` calls them, for the two kinds of machine that are tried.
REFUSED = {  # name: (x86_64, aarch64)
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "init_module": (175, 105), "finit_module": (313, 273),
    "kexec_load": (246, 104),
    # Memory that belongs to no process, so that no limit of a process holds for it.
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "semget": (64, 190), "msgget": (68, 186),
}  # fmt: skip
MACHINES = {"x86_64": (0, 0xC000003E, 56), "aarch64": (1, 0xC00000B7, 220)}  # column, audit, clone
SYS_CLONE3, EPERM, ENOSYS = 435, 1, 38


def _call(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *values: int) -> bool:
    """Linux's `prctl`; whether it worked, False on other systems."""
    if sys.platform != "linux":
        return False
    longs = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    return _libc().prctl(option, *longs) == 0


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    encoded = [os.fsencode(text) if text else None for text in (source, target, kind)]
    _call(_libc().mount(*encoded, ctypes.c_ulong(flags), data.encode()), f"mount {target}")


def _read_only(path: str, *, recursive: bool, nodev: bool = True) -> None:
    attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | (MOUNT_ATTR_NODEV if nodev else 0)
    wanted = struct.pack("=QQQQ", attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    _call(
        _libc().syscall(
            ctypes.c_long(SYS_MOUNT_SETATTR), ctypes.c_long(AT_FDCWD), os.fsencode(path),
            ctypes.c_long(flags), wanted, ctypes.c_long(len(wanted)),
        ),
        f"make {path} read-only",
    )  # fmt: skip


@functools.cache
def visible_paths() -> tuple[str, ...]:
    """What an answer may read: the system's programs and libraries, Python and its packages."""
    system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"]
    system += ["/etc/ld.so.cache", "/etc/localtime", "/etc/passwd", "/etc/alternatives"]
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, str(PACKAGE), *sys.path]
    kept: list[str] = []
    for path in sorted({os.path.abspath(p) for p in system + python if p}):
        inside = any(path == other or path.startswith(f"{other}/") for other in kept)
        if os.path.exists(path) and path != "/" and not inside:
            kept.append(path)
    return tuple(kept)


@functools.cache
def hidden_folders(lessons: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The folders of lessons that `visible_paths` would show, and with them solutions and checks.

    Args:
        lessons: of content of one's own; those of every torchcamp that Python can see are hidden anyway.
    """
    places = {os.path.join(path, PACKAGE.name, "content", "lessons") for path in sys.path if path}
    places.add(str(LESSONS))
    for path in visible_paths():
        real = os.path.realpath(path)
        for folder in map(os.path.realpath, lessons):
            if f"{folder}/".startswith(f"{real}/"):
                places.add(path + folder[len(real) :])
    kept: list[str] = []
    for path in sorted(filter(os.path.isdir, places)):
        if not any(path.startswith(f"{other}/") for other in kept):
            kept.append(path)
    return tuple(kept)


def enter(files: dict[str, str], hidden: Iterable[str]) -> None:
    """Give this process namespaces of its own; a process that it then forks lives in all of them.

    Its root folder becomes a new one, which holds `visible_paths` read-only without what the `hidden`
    folders hold, the given text `files` by their paths, empty folders /tmp and /dev/shm, and nothing
    else of ours or the user's.

    Raises:
        OSError: the kernel refuses.
    """
    user, group = os.getuid(), os.getgid()
    column, _, _ = MACHINES[platform.machine()]
    shown = {path: os.path.realpath(path) for path in visible_paths()}
    _call(_libc().unshare(ALL_NAMESPACES), "unshare")
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        Path("/proc/self", name).write_text(content, encoding="utf-8")
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    base = tempfile.gettempdir()
    _mount("tmpfs", base, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=8m,nr_inodes=20000")
    old = os.path.join(base, "old")
    os.mkdir(old)
    pivot_root = ctypes.c_long(REFUSED["pivot_root"][column])
    _call(_libc().syscall(pivot_root, os.fsencode(base), os.fsencode(old)), "pivot_root")
    os.chdir("/")
    for path in ("/tmp", "/dev/shm"):  # first: Python itself may lie in a folder of /tmp
        os.makedirs(path, exist_ok=True)
        _mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, LIMITED)
    os.mkdir("/proc")
    for path, real in shown.items():
        _show(f"/old{real}", path)
        _read_only(path, recursive=True)
    for folder in hidden:
        _mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=8m")
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content, encoding="utf-8")
    for folder in hidden:
        _read_only(folder, recursive=False)
    for name in ("null", "zero", "full", "random", "urandom"):
        _show(f"/old/dev/{name}", f"/dev/{name}")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"/dev/{name}")
    os.symlink("/proc/self/fd", "/dev/fd")


def _show(source: str, target: str) -> None:
    """Make `source` of the old root visible as `target` in the new one."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    _mount(source, target, None, MS_BIND | MS_REC)


def close_behind() -> None:
    """The rest, by the first process in the namespaces: its own /proc, and no way back."""
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)  # while the old one is seen
    _call(_libc().umount2(b"/old", MNT_DETACH), "umount /old")
    os.rmdir("/old")
    _read_only("/proc", recursive=True)  # where root grades, the answer owns the files in there
    _read_only("/", recursive=False)


def give_up_rights() -> None:
    """No capabilities and no way to get any, and no system call that a solution of ours needs."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(64):
        prctl(PR_CAPBSET_DROP, capability)
    header, nothing = struct.pack("=Ii", CAPABILITY_VERSION_3, 0), bytes(24)
    _call(_libc().capset(header, nothing), "capset")
    if platform.machine() in MACHINES:
        _filter_calls()


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _filter_calls() -> None:
    """Refuse the calls of `REFUSED` and new namespaces, in this process and all that it starts.

    A program for the kernel's packet filter, as `linux/filter.h` and `linux/seccomp.h` define it.
    """
    column, audit, clone = MACHINES[platform.machine()]
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x00050000
    new_namespaces = ALL_NAMESPACES | CLONE_NEWCGROUP

    def line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    lines = [line(load, 4), line(equal, audit, 1), line(give, kill), line(load, 0)]
    lines += [line(at_least, 0x40000000, 0, 1), line(give, refuse | EPERM)]  # x86's other numbers
    for numbers in REFUSED.values():
        lines += [line(equal, numbers[column], 0, 1), line(give, refuse | EPERM)]
    lines += [line(equal, SYS_CLONE3, 0, 1), line(give, refuse | ENOSYS)]  # then clone is tried
    lines += [line(equal, clone, 0, 3), line(load, 16), line(any_bit, new_namespaces, 0, 1)]
    lines += [line(give, refuse | EPERM), line(give, allow)]
    program = b"".join(lines)
    wanted = _Program(len(lines), program)
    _call(
        _libc().prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(wanted)),
        "seccomp",
    )


def processes() -> list[int]:
    """The processes of an answer, seen from the one that made its namespaces."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def bubblewrap(command: list[str], visible: Iterable[Path], hidden: Collection[str]) -> list[str]:
    """`command` in `bwrap`; of the `hidden` folders only the `visible` files can be read in there."""
    show: list[str] = []
    for path in visible_paths():
        show += ["--ro-bind", path, path]
    for folder in hidden:
        show += ["--tmpfs", folder]
    for path in visible:
        show += ["--ro-bind", str(path), str(path)]
    for folder in hidden:
        show += ["--remount-ro", folder]
    limited = ["--size", str(FOLDER_BYTES), "--tmpfs"]
    return [
        "bwrap", "--unshare-all", "--as-pid-1", "--die-with-parent", "--new-session",
        "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev", *limited, "/dev/shm",
        *limited, "/tmp", *show, "--remount-ro", "/", "--chdir", "/tmp", *command,
    ]  # fmt: skip


def scripts_beside_checks(lessons: Iterable[str]) -> list[Path]:
    """The files that the checks of our lessons, and of `lessons`, open: see `files_beside`."""
    places = [LESSONS, *map(Path, lessons)]
    folders = [path.parent for place in places for path in place.glob("*/*/checks.py")]
    return [
        Path(name)
        for folder in folders
        for name in files_beside(folder, regular_text(folder / "checks.py"))
    ]


def files_beside(folder: Path, checks: str) -> dict[str, str]:
    """Text files in an exercise's folder that its checks name, such as a stranger's script."""
    paths = [folder / name for name in ("script.py", "solution.py") if f'"{name}"' in checks]
    return {str(path): regular_text(path) for path in paths if path.is_file()}


def environment() -> dict[str, str]:
    """Of this process's environment what an isolated answer may see: no keys, no tokens."""
    kept = ("PATH", "LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    begins = ("LC_", "PYTHON", "OMP_", "MKL_", "OPENBLAS_")
    found = {k: v for k, v in os.environ.items() if k in kept or k.startswith(begins)}
    return found | {"HOME": "/tmp", "TMPDIR": "/tmp"}


@functools.cache
def protection() -> Protection:
    """The strongest that this machine allows; found by trying, in processes of their own."""
    if sys.platform != "linux":
        return LIMITS
    trial = [sys.executable, "-P", "-m", __name__]
    if platform.machine() in MACHINES and _works([*trial, NAMESPACES.name]):
        return NAMESPACES
    if shutil.which("bwrap") and _works(
        bubblewrap([*trial, BUBBLEWRAP.name], (), hidden_folders())
    ):
        return BUBBLEWRAP
    return LIMITS


def _works(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS_TO_TRY,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == b"works"


def _try(name: str) -> None:
    """Go in, and find that nothing is left of the outside."""
    if name == NAMESPACES.name:
        enter({}, hidden_folders())
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if name == NAMESPACES.name:
                close_behind()
            give_up_rights()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if status:
        raise OSError(f"a process in {name} left with status {status}")
    sys.stdout.write("works\n")


if __name__ == "__main__":
    _try(sys.argv[1])
