import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Conditional GAN",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import cgan as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Conditional GAN

    A generator that can be asked: draw me a seven. Both players are told the class; the detective asks whether it is a real
    picture **of that class**.
    **What if only the forger is told?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "The generator gets the label, the discriminator does not. How many of its pictures are what was asked for?"
    options = [
        "All of them: the generator has the label.",
        "About one in ten, as by chance.",
        "None: it cannot train.",
    ]
    lesson.ask("cgan", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def classes_text(mo):
    mo.md(r"""
    ## Touch it: ask for a digit

    Type a number, and it is drawn. Below, each row is a class and each column one noise: down a column the hand that writes stays the
    same. **Walk through the noise**: the hand changes, the classes hold. A red frame: a classifier takes the picture for another digit than
    was asked for.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("cgan")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    cgan, words = lesson.shown(whose)
    return cgan, words


@app.cell(hide_code=True)
def classes(cgan, figures, images, lesson, mo, whose):
    mo.vstack([lesson.choice(whose), figures.draw_classes(cgan.network, images)])
    return


@app.cell(hide_code=True)
def condition_text(mo):
    mo.md(r"""
    How does a class go into a network? **Not as a number**: 9 is not nine times 1. As a row of ten with a single 1 (one-hot), or as a
    vector that is learnt for each class (embedding), beside the noise. For D our model learns one vector per class and multiplies:

    $$\mathrm{logit}(x, y) = w_y \cdot \varphi(x) + b_y$$

    Worked: noise of 64 numbers and a class of ten are **74** inputs of the first layer.
    """)
    return


@app.cell(hide_code=True)
def mechanism(cgan, figures, images, lesson, mo, words):
    from torchcamp.models.cgan import make_discriminator, train_step

    request = figures.two_requests(cgan.network)
    mo.vstack(
        [
            mo.md(
                f"""
        ## The mechanism

        Two noise vectors and the classes 3 and 7 went through {words} just now. Then one step was
        taken, on two pictures and with a new D.
        """
            ),
            lesson.quote("models/cgan.py::with_classes", cgan.network, *request),
            lesson.quote(
                f"models/cgan.py::{type(cgan.network).__name__}.forward",
                cgan.network,
                *request,
            ),
            lesson.quote_step(
                "models/cgan.py::train_step",
                train_step,
                [cgan.network, make_discriminator(cgan.network.config)],
                (images.test_images[:2] / 255, images.test_labels[:2]),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def train_text(mo):
    mo.md(r"""
    Train your own in a terminal: `torchcamp train cgan`, then `torchcamp sample latest --label 7`, and
    `torchcamp evaluate latest`: *label agreement* is the share of pictures that an independent judge takes for what was asked
    for, and *classifier accuracy* says how well a classifier does that has only seen drawn digits.
    """)
    return


@app.cell(hide_code=True)
def exercise_one_hot(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Five exercises: follow the label, everywhere it goes.
            """),
            lesson.exercise("one_hot"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_conditional_generator(lesson):
    lesson.exercise("conditional_generator")
    return


@app.cell(hide_code=True)
def exercise_label_maps(lesson):
    lesson.exercise("label_maps")
    return


@app.cell(hide_code=True)
def exercise_cgan_step(lesson):
    lesson.exercise("cgan_step")
    return


@app.cell(hide_code=True)
def exercise_class_noise_grid(lesson):
    lesson.exercise("class_noise_grid")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_cgan(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            It draws what it likes. Two lines, neither in a network.
            """),
            lesson.exercise("bug_hunt_cgan"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            In the figure, walk through the noise and see which rows hold. Then:
            """),
            lesson.ask_again(
                "cgan",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "G has no reason to listen: any good digit passes. Measured after 3,000 steps of "
                    "the lecture's pair on MNIST (python benchmarks/lessons.py): told the classes, 68 "
                    "% of the pictures are what was asked for; not told, 11 %. The label must be "
                    "where the judgement is made. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
