import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="An MLP and its training loop",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import mlp as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # An MLP and its training loop

    Forward, loss, backward, step: four lines, a few thousand times. Each can be forgotten, doubled, or put in
    the wrong place, and Python will not mind.
    **Would you see it?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "You forget optimizer.zero_grad(). What happens to a classifier of digits, trained for one epoch?"
    options = [
        "PyTorch raises an error at the second step.",
        "It trains about as well: the gradients only get longer.",
        "It trains, badly: each step follows all gradients since the beginning.",
    ]
    lesson.ask("mlp", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def plane_text(mo):
    mo.md(r"""
    ## Touch it: one step, in its four parts

    96 points, two classes, a network of 13 numbers, all of them on the screen. Press **Part of a step** four
    times: *forward* computes p for a point, *loss* says how wrong the batch is, *backward* writes a gradient beside
    every weight, *update* moves it. Then **Train**.

    Now break it. *No zero_grad*: the steps swing. *Wrong sign*: the loss climbs. *Rate × 100*: it leaps over the
    valley. *Sorted*: the loss of the batches goes up and down like stairs.
    """)
    return


@app.cell(hide_code=True)
def plane(figures):
    figures.plane()
    return


@app.cell(hide_code=True)
def update_text(mo):
    mo.md(r"""
    The update is the lecture's, for each weight by itself:

    $$W \leftarrow W - \rho\, \frac{\partial L}{\partial W}$$

    Worked: W = 0.8, gradient 0.5, rate 0.3: W becomes 0.8 - 0.15 = 0.65. The right column of the tables says so for
    every weight before it happens.
    """)
    return


@app.cell(hide_code=True)
def network_in_use(lesson):
    images = lesson.load_images(lesson.data_name())
    mlp, words = lesson.own("mlp")
    return images, mlp, words


@app.cell(hide_code=True)
def mechanism(images, lesson, mlp, mo):
    from torchcamp.models.mlp import train_step

    mo.vstack(
        [
            mo.md(
                """
        ## The mechanism

        The same four lines train a network of 450,000 numbers. Two pictures went through it just
        now; beside each line the shapes that it made.
        """
            ),
            lesson.quote("models/mlp.py::MLP.forward", mlp.network, images.test_images[:2] / 255),
            lesson.quote_step(
                "models/mlp.py::train_step",
                train_step,
                [mlp.network],
                (images.test_images[:2] / 255, images.test_labels[:2]),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def train_text(mo):
    mo.md(r"""
    ## Train your own

    Press **Start**: the run of `torchcamp train mlp`, kept in your workspace. Move the rate while it runs. The
    line is the loss of the training batches, with dropout on; the dots are the test images, with dropout off,
    after each epoch. Why do the dots lie **below** the line? One of the exercises is about it.
    """)
    return


@app.cell(hide_code=True)
def newest_model(mo):
    newest, set_newest = mo.state(None, allow_self_loops=False)
    return newest, set_newest


@app.cell(hide_code=True)
def train(images, lesson, set_newest):
    training = lesson.training(
        "mlp",
        data=images.name,
        epochs=2,
        rate=0.01,
        on_end=lambda run: set_newest(str(run)),
    )
    training.widget
    return


@app.cell(hide_code=True)
def look(images, lesson, mo, newest):
    newest()  # judged again when a training has ended
    _trained, _words = lesson.own("mlp")
    mo.vstack(
        [
            mo.md(
                f"""
        ## Look at its mistakes

        The whole test set went through {_words}. What it got wrong, most confident first. The network does
        not know which pixels are neighbours: it has learnt this from nothing.
        """
            ),
            lesson.worst_mistakes(_trained, images),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_sgd_step(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Ten exercises: one for each place of the loop where things go wrong in silence.
            """),
            lesson.exercise("sgd_step"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_train_step(lesson):
    lesson.exercise("train_step")
    return


@app.cell(hide_code=True)
def exercise_split_indices(lesson):
    lesson.exercise("split_indices")
    return


@app.cell(hide_code=True)
def exercise_standardize_features(lesson):
    lesson.exercise("standardize_features")
    return


@app.cell(hide_code=True)
def exercise_shuffled_batches(lesson):
    lesson.exercise("shuffled_batches")
    return


@app.cell(hide_code=True)
def exercise_evaluate(lesson):
    lesson.exercise("evaluate")
    return


@app.cell(hide_code=True)
def exercise_choose_epoch(lesson):
    lesson.exercise("choose_epoch")
    return


@app.cell(hide_code=True)
def exercise_generalisation_gap(lesson):
    lesson.exercise("generalisation_gap")
    return


@app.cell(hide_code=True)
def exercise_clipped_step(lesson):
    lesson.exercise("clipped_step")
    return


@app.cell(hide_code=True)
def exercise_scheduled_training(lesson):
    lesson.exercise("scheduled_training")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_training(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            A loss that never moves, and an accuracy that can never be 1. Two lines.
            """),
            lesson.exercise("bug_hunt_training"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            In the figure, tick *no zero_grad* and train. Then:
            """),
            lesson.ask_again(
                "mlp",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "backward() adds to .grad, so the hundredth step goes down the sum of a hundred "
                    "gradients. Measured here on MNIST, 784-128-10, SGD with rate 0.1, one epoch, "
                    "three seeds (python benchmarks/lessons.py): 91.1 % of the test images right as "
                    "it should be, 42 to 50 % without zero_grad. Sorted by class instead of shuffled: "
                    "10.1 %, since the network has just unlearnt all classes but the last. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
