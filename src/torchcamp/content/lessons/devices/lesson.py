import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Speed, devices, and reading any code",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import reading
    from torchcamp.figures import speed as figures

    return figures, lesson, mo, reading


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Speed, devices, and reading any code

    You can read a network, train it and judge it. What is left: how fast it is, whether it is the same run again, and how to read
    what somebody else wrote.
    **How much faster is small?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "A product of 8 × 8 matrices has two million times fewer multiplications than one of 1024 × 1024. How much less time does it take on this machine's CPU?"
    options = [
        "About two million times less.",
        "Some ten thousand times less.",
        "About half.",
    ]
    lesson.ask("speed", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def race_text(mo):
    mo.md(r"""
    ## Touch it: races on this machine

    Each button measures, here and now. *Small and large*: what a product costs, on the CPU and, where there is one, on the GPU, with and
    without waiting for it. *One picture or many*. *Threads*. *16 bits*. *Compiled* takes half a minute, and you will see where it goes.
    """)
    return


@app.cell(hide_code=True)
def network_in_use(lesson):
    cnn, words = lesson.own("cnn")
    return cnn, words


@app.cell(hide_code=True)
def race(cnn, figures):
    figures.race(cnn.network)
    return


@app.cell(hide_code=True)
def measure_text(mo):
    mo.md(r"""
    Two rules of measuring. **Wait** for the device before you stop the clock: a GPU works on by itself, and what one times otherwise is how fast one
    can ask. **Warm up**: the first call loads, allocates and compiles. Then take the median of several: a mean follows the one run in which
    the machine did something else.
    """)
    return


@app.cell(hide_code=True)
def quote_devices(lesson, mo):
    mo.vstack(
        [
            mo.md(
                """
        ## The mechanism

        How our engine waits, and how it seeds: a seed fixes the sequence, once, for every library
        that draws.
        """
            ),
            lesson.quote("training/devices.py::synchronize"),
            lesson.quote("base/seeding.py::seed_everything"),
        ]
    )
    return


@app.cell(hide_code=True)
def find_text(mo):
    mo.md(r"""
    ## Touch it: find the line

    Scripts of ours, written the way published practice code is, each with two or three wrong lines. They run. Read the report, then press
    the lines that you suspect. Read from the top, and ask of each name: **who uses it, and is it the one I think?**
    """)
    return


@app.cell(hide_code=True)
def find_line(reading):
    reading.find_line()
    return


@app.cell(hide_code=True)
def read_text(mo):
    mo.md(r"""
    ## Touch it: read anything

    `torchcamp read` runs a class or function once, forward and backward, and shows its own lines beside the shapes that they made. Name one of yours
    (a file of your workspace, as `mymodel/model.py:MyModel`), or anything that is installed. It runs that code: read what you trust.
    """)
    return


@app.cell(hide_code=True)
def read_any(lesson, reading):
    reading.read_any(lesson.workspace())
    return


@app.cell(hide_code=True)
def doctor_text(mo):
    mo.md(r"""
    ## Touch it: watch anything train

    Reading finds what is written wrongly. What is *done* wrongly shows best while it happens: which backward passes are inside a gradient when a
    step uses it, who runs in which mode, what noise a generator gets. `torchcamp doctor` runs a training script for a few steps in a
    process of its own, watches that, and names lines, with numbers. It changes no value: the losses are the same to the last bit.

    Begin with the scripts from above. **Which of the lines that you found can it see? Which can it not, and why?** Then name one of yours
    (a script that trains; functions that nobody calls show nothing). It runs that script: watch what you trust.
    """)
    return


@app.cell(hide_code=True)
def diagnose_any(lesson, reading):
    reading.diagnose_any(lesson.workspace())
    return


@app.cell(hide_code=True)
def doctor_limits(mo):
    mo.md(r"""
    A finding is an **error** or a **warning**; a *note* is worth a look. *Nothing found* says little more than what was watched: in a few steps
    nobody can tell whether a rate, a metric or a label is the right one. Of the two wrong lines of *Two networks, compared* it sees the optimizer, by
    the weights that never move. It cannot see `batches * BATCH_SIZE`: that is a plain number, and any number could have been meant. So read as well.
    `torchcamp doctor --list` explains every code, with an example.
    """)
    return


@app.cell(hide_code=True)
def exercise_bench(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Seven exercises about runs: their time, their chance, their being the same.
            """),
            lesson.exercise("bench"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_crossover(lesson):
    lesson.exercise("crossover")
    return


@app.cell(hide_code=True)
def exercise_seed_all(lesson):
    lesson.exercise("seed_all")
    return


@app.cell(hide_code=True)
def exercise_epoch_loss(lesson):
    lesson.exercise("epoch_loss")
    return


@app.cell(hide_code=True)
def exercise_worker_share(lesson):
    lesson.exercise("worker_share")
    return


@app.cell(hide_code=True)
def exercise_scaled_step(lesson):
    lesson.exercise("scaled_step")
    return


@app.cell(hide_code=True)
def exercise_is_resume_exact(lesson):
    lesson.exercise("is_resume_exact")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_reading(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            Three lines of this one are wrong. Write a loop below its functions, and the doctor sees two of them.
            """),
            lesson.exercise("bug_hunt_reading"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_my_model(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Capstone: a model of your own

            This is what the course was for: pictures that nobody has prepared, a network that is yours, trained, measured, and
            read. `torchcamp new mymodel` makes the folder.
            """),
            lesson.exercise("my_model"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            Press *small and large* above and divide. Then:
            """),
            lesson.ask_again(
                "speed",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "Measured here on one thread (python benchmarks/lessons.py): 1.4 microseconds and "
                    "22.7 ms, a factor of 16,061. What is left of the small one is the cost of "
                    "asking: Python, a call, an allocation. On a GPU asking costs more and the work "
                    "less, so the size from which on it pays is larger. Nothing is broken when a "
                    "small network is slower there. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
