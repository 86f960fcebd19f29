"""Every misconception's verdict, as JSON: `python scripts/verdicts.py > verdicts.json`.

For authors: written before and after a change to the judge or to many exercises, the two files
differ in what learners would be told. Takes about a minute.
"""

import json
import sys

from torchcamp.course.content import course
from torchcamp.course.judge.client import Judge


def main() -> None:
    """Print what the author of each known wrong answer is told."""
    verdicts = {}
    with Judge() as judge:
        for exercise in course().exercises.values():
            for wrong in exercise.misconceptions:
                verdict = judge.verdict_of(exercise, wrong.source, wrong.file_name)
                verdicts[f"{exercise.name}/{wrong.name}"] = verdict.as_json()
    json.dump(verdicts, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
