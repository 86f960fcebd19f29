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
    from torchcamp.figures.schemas import activations as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("activations")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    The simplest layer of a network multiplies its inputs by weights and adds them up. Stack ten such layers and you would expect something
    powerful. But a sum of sums is just another sum: ten of them in a row can do no more than one. With points of two colours on a sheet of
    paper, such a network can separate them by one straight line, and never by a circle.

    What is missing is a bend.
    """)
    return


@app.cell(hide_code=True)
def picture_text(lesson):
    lesson.prose(r"""
    ## The idea in one picture

    One unit of a network: three numbers come in, one goes on. The curve is the bend; the short line on it is its slope at this sum.
    Step to the end to see what would happen without it. **Another example** shows the same unit with an input that gives a positive sum.
    """)
    return


@app.cell(hide_code=True)
def picture(schema):
    schema.whole()
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **A layer is a row of units.** Each unit multiplies every input by a weight of its own, adds the products, and adds one more number,
    its **bias**. This is a **linear layer**, `nn.Linear` in PyTorch.

    **Then comes a bend.** Each sum goes through a simple function, the **activation**. The most common is **ReLU**: negative sums become 0,
    positive ones stay. It only bends the line at 0.

    **Bends add up to shapes.** A few units with a bend each can put a corner here and a corner there. With enough corners you can follow
    any curve, and separate the points inside a circle from those outside.

    **Other bends.** **Sigmoid** squeezes every number into the range from 0 to 1, **tanh** into −1 to 1. They are smooth, but far
    from 0 their curves are almost flat. There, a change of the input changes nothing: the unit is **saturated**.

    **The slope matters too.** Training works backwards through the network (lesson 4 shows how): a signal that says what should change comes back from the end. On its way it is
    multiplied by the slope of each activation that it passes. Where a curve is flat, the slope is 0 and the signal ends.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "Ten layers, each followed by sigmoid, whose slope is at most 1/4. What share of a signal comes back through all ten sigmoids, at the most?"
    options = [
        "All of it, where the sums are near 0.",
        "About a tenth.",
        "About a millionth.",
    ]
    lesson.ask("activations", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formulas

    For any number $x$:

    $$\mathrm{relu}(x) = \max(0, x) \qquad
    \mathrm{leaky}(x) = \max(0, x) + a \cdot \min(0, x)$$

    $$\sigma(x) = \frac{1}{1 + e^{-x}} = \frac{e^x}{e^x + 1} \qquad
    \tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}$$

    $a$ is a small slope such as 0.2, so that a leaky unit never falls quite silent; $\sigma$ (sigma) is sigmoid; $e$ is 2.718. (Mind the
    minus sign above the line of tanh: with it tanh(0) is 0. If you come from the lecture: its slide had lost it.)

    Worked at x = 2: relu gives 2, sigmoid 0.8808, tanh 0.9640. Their slopes there are 1, 0.1050 and 0.0707.

    On paper the two ways to write sigmoid are equal. At x = 100 the first gives 1. The second gives `nan`, "not a number": $e^{100}$ is
    too large for 32 bits, becomes infinite, and infinity divided by infinity has no value.
    """)
    return


@app.cell(hide_code=True)
def curve_text(lesson):
    lesson.prose(r"""
    ## Touch it: value and slope

    The left plot shows an activation, the right one its slope. Drag the point in either plot, or use the slider.

    Then choose *sigmoid* and *x up to ±120*, and go to the right. Where a plot is shaded, something is lost in 32 bits: in the right plot the
    slope is exactly 0, in the left one the second formula gives nan.
    """)
    return


@app.cell(hide_code=True)
def curves(figures):
    figures.activations()
    return


@app.cell(hide_code=True)
def exercise_leaky_relu(lesson):
    lesson.exercise("leaky_relu")
    return


@app.cell(hide_code=True)
def softmax_text(lesson):
    lesson.prose(r"""
    ## One more: softmax

    At the end of a network that chooses among classes stands a row of scores, one per class. **Softmax** turns them into probabilities:

    $$p_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$

    $x_i$ is the score of class $i$ and $p_i$ its probability; the sum runs over all classes. Worked: the scores 0 and ln 3 = 1.0986
    become 1/4 and 3/4.

    A batch of scores has two axes, `(B, K)`: B pictures, K classes. What must add up to 1 is the row of one picture, so the axis is
    `dim=1`. Here is how our network for digits uses it; look for the axis.
    """)
    return


@app.cell(hide_code=True)
def quote_predict(lesson):
    lesson.quote("models/cnn.py::predict")
    return


@app.cell(hide_code=True)
def exercise_softmax(lesson):
    lesson.exercise("softmax")
    return


@app.cell(hide_code=True)
def train_text(lesson):
    lesson.prose(r"""
    ## Train it, with a bend and without

    A network with three hidden units learns which points lie inside. All of its numbers are on the screen, and the background shows what
    it would say at each place. Press **Train** with *tanh*. Then press **Begin again**, choose *none*, and train once more: the border stays a
    straight line however long you wait. Then try *sigmoid* and compare how long each one takes.
    """)
    return


@app.cell(hide_code=True)
def plane(figures):
    figures.plane()
    return


@app.cell(hide_code=True)
def where(lesson):
    lesson.prose(r"""
    ## The same in code

    In a network an activation is one line. This is a block of our network for digits: a layer, then something that keeps its numbers in
    range (lesson 7 explains it), then ReLU. `nn.ReLU()` holds no numbers of its own, so it adds nothing to learn.
    """)
    return


@app.cell(hide_code=True)
def quote_block(lesson):
    lesson.quote("models/cnn.py::conv_block")
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What they are good at, and where they fail

    ReLU is cheap, and where its sum is positive a signal passes back unchanged, so it is the usual choice inside a network. Its weakness: a unit whose sum is negative for
    every input stays silent, and learns nothing more. Leaky ReLU avoids that. Sigmoid and softmax belong at the end, where the answer should
    be a probability. Tanh is used where numbers should stay between −1 and 1, as in the memory of networks that read text (lesson 11).

    ## What came of it

    Today's largest networks, which read and write text, mostly use smooth relatives of ReLU, called GELU and SiLU. Many of them multiply the result by a
    second, learnt signal that opens or closes the unit. The exercise *gated block* below builds one.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            In the figure *value and slope*, find the largest slope of sigmoid. Multiply ten of them. So:
            """),
            lesson.ask_again(
                "activations",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "Sigmoid's slope is s (1 - s), at most 0.25, and ten of them make 0.25 ** 10 = "
                    "0.00000095. Measured on ten layers of 64 units with fresh weights: what arrives "
                    "at the first layer's weights is 4.5e-9 times what arrives at the last layer's "
                    "with sigmoid, 0.0036 times with ReLU, 0.035 times with tanh (python "
                    "benchmarks/lessons.py). The weights shrink it on its way as well. Later lessons show what keeps it near 1."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("activations")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("activations")
    return


if __name__ == "__main__":
    app.run()
