import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Hidden Markov model",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import hmm as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Hidden Markov model

    What we see is a trace of something that we do not: which die was thrown, which part of a stroke this row
    of pixels is. An HMM gives the hidden thing a few states, and sums over every path through them.
    **Do the likeliest states make the likeliest path?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "For each of eight steps you take the state that is likeliest, given everything that was seen. Is that row the likeliest path?"
    options = [
        "Yes: the best parts make the best whole.",
        "Mostly, but not always; sometimes it is no possible path at all.",
        "Never.",
    ]
    lesson.ask("hmm", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def trellis_text(mo):
    mo.md(r"""
    ## Touch it: a casino with two dice

    One die is fair, the other shows a six half of the time, and sometimes the croupier exchanges them under the
    table. All you see are the throws. Each column is a throw, each row a die; a circle's number is a probability.

    **forward**: what do the throws **so far** say? **backward**: what do those **to come** say? **both together**: what
    do all of them say? **best path**: which story explains them best? Press a throw to change it; move *as far as
    throw* to see the probabilities flow.
    """)
    return


@app.cell(hide_code=True)
def trellis(figures):
    figures.trellis()
    return


@app.cell(hide_code=True)
def forward_text(mo):
    mo.md(r"""
    There are 2¹⁴ = 16,384 stories for 14 throws. The forward pass adds all of them up in 14 steps, because to go on one
    needs to know only which die it is **now**:

    $$\alpha_t(s) = p(x_t \mid s) \sum_r \alpha_{t-1}(r)\, A_{r,s}$$

    Worked, for throw 1 = six and both dice equally likely: fair ½ · ⅙ = 0.083, loaded ½ · ½ = 0.25; divided by their sum
    ⅓: **0.25 and 0.75**. The sums are what is divided out at each step, and the sum of their logarithms is log p.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("hmm")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    hmm, words = lesson.shown(whose)
    return hmm, words


@app.cell(hide_code=True)
def quote_forward(figures, hmm, images, lesson, mo, words):
    two = figures.rows_of(images, 2)
    mo.vstack(
        [
            mo.md(
                f"""
        ## The mechanism

        The same code reads pictures: {words}. A picture is a sequence of 28 rows, each row 28 bits that
        are independent given the state. Two pictures went through it just now; beside each line the
        shapes: steps first, then the batch, then the states.
        """
            ),
            lesson.quote("models/hmm.py::forward_pass", hmm.network, *two),
            lesson.quote("models/hmm.py::update", figures.one_update, hmm.network, *two),
        ]
    )
    return


@app.cell(hide_code=True)
def rows_text(mo):
    mo.md(r"""
    ## Look: states that nobody named

    Nobody told it what a stroke is. Each state learnt, by counting, one kind of row, and which rows follow it. Click a
    row of the picture: which state read it, what does that state expect, and what does it expect next?

    Train your own with `torchcamp train hmm --epochs 3` in a terminal, in your workspace; this page then shows it. The dice:
    `torchcamp train hmm --data dice`.
    """)
    return


@app.cell(hide_code=True)
def rows(figures, hmm, images, lesson, mo, whose):
    mo.vstack([lesson.choice(whose), figures.row_states(hmm.network, images)])
    return


@app.cell(hide_code=True)
def exercise_transition_table(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Seven exercises, from counting what one can see to counting what one cannot.
            """),
            lesson.exercise("transition_table"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_forward_loglik(lesson):
    lesson.exercise("forward_loglik")
    return


@app.cell(hide_code=True)
def exercise_viterbi(lesson):
    lesson.exercise("viterbi")
    return


@app.cell(hide_code=True)
def exercise_state_posterior(lesson):
    lesson.exercise("state_posterior")
    return


@app.cell(hide_code=True)
def exercise_sample_chain(lesson):
    lesson.exercise("sample_chain")
    return


@app.cell(hide_code=True)
def exercise_baum_welch_step(lesson):
    lesson.exercise("baum_welch_step")
    return


@app.cell(hide_code=True)
def exercise_match_states(lesson):
    lesson.exercise("match_states")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_hmm(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            All states come out the same, and a fall is called success. Two lines.
            """),
            lesson.exercise("bug_hunt_hmm"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            In the figure, compare *both together* with *best path* for throws of your own. Then:
            """),
            lesson.ask_again(
                "hmm",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "Each of them is right by itself, and a path must also be walked. Measured on 500 "
                    "random chains of three states, eight steps each, some transitions impossible "
                    "(python benchmarks/lessons.py): in 126 of them the rows differ, and in 6 the row "
                    "of likeliest states holds a step of probability 0. The posterior answers 'which "
                    "state here?', Viterbi 'which path?'. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
