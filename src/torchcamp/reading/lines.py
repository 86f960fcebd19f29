"""The line witness: which statements run, which branches they take, what they bind."""

import inspect
import os
import sys
import threading
from collections import Counter
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.reading.places import OUTSIDE, Invocation, Place, Tally
from torchcamp.reading.stack import MODULE_CALL, SEQUENTIAL, TORCH, Running, Stack
from torchcamp.reading.statements import MERGED, Statements
from torchcamp.reading.tape import Tape
from torchcamp.reading.values import count_leaves, look_up, shape_of, version_of

MAX_CALLS = 256  # of one function that are told apart; the last one also holds all later ones
_CHECKPOINT = os.path.join(TORCH, "utils", "checkpoint.py")
_RESUMED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class Lines:
    """Trace functions for `sys.settrace` and `threading.settrace`.

    This is the hot loop of a reading: `called` sees every Python call, `_line` every line of the
    user's.
    """

    def __init__(self, stack: Stack, tape: Tape, tallies: dict[Place, Tally]) -> None:
        self.calls: list[Invocation] = []
        self.threads: dict[str, None] = {}  # names of threads that ran, in order
        self._stack = stack
        self._frames, self._files = stack.frames, stack.files
        self._tape = tape
        self._tallies = tallies
        self._of_function: dict[tuple[str, int, bool], list[Invocation]] = {}

    def called(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Trace function of the thread: whether, and how, a call is watched."""
        code = frame.f_code
        file = code.co_filename
        if code is MODULE_CALL:
            self._stack.enter_module(frame)
            return None
        if code is SEQUENTIAL:
            self._stack.enter_sequential(frame)
        statements = self._files[file]
        if statements is None or code.co_name == "<module>":
            return None
        if not code.co_flags & inspect.CO_OPTIMIZED:  # the body of a class
            return None
        self._tape.claim()
        running = self._frames.get(frame)
        if running is not None:  # a generator that goes on
            running.statement = None
            return self._line
        merged = code.co_name in MERGED
        call = self._call_around(frame, file) if merged else self._new_call(frame, file, statements)
        self._frames[frame] = Running(call, statements, merged)
        if not merged and call.function is not None and not call.recompute:
            place = Place(file, call.function.line, call.number)
            tally = self._tallies[place]
            tally.calls += 1
            header = statements.rows.get(call.function.line)
            variables = frame.f_locals
            for name in header.bound if header else []:
                count_leaves(tally.values, name, variables.get(name))
            self._tape.current = place
        return self._line

    def in_thread(self, frame: FrameType, event: str, argument: Any) -> None:
        """Trace function of other threads: writes their name down and watches nothing."""
        name = threading.current_thread().name
        if not name.startswith("pytest"):  # its timeout has a thread of its own
            self.threads[name] = None
        sys.settrace(None)

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Trace function of a watched call: a line begins, a value is returned, an error passes."""
        running = self._frames.get(frame)
        if running is None:
            return self._line
        if event == "exception":  # the statement bound nothing
            running.statement = None
            return self._line
        self._tape.claim()
        counted = not running.merged and not running.call.recompute
        if counted:
            self._finish(frame, running, event, argument)
        if event == "return":
            if not frame.f_code.co_flags & _RESUMED:
                del self._frames[frame]
            self._tape.current = self._stack.place_of(frame.f_back)
        else:
            self._begin(frame, running, counted)
        return self._line

    def _begin(self, frame: FrameType, running: Running, counted: bool) -> None:
        statement = running.statements.at(frame.f_lineno)
        if statement is None:
            return
        place = running.place
        if running.statement is not statement or place is None:
            running.statement = statement
            place = Place(frame.f_code.co_filename, statement.line, running.call.number)
            running.place = place
            again = True
        else:  # a loop on one line comes back to it without leaving it
            again = (
                statement.line == statement.end_line
                and not statement.loops
                and statement.kind == "simple"
            )
        self._tape.current = place
        if not counted or not again:
            return
        tally = self._tallies[place]
        tally.calls += 1
        variables = frame.f_locals
        seen = running.seen = {}
        for name, value in variables.items():
            if isinstance(value, Tensor):
                seen[name] = (id(value), version_of(value))
        for name in statement.read:
            value = variables.get(name)
            if isinstance(value, Tensor):
                tally.reads.setdefault(name, Counter())[shape_of(value)] += 1

    def _finish(self, frame: FrameType, running: Running, event: str, argument: Any) -> None:
        """The statement before this event has run: look at what it left behind."""
        statement, place = running.statement, running.place
        if statement is None or place is None:
            return
        inside = event == "line" and running.statements.at(frame.f_lineno) is statement
        if inside and (statement.line != statement.end_line or statement.loops):
            return
        tally = self._tallies[place]
        variables = frame.f_locals
        shown = set()
        entered = event == "line" and frame.f_lineno == statement.body
        if statement.kind not in ("def", "class") and (statement.kind != "for" or entered):
            for name in statement.bound:
                value = look_up(name, variables)
                if value is not None:
                    count_leaves(tally.values, name, value)
                    shown.add(name)
        for name, value in variables.items():
            if name in shown or not isinstance(value, Tensor):
                continue
            before = running.seen.get(name)
            now = (id(value), version_of(value))
            if before is not None and before[0] == now[0] and before != now:  # changed in place
                tally.values.setdefault(name, Counter())[shape_of(value)] += 1
            running.seen[name] = now
        if event == "return" and argument is not None:
            if statement.kind == "return":
                count_leaves(tally.values, "return", argument)
            elif frame.f_code.co_flags & inspect.CO_GENERATOR:
                count_leaves(tally.values, "yield", argument)

    def _new_call(self, frame: FrameType, file: str, statements: Statements) -> Invocation:
        code = frame.f_code
        in_backward = torch._C._current_autograd_node() is not None
        recompute = in_backward and self._is_recompute(frame)
        alike = self._of_function.setdefault((file, code.co_firstlineno, recompute), [])
        if len(alike) == MAX_CALLS:
            return alike[-1]
        caller = self._stack.place_of(frame.f_back)
        owner = frame.f_locals.get("self")
        call = Invocation(
            number=len(self.calls),
            file=file,
            function=statements.functions.get((code.co_firstlineno, code.co_name)),
            caller=caller.statement if caller else None,
            module=self._stack.modules.get(id(owner)) if isinstance(owner, nn.Module) else None,
            in_backward=in_backward,
            recompute=recompute,
        )
        alike.append(call)
        self.calls.append(call)
        return call

    def _is_recompute(self, frame: FrameType) -> bool:
        """Whether `torch.utils.checkpoint` called it, in the backward pass, or a call that it did."""
        above = frame.f_back
        while above is not None:
            running = self._frames.get(above)
            if running is not None and not running.merged:
                return running.call.recompute
            if above.f_code.co_filename == _CHECKPOINT:
                return True
            above = above.f_back
        return False

    def _call_around(self, frame: FrameType, file: str) -> Invocation:
        """The call in which a comprehension runs, or the one that a lambda was written in."""
        line = frame.f_code.co_firstlineno
        above = frame.f_back
        while above is not None:
            running = self._frames.get(above)
            if running is not None and not running.merged:
                function = running.call.function
                if (
                    function
                    and running.call.file == file
                    and function.line <= line <= function.end_line
                ):
                    return running.call
            above = above.f_back
        return Invocation(OUTSIDE, file, None, None, None, False, False)
