import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Activations",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import activations as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Activations

    A layer multiplies and adds. Ten of them in a row still only multiply and add, unless something bends
    the line in between.
    **What does the bend do to a number, and what to a gradient on its way back?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "Ten layers, each followed by sigmoid. What share of a gradient passes through the ten sigmoids, at the most?"
    options = [
        "All of it, where the units are neither on nor off.",
        "About a tenth.",
        "About a millionth.",
    ]
    lesson.ask("activations", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def curve_text(mo):
    mo.md(r"""
    ## Touch it: value and slope

    Four activations of the lecture. On the left the value, on the right the **derivative**: by this a gradient
    is multiplied when it comes back through the unit. Drag the point, in either plot or with the slider.

    Then choose *sigmoid* and *x up to ±120*, and go to the right. Where a plot is
    shaded, something is lost in 32 bits: in the right plot the slope is exactly 0, in the left one the second way
    of writing the formula gives nan.
    """)
    return


@app.cell(hide_code=True)
def curves(figures):
    figures.activations()
    return


@app.cell(hide_code=True)
def formulas_text(mo):
    mo.md(r"""
    $$\mathrm{relu}(x) = \max(0, x) \qquad
    \sigma(x) = \frac{1}{1 + e^{-x}} = \frac{e^x}{e^x + 1} \qquad
    \tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}$$

    Worked at x = 2: relu gives 2, sigmoid 0.8808, tanh 0.9640. Their slopes there are 1, 0.1050 and 0.0707. On
    paper the two forms of sigmoid are the same number. At x = 100 the first says 1 and the second nan, since
    e^100 is infinite in 32 bits, and infinity by infinity is not a number.
    """)
    return


@app.cell(hide_code=True)
def softmax_text(mo):
    mo.md(r"""
    **Softmax** is the sigmoid of many classes. It makes probabilities of logits:

    $$p_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$

    Logits [0, ln 3] become [1/4, 3/4]. What sums to 1 is one axis, and you must say which.
    """)
    return


@app.cell(hide_code=True)
def quote_predict(lesson):
    lesson.quote("models/cnn.py::predict")
    return


@app.cell(hide_code=True)
def train_text(mo):
    mo.md(r"""
    ## Train it: with a bend and without

    A network with one hidden layer of three units learns which points lie inside. Its every number is shown.
    Press **Train** with *tanh*, then choose *none*: without a bend the boundary is a straight line, however long
    you train. Then try *sigmoid*, and compare how soon each one gets there.
    """)
    return


@app.cell(hide_code=True)
def plane(figures):
    figures.plane()
    return


@app.cell(hide_code=True)
def where(mo):
    mo.md(r"""
    In our networks ReLU stands behind each batch norm, one line in a `Sequential`. It holds no numbers, so the
    same object could serve every layer; a `PReLU`, which learns its slope, could not.
    """)
    return


@app.cell(hide_code=True)
def quote_block(lesson):
    lesson.quote("models/cnn.py::conv_block")
    return


@app.cell(hide_code=True)
def exercise_leaky_relu(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Five exercises. The second is the lecture's own formula, which does not survive 32 bits.
            """),
            lesson.exercise("leaky_relu"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_sigmoid_and_tanh(lesson):
    lesson.exercise("sigmoid_and_tanh")
    return


@app.cell(hide_code=True)
def exercise_activation_gradients(lesson):
    lesson.exercise("activation_gradients")
    return


@app.cell(hide_code=True)
def exercise_softmax(lesson):
    lesson.exercise("softmax")
    return


@app.cell(hide_code=True)
def exercise_gated_block(lesson):
    lesson.exercise("gated_block")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_activations(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            A network with a hidden layer that behaves like one without, and a probability that is not a number.
            """),
            lesson.exercise("bug_hunt_activations"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            Look at sigmoid's slope at its steepest point, then multiply it by itself ten times. So:
            """),
            lesson.ask_again(
                "activations",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "Sigmoid's slope is s (1 - s), at most 0.25, and ten of them make 0.25 ** 10 = "
                    "0.00000095. Measured here on ten layers of 64 units with fresh weights: the "
                    "gradient of the first layer's weights is 4.5e-9 times as long as the last "
                    "layer's with sigmoid, 0.0036 times with ReLU, 0.035 times with tanh (python "
                    "benchmarks/lessons.py). Batch norm and a good start keep it near 1 in the "
                    "networks of this course. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
