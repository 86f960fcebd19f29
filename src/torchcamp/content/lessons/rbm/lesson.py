import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Restricted Boltzmann machine",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import rbm as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Restricted Boltzmann machine

    Two layers of bits that pull at each other. A picture that pulls the hidden units into agreement has low
    energy, and low energy is what the machine calls likely.
    **What happens if a unit hands on its probability instead of a bit?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "Two pixels hang on one hidden unit that is on half of the time. You hand on its probability, one half, instead of a drawn bit. How often are the two pixels equal?"
    options = [
        "As before: nearly always.",
        "Half of the time: they no longer know of each other.",
        "Always, since nothing is random any more.",
    ]
    lesson.ask("rbm", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def gibbs_text(mo):
    mo.md(r"""
    ## Touch it: a chain that dreams

    Draw something, or take an example. **One step**: the picture switches hidden units on, they draw a new picture. Run it: the
    chain wanders from digit to digit through what the machine finds likely. Begin *from noise* and watch the free energy fall.
    **Hold the upper half**, and it completes what you began.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("rbm")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    rbm, words = lesson.shown(whose)
    return rbm, words


@app.cell(hide_code=True)
def chain(figures, images, lesson, mo, rbm, whose):
    mo.vstack([lesson.choice(whose), figures.gibbs(rbm.network, images)])
    return


@app.cell(hide_code=True)
def energy_text(mo):
    mo.md(r"""
    The **free energy** is what one number can say about a picture: low is likely.

    $$F(v) = -v \cdot b - \sum_j \log(1 + e^{c_j + (vW)_j}) \qquad p(v) = e^{-F(v)} / Z$$

    Worked: a picture whose F is 10 lower than another's is e¹⁰ = **22,026** times as likely. How likely it is in itself nobody can
    read off: Z sums over 2⁷⁸⁴ pictures.
    """)
    return


@app.cell(hide_code=True)
def mechanism(figures, images, lesson, mo, rbm, words):
    mo.vstack(
        [
            mo.md(
                f"""
        ## The mechanism

        Contrastive divergence: raise the probability of the data, lower that of where the chain goes.
        Two pictures just now, through {words}; the last lines are the difference of the two sides.
        """
            ),
            lesson.quote("models/rbm.py::gibbs_step", figures.one_step, rbm.network),
            lesson.quote("models/rbm.py::statistics", figures.two_sides, rbm.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def filters_text(mo):
    mo.md(r"""
    ## Touch it: filters while they learn

    Twelve hidden units, so few that Z can be summed exactly. **Learn**, and see strokes appear; raise the rate until the filters
    tear and log p falls. **Anneal** estimates the same log Z from chains that walk from a machine whose Z is known to this one: with more
    temperatures between them it closes in. That is how the large one is measured.

    In a terminal: `torchcamp train rbm`, then `torchcamp evaluate latest`.
    """)
    return


@app.cell(hide_code=True)
def small(figures, images):
    figures.filters(images)
    return


@app.cell(hide_code=True)
def exercise_free_energy(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Six exercises: energy, bits, chains, and the gradient that needs no backward pass.
            """),
            lesson.exercise("free_energy"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_binarize(lesson):
    lesson.exercise("binarize")
    return


@app.cell(hide_code=True)
def exercise_gibbs_step(lesson):
    lesson.exercise("gibbs_step")
    return


@app.cell(hide_code=True)
def exercise_exact_loglik(lesson):
    lesson.exercise("exact_loglik")
    return


@app.cell(hide_code=True)
def exercise_cd_gradient(lesson):
    lesson.exercise("cd_gradient")
    return


@app.cell(hide_code=True)
def exercise_persistent_chains(lesson):
    lesson.exercise("persistent_chains")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_rbm(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            Every unit is on, and each epoch steps further than the last. Two lines.
            """),
            lesson.exercise("bug_hunt_rbm"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            In the first figure, watch the hidden units while the chain runs. Then:
            """),
            lesson.ask_again(
                "rbm",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "The bit is what the two pixels share. Drawn, it is 1 or 0 for both of them: "
                    "measured in 10,000 draws they are equal in 97 % (python benchmarks/lessons.py). "
                    "With its probability each pixel gets half a pull and decides alone: equal in 50 "
                    "%. A hidden layer must be drawn wherever it drives something; only the last "
                    "word, which drives nothing, may be a probability, and has less noise so. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
