import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Recurrent network",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import rnn as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Recurrent network

    One cell, used again and again: it reads a row, or a character, and carries what it has understood along. From
    there it says what should come next, and if you let it, it writes.
    **How would you notice that it reads the answer?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "You forget to shift the targets: the network is asked for the character that it has just read. What do you see?"
    options = [
        "An error: inputs and targets overlap.",
        "The loss stays at ln V.",
        "The best loss you ever had, and it writes one letter for ever.",
    ]
    lesson.ask("rnn", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def rows_text(mo):
    mo.md(r"""
    ## Touch it: a picture, row by row

    Draw a digit. The network reads it from top to bottom; from its hidden state it says what the next row should be, and that
    expectation is compared with the row that comes. **Rows given**: from there on it draws by itself, six times. Raise the
    temperature and it becomes bold; lower it and it is always the same.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("rnn")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    rnn, words = lesson.shown(whose)
    return rnn, words


@app.cell(hide_code=True)
def rows(figures, images, lesson, mo, rnn, whose):
    mo.vstack([lesson.choice(whose), figures.unrolled(rnn.network, images)])
    return


@app.cell(hide_code=True)
def price_text(mo):
    mo.md(r"""
    Each row has a price: minus the logarithm of the probability that it was given. The sum is the probability of the
    whole picture, exactly, by the product rule:

    $$p(x) = \prod_t p(x_t \mid x_0 \dots x_{t-1})$$

    Worked: a row that was expected with probability ½ costs log 2 = **0.69 nats**, a surprise of 1 in 1,000 costs **6.9**.
    """)
    return


@app.cell(hide_code=True)
def mechanism(figures, images, lesson, mo, rnn, words):
    from torchcamp.models.rnn import train_step

    mo.vstack(
        [
            mo.md(
                f"""
        ## The mechanism

        One step of the gated cell, written out, as it was just now with a row of two pictures
        ({words}). r says how much of the old state to use, z how much of it to keep. Below, a step
        of training on whole pictures.
        """
            ),
            lesson.quote("models/rnn.py::gru_cell", figures.one_step, rnn.network, images),
            lesson.quote_step(
                "models/rnn.py::train_step",
                train_step,
                [rnn.network],
                (images.test_images[:2] > 127).float(),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def writing_text(mo):
    mo.md(r"""
    ## Touch it: it learns to write

    A network of 96 units and a text that every Python carries. **Learn**, and watch it go from noise to syllables to words. Type a
    beginning; each column is the hidden state after its character. Which units switch at a space?

    In a terminal: `torchcamp train rnn --data text`, or `--data text:FILE` for a text of yours.
    """)
    return


@app.cell(hide_code=True)
def writing(figures, lesson):
    figures.writing(lesson.load_text("text"))
    return


@app.cell(hide_code=True)
def exercise_unroll(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Seven exercises: most of them are about which axis is time.
            """),
            lesson.exercise("unroll"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_last_states(lesson):
    lesson.exercise("last_states")
    return


@app.cell(hide_code=True)
def exercise_make_batches(lesson):
    lesson.exercise("make_batches")
    return


@app.cell(hide_code=True)
def exercise_lm_loss(lesson):
    lesson.exercise("lm_loss")
    return


@app.cell(hide_code=True)
def exercise_train_on_text(lesson):
    lesson.exercise("train_on_text")
    return


@app.cell(hide_code=True)
def exercise_sample_symbol(lesson):
    lesson.exercise("sample_symbol")
    return


@app.cell(hide_code=True)
def exercise_generate(lesson):
    lesson.exercise("generate")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_rnn(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            A loss that is too good, and texts that know each other. Two lines.
            """),
            lesson.exercise("bug_hunt_rnn"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            Look at what your network wrote, and at its loss. Then:
            """),
            lesson.ask_again(
                "rnn",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "It needs only to copy. Measured after 600 steps on an English text, 96 units "
                    "(python benchmarks/lessons.py): shifted, 1.52 nats per character, and it writes "
                    "'subclass context string is'; not shifted, 0.001 nats, and it writes spaces "
                    "without end. A loss that is too good is a symptom: nobody can know the next "
                    "character of a text that well. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
