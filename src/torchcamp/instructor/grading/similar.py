"""Answers that resemble each other more than the exercise explains: a hint, never a verdict.

An answer is read as a sequence of tokens, in which comments, white space and the learner's own names
do not count, and cut into overlapping runs of `RUN` tokens. Runs that also occur in the starter, in a
right answer of ours or in a known wrong one say nothing, nor do those that many of the texts have. Of
what is left, two answers share a part: the number of runs that both have, over the number that the
shorter one has. Where too little is left to tell anything, the exercise is left out.

This is the idea of MOSS: Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document
fingerprinting", SIGMOD 2003, with all fingerprints kept, since answers are short.
"""

import builtins
import io
import itertools
import keyword
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from torchcamp.base.files import regular_text
from torchcamp.base.wire import JsonObject
from torchcamp.course.content import Exercise

RUN = 8  # tokens
FEWEST = 20  # runs of its own that an answer needs to be compared
SHARED = 0.6  # of the shorter answer's own runs, from which a pair is shown
CROWD = (
    0.2  # of the different texts: what more than this share of them says is the exercise's doing
)
SMALLEST_CROWD, LARGEST_CROWD = 4, 50  # texts
LONGEST = 50_000  # characters of a text that is compared
MOST_PAIRS = 40  # of one exercise
LAYOUT = (
    tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER,
)  # fmt: skip
KEPT_NAMES = {
    *keyword.kwlist, *dir(builtins), "torch", "nn", "F", "Tensor", "self", "math", "np", "numpy", "optim",
}  # fmt: skip

Run = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Two answers. shared: of the shorter one's own runs of tokens, a fraction of 1.

    one, other: the learners who handed in each. lines: of each text, those that both have.
    word_for_word: comments and names are the same too.
    """

    exercise: str
    one: tuple[str, ...]
    other: tuple[str, ...]
    texts: tuple[str, str]
    lines: tuple[frozenset[int], frozenset[int]]
    shared: float
    num_shared: int
    word_for_word: bool

    def as_json(self) -> JsonObject:
        return {
            "exercise": self.exercise,
            "learners": [list(self.one), list(self.other)],
            "shared": round(self.shared, 4),
            "word_for_word": self.word_for_word,
        }


@dataclass(frozen=True, kw_only=True)
class TooShort:
    """An exercise of which `num_compared` of `num_answers` answers had enough of their own to compare."""

    exercise: str
    num_answers: int
    num_compared: int

    def as_json(self) -> JsonObject:
        return {
            "exercise": self.exercise,
            "answers": self.num_answers,
            "compared": self.num_compared,
        }


@dataclass(frozen=True, kw_only=True)
class _Token:
    text: str
    line: int


def similar(exercise: Exercise, answers: Mapping[str, str]) -> tuple[list[Alike], TooShort | None]:
    """The pairs of answers to an exercise that share more than it explains, the closest first.

    Args:
        answers: the text of each answer, by learner.

    Returns:
        The pairs, at most `MOST_PAIRS`, and whether answers were too short to compare.
    """
    learners: dict[str, list[str]] = defaultdict(list)
    for name, text in answers.items():
        if len(text) <= LONGEST:
            learners[text].append(name)
    ours = {run for source in _known_sources(exercise) for run in _runs(list(_tokens(source)))}
    places = {text: _places(text) for text in learners}
    spread = Counter(run for runs in places.values() for run in runs)
    crowd = min(max(SMALLEST_CROWD, CROWD * len(places)), LARGEST_CROWD)
    own = {
        text: {
            run: lines for run, lines in runs.items() if run not in ours and spread[run] <= crowd
        }
        for text, runs in places.items()
    }
    compared = {text: runs for text, runs in own.items() if len(runs) >= FEWEST}
    pairs = [*_pairs(exercise.name, compared, learners), *_same(exercise.name, compared, learners)]
    pairs.sort(key=lambda each: (-each.shared, -each.num_shared, each.one, each.other))
    num_compared = sum(len(learners[text]) for text in compared)
    short = None
    if len(answers) > 1 and num_compared < len(answers):
        short = TooShort(
            exercise=exercise.name, num_answers=len(answers), num_compared=num_compared
        )
    return pairs[:MOST_PAIRS], short


def _known_sources(exercise: Exercise) -> Iterator[str]:
    """What nobody need have copied from a neighbour."""
    yield exercise.starter
    yield exercise.solution
    for path in exercise.accepted:
        yield regular_text(path)
    for misconception in exercise.misconceptions:
        yield from misconception.sources.values()


def _pairs(
    exercise: str,
    compared: Mapping[str, Mapping[Run, set[int]]],
    learners: Mapping[str, list[str]],
) -> Iterator[Alike]:
    """Different texts that share enough; only texts with a run in common are looked at."""
    having: dict[Run, list[str]] = defaultdict(list)
    for text in compared:
        for run in compared[text]:
            having[run].append(text)
    common: Counter[tuple[str, str]] = Counter()
    for texts in having.values():
        common.update(itertools.combinations(texts, 2))
    for (one, other), number in common.items():
        share = number / min(len(compared[one]), len(compared[other]))
        if share < SHARED or number < FEWEST:
            continue
        both = compared[one].keys() & compared[other].keys()
        yield Alike(
            exercise=exercise,
            one=tuple(learners[one]),
            other=tuple(learners[other]),
            texts=(one, other),
            lines=(_lines(compared[one], both), _lines(compared[other], both)),
            shared=share,
            num_shared=number,
            word_for_word=False,
        )


def _same(
    exercise: str,
    compared: Mapping[str, Mapping[Run, set[int]]],
    learners: Mapping[str, list[str]],
) -> Iterator[Alike]:
    """Texts that several handed in word for word."""
    for text, runs in compared.items():
        first, *others = learners[text]
        if others:
            lines = _lines(runs, runs.keys())
            yield Alike(
                exercise=exercise,
                one=(first,),
                other=tuple(others),
                texts=(text, text),
                lines=(lines, lines),
                shared=1.0,
                num_shared=len(runs),
                word_for_word=True,
            )


def _lines(runs: Mapping[Run, set[int]], chosen: Iterable[Run]) -> frozenset[int]:
    return frozenset(line for run in chosen for line in runs[run])


def _places(text: str) -> dict[Run, set[int]]:
    """The runs of a text with the lines that they touch; none where it cannot be read."""
    tokens = list(_tokens(text))
    found: dict[Run, set[int]] = defaultdict(set)
    for start, run in enumerate(_runs(tokens)):
        found[run] |= {token.line for token in tokens[start : start + RUN]}
    return found


def _runs(tokens: list[_Token]) -> Iterator[Run]:
    texts = [token.text for token in tokens]
    for start in range(len(texts) - RUN + 1):
        yield tuple(texts[start : start + RUN])


def _tokens(text: str) -> Iterator[_Token]:
    """What a text says, without comments, docstrings and white space, its own names all alike."""
    try:
        everything = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return
    told = [token for token in everything if token.type not in (tokenize.COMMENT, tokenize.NL)]
    around = zip([None, *told], told, [*told[1:], None], strict=False)
    before = ""
    for last, token, following in around:
        starts = last is None or last.type in LAYOUT
        ends = following is None or following.type in LAYOUT
        if token.type in LAYOUT or (token.type == tokenize.STRING and starts and ends):
            continue  # a docstring says nothing of the code
        string = token.string
        if token.type == tokenize.NAME and string not in KEPT_NAMES and before != ".":
            is_keyword = following is not None and following.string == "=" and before in ("(", ",")
            string = string if is_keyword else "name"
        before = token.string
        yield _Token(text=string, line=token.start[0])
