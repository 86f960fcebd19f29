import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Tensors and reading PyTorch",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import tensors as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Tensors and reading PyTorch

    Everything in PyTorch is a tensor: a block of memory, and a rule for reading it. Whoever sees the
    rule can read any network.
    **When you turn a tensor on its side, what moves?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "x holds nine million numbers, 3000 by 3000. You write y = x.permute(1, 0). How many of them are copied?"
    options = [
        "All of them: y has another order.",
        "None: y reads the same memory in another order.",
        "None now, all of them as soon as y is used.",
    ]
    lesson.ask("tensors", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def strides_text(mo):
    mo.md(r"""
    ## Touch it: one memory, many tensors

    Six numbers lie in memory, in cells 0 to 5. A tensor says how to read them: a **shape**, and for each
    axis a **stride**, the number of cells to go on for one step along it. The number at row i, column j of a
    tensor with strides (3, 1) is read at cell 3 i + 1 j.

    Apply an operation. Watch which ones change the rule and which ones fill new memory. Then try
    `.permute(1, 0)` and after it `.view(6)`: PyTorch refuses, because no single stride reads the numbers in that
    order.
    """)
    return


@app.cell(hide_code=True)
def strides(figures):
    figures.strides()
    return


@app.cell(hide_code=True)
def view_or_permute(mo):
    mo.md(r"""
    `view` and `permute` can make the same shape and yet mean different things. `view(3, 2)` breaks the row of
    numbers elsewhere: 0 1, then 2 3, then 4 5. `permute(1, 0)` exchanges the axes: 0 3, then 1 4, then 2 5. **An
    equal shape proves nothing.** Check one number that you know.
    """)
    return


@app.cell(hide_code=True)
def broadcasting_text(mo):
    mo.md(r"""
    ## Touch it: two shapes meet

    `+`, `-`, `*` and their like work number by number. If the shapes differ, PyTorch **broadcasts**: it aligns
    them on the right, writes a 1 where an axis is missing, and stretches axes of size 1. Go through it step by
    step, then type shapes of your own.

    `(4,)` and `(4, 1)` is the pair to remember: a row and a column become a table of 16, and no error is raised.
    """)
    return


@app.cell(hide_code=True)
def broadcasting(figures):
    figures.broadcasting()
    return


@app.cell(hide_code=True)
def network_in_use(lesson):
    images = lesson.load_images(lesson.data_name())
    mlp, words = lesson.own("mlp")
    return images, mlp, words


@app.cell(hide_code=True)
def mechanism(images, lesson, mlp, mo, words):
    mo.vstack(
        [
            mo.md(
                f"""
        ## Read a network

        With shapes in mind, code reads itself. This is how our multilayer perceptron goes forward, as
        it was just now with two pictures of digits ({words}): on each line the shape that it made, and
        what it cost. A batch `(2, 1, 28, 28)` becomes two rows of 784 numbers, then 384, then ten.
        """
            ),
            lesson.quote("models/mlp.py::MLP.forward", mlp.network, images.test_images[:2] / 255),
            mo.md(
                """
        Where are the layers? In `__init__`. A layer that is assigned to `self`, or stands in a
        `Sequential` that is, belongs to the module: `parameters()` finds it, an optimizer trains it,
        `.to(device)` moves it.
        """
            ),
            lesson.quote("models/mlp.py::MLP.__init__"),
        ]
    )
    return


@app.cell(hide_code=True)
def owned(lesson, mlp, mo):
    mo.vstack(
        [
            mo.md(
                """
        This is what `named_parameters()` finds in it. A linear layer from 784 to 384 holds a weight of
        shape `(384, 784)`, 301,056 numbers: outputs first. Say each shape before you read it.
        """
            ),
            lesson.parameters(mlp.network),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_predict_shapes(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Eight exercises, from shapes to modules. Each answer is a file in your workspace; edit it here or in any
            other editor. **Check** says what came back, what was expected, and, if it knows your mistake, why.
            """),
            lesson.exercise("predict_shapes"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_to_chw(lesson):
    lesson.exercise("to_chw")
    return


@app.cell(hide_code=True)
def exercise_pairwise_sq_dist(lesson):
    lesson.exercise("pairwise_sq_dist")
    return


@app.cell(hide_code=True)
def exercise_regression_error(lesson):
    lesson.exercise("regression_error")
    return


@app.cell(hide_code=True)
def exercise_count_params(lesson):
    lesson.exercise("count_params")
    return


@app.cell(hide_code=True)
def exercise_layer_stack(lesson):
    lesson.exercise("layer_stack")
    return


@app.cell(hide_code=True)
def exercise_standardize(lesson):
    lesson.exercise("standardize")
    return


@app.cell(hide_code=True)
def exercise_classify_pictures(lesson):
    lesson.exercise("classify_pictures")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_tensors(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            This script runs, trains, and is wrong in two lines. No error will tell you which.
            """),
            lesson.exercise("bug_hunt_tensors"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            Go back to the first figure and press `.permute(1, 0)`. Then:
            """),
            lesson.ask_again(
                "tensors",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "A tensor is memory, a shape, and strides: how many cells to go on for one step "
                    "along each axis. permute only exchanges the strides. Measured here for these "
                    "nine million numbers, on one thread: permute(1, 0) takes 1.6 microseconds, "
                    ".contiguous(), which does copy them, 29 milliseconds: eighteen thousand times as "
                    "long (python benchmarks/lessons.py). What works on y reads it through its "
                    "strides; nothing is copied by using it. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
