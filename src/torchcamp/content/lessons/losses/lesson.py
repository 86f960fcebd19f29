import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Losses",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import losses as figures
    from torchcamp.figures.schemas import losses as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("losses")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    A network looks at a picture of a penguin and answers: cat 4 %, dog 95 %, penguin 1 %. That is wrong, but *how* wrong? And what should
    change so that the next answer is a little better?

    Counting right and wrong answers does not help here. If the penguin's share rises from 1 % to 20 %, the answer is still "dog", and the
    count says that nothing has happened. We need a number that notices every small improvement. This number is the **loss**.
    """)
    return


@app.cell(hide_code=True)
def picture_text(lesson):
    lesson.prose(r"""
    ## The idea in one picture

    Three scores for one picture, the loss, and what comes back. It begins with a network that is sure and
    wrong, with 0.01 for the penguin. Press **Another example** for one that is undecided, and for one that is sure and right.
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

    **Scores.** The last layer of a classifier gives one number per class. These raw scores are called **logits**. They can be any
    numbers; the highest wins.

    **Probabilities.** Softmax, from the last lesson, turns them into positive numbers that add up to 1. For two classes, one logit is
    enough: sigmoid turns it into the probability of "yes".

    **The loss.** Take the probability that went to the right class, and minus its logarithm. If the right class got everything, the loss is
    −ln 1 = 0. If it got half, it is 0.69. If it got next to nothing, the loss grows without limit. This loss is called
    **cross-entropy**.

    **The pull.** For each logit we ask: if it grew a little, how fast would the loss grow? This slope is the **gradient**. For
    cross-entropy it turns out to be very simple: *probability minus truth*. A class that got 95 % and deserved 0 is pushed down with
    0.95. The penguin got 1 % and deserved 100 %, so it is pulled up with 0.99.

    **Numbers instead of classes.** If the answer is a number, such as tomorrow's rainfall, the usual losses are the average squared
    difference (**mean squared error**) and the average size of the difference (**mean absolute error**). Squaring makes one large error
    count more than many small ones.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "For two classes, the loss of a true 'no' is -log(1 - p) with p = sigmoid(z). Somebody writes -log(1 - sigmoid(z) + 1e-8), to avoid the log of 0. The network says 'surely yes': z = 20. What is the gradient of z?"
    options = [
        "Almost 1: it pulls with all its strength.",
        "nan: log of zero.",
        "Exactly 0: nothing is learnt from the worst mistake.",
    ]
    lesson.ask("losses", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    For $K$ classes let $\hat y_k$ be the probability that the network gives to class $k$, and $y_k$ the truth: 1 for the right class $c$
    and 0 for the others. A row like $y$, with a single 1, is called **one-hot**. The cross-entropy is

    $$L = -\sum_{k=0}^{K-1} y_k \log \hat y_k = -\log \hat y_c$$

    Only one term of the sum survives, because all other $y_k$ are 0. Worked: $\hat y_c = 0.01$ gives −ln 0.01 = **4.605**.

    The logarithm is always the natural one, whether it is written log or ln, and the unit of such a loss is the **nat**. Something of probability ½
    costs 0.69 nats, something of probability 1 in 1,000 costs 6.9.

    **Why probability minus truth.** Write the softmax with the scores $z_k$, $\hat y_c = e^{z_c} / \sum_j e^{z_j}$, and take minus its logarithm.
    Then ask how that changes with one score $z_k$:

    $$L = -z_c + \log \sum_j e^{z_j}$$

    $$\frac{\partial L}{\partial z_k} = -y_k + \frac{e^{z_k}}{\sum_j e^{z_j}} = \hat y_k - y_k$$

    The first term gives $-1$ for the right class and 0 for the others, which is $-y_k$. The derivative of $\log u$ is $u'/u$, and that makes a softmax of the second term.

    For two classes with $p = \mathrm{sigmoid}(z)$ the same reads

    $$L = -y \log p - (1 - y) \log (1 - p)$$

    Worked: z = 2 and y = 0 give p = 0.8808 and −ln(1 − 0.8808) = 2.1269. Its gradient is p − y = 0.8808.

    **A number to remember.** A network that has learnt nothing gives every class 1/K, which costs ln K: 2.3026 for ten digits. If your
    training begins far above that, the network is already sure of something, and wrong.
    """)
    return


@app.cell(hide_code=True)
def quote_text(lesson):
    lesson.prose(r"""
    ## The same in code

    This is the loss of our network for digits. The network returns logits of shape `(B, K)`: one row for each of B pictures. Look for the
    softmax: it is not there. `F.cross_entropy` contains it, and adding your own would apply it twice.
    """)
    return


@app.cell(hide_code=True)
def quote_loss(lesson):
    lesson.quote("models/mlp.py::mlp_loss")
    return


@app.cell(hide_code=True)
def exercise_cross_entropy(lesson):
    lesson.exercise("cross_entropy")
    return


@app.cell(hide_code=True)
def figure_text(lesson):
    lesson.prose(r"""
    ## Touch it: pull at a logit

    *Two classes*: drag the logit z, or its probability. The left plot is the loss, the right one its gradient. The table writes the same
    loss in five ways, computed in 32 bits as a network does. Go to z = 20 with the truth *class 0* and see which of the five still
    pull.

    *Several classes*: four logits, their softmax, and the gradient of each; drag the bars. Exchange mean and sum. *A number*: squared
    against absolute error.
    """)
    return


@app.cell(hide_code=True)
def board(figures):
    figures.losses()
    return


@app.cell(hide_code=True)
def bits_text(lesson):
    lesson.prose(r"""
    **Why the writing matters.** On paper, the five rows are equal. A computer keeps about seven digits of a number in 32 bits. At z = 20 the
    probability is 0.999999998, which it stores as exactly 1. Then 1 − p is 0, its logarithm is minus infinity, and nothing sensible comes
    back. PyTorch's losses are therefore written from the logits: `F.binary_cross_entropy_with_logits` and `F.cross_entropy`. Give them
    logits.
    """)
    return


@app.cell(hide_code=True)
def exercise_bce_with_logits(lesson):
    lesson.exercise("bce_with_logits")
    return


@app.cell(hide_code=True)
def train_text(lesson):
    lesson.prose(r"""
    ## Break it, and train it: a wrong loss raises no error

    A tiny network learns which points are orange. Train once as it is. Then begin again and choose a fault: sigmoid applied twice, squared
    error instead of cross-entropy, the sum instead of the mean. Each of them trains. Watch how long each takes until the points are right.
    To come back, untick the fault and press **Begin again**.
    """)
    return


@app.cell(hide_code=True)
def plane(figures):
    figures.plane()
    return


@app.cell(hide_code=True)
def binary_text(lesson):
    lesson.prose(r"""
    ## One question per class: a sum or a mean

    There is another loss for several classes. It asks one yes-or-no question for each of them, with $\hat p_k$ the probability of class $k$:

    $$-\log \hat p_c - \sum_{k \ne c} \log(1 - \hat p_k)$$

    Here $c$ is the right class, and $k \ne c$ means: all others. (If you come from the lecture: its slide had lost two of the minus signs.) This loss **adds up** the classes, while `nn.BCELoss()` takes their
    **mean**, so with four classes the sum is four times as large, and so is its gradient. Turning many losses into one number is
    called the **reduction**. Neither choice is wrong, but how far one moves per step has to fit it. Compare the last two rows of the figure's
    table under *several classes*.
    """)
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What they are good at, and where they fail

    Cross-entropy pulls hardest where the network is sure and wrong, and lets go where it is right. That is what we want, as long as the
    labels are right: a wrongly labelled picture is pulled at with full strength too. Mean squared error suits numbers with errors of similar
    size; one outlier can dominate it, and then the absolute error is calmer. And no loss is the goal itself: you want right answers, and the
    loss is the smooth stand-in that training can follow.

    ## What came of it

    The networks that write text today are trained with the loss of this page: a cross-entropy with about 100,000 classes, one for each possible
    next piece of text.
    Label smoothing, one of the exercises below, asks for a little less than certainty.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            In the figure *pull at a logit*, choose *two classes*, z = 20 and the truth *class 0*, and read the third row of the table. So:
            """),
            lesson.ask_again(
                "losses",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "sigmoid(20) is stored as exactly 1. The 1e-8 keeps the logarithm finite, at 18.42, "
                    "but the loss is now flat there, and its gradient is exactly 0. Without the 1e-8 "
                    "the loss is inf and the gradient nan. Written from the logit, the loss is 20 "
                    "and the gradient 1. All of this stands in the figure's table at z = 20."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("losses")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("losses")
    return


if __name__ == "__main__":
    app.run()
