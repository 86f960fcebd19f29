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

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Losses

    A loss turns *how wrong* into one number, and its gradient says which way to go and how hard to pull.
    **What if the network is sure, and wrong?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "A network says 'surely yes' (logit z = 20), the truth is no. The loss is written -log(1 - sigmoid(z) + 1e-8). Which gradient does z get?"
    options = [
        "Almost 1: it pulls with all its strength.",
        "nan: log of zero.",
        "Exactly 0: nothing is learnt from the worst mistake.",
    ]
    lesson.ask("losses", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def figure_text(mo):
    mo.md(r"""
    ## Touch it: pull at a logit

    *Two classes*: drag the logit z, or its probability. The left plot is the loss, the right one its gradient. The table writes the
    same loss in five ways, in 32 bits; move to z = 20 with the truth *class 0*, and see which of them still pull.

    *Several classes*: four logits, the softmax, and the gradient of each logit; the bars can be dragged. Exchange mean and sum. *A number*:
    squared against absolute error.
    """)
    return


@app.cell(hide_code=True)
def board(figures):
    figures.losses()
    return


@app.cell(hide_code=True)
def bce_text(mo):
    mo.md(r"""
    With p = sigmoid(z), the loss of two classes is

    $$-y \log p - (1 - y) \log(1 - p)$$

    Worked: z = 2 and y = 0 give p = 0.8808 and -ln(1 - 0.8808) = 2.1269. Its gradient by z is p - y = 0.8808:
    **the difference between what was said and what is true.** For several classes it is the same: softmax minus
    one-hot.
    """)
    return


@app.cell(hide_code=True)
def ce_text(mo):
    mo.md(r"""
    $$L = -\sum_k y_k \log \hat y_k = -\log \hat y_c$$

    Cross-entropy of K classes begins at ln K, before anything is learnt: 2.3026 for ten. If yours begins far above
    that, the network is already sure of something. This is our MLP's loss; the network returns logits, and
    `F.cross_entropy` contains the softmax.
    """)
    return


@app.cell(hide_code=True)
def quote_loss(lesson):
    lesson.quote("models/mlp.py::mlp_loss")
    return


@app.cell(hide_code=True)
def train_text(mo):
    mo.md(r"""
    ## Train it: with a wrong loss

    Nothing raises in any of these. Train once as it is, begin again, and break the loss: sigmoid applied twice,
    squared error instead, the sum instead of the mean. Watch how long each takes to get the points right.
    """)
    return


@app.cell(hide_code=True)
def plane(figures):
    figures.plane()
    return


@app.cell(hide_code=True)
def lecture_text(mo):
    mo.md(r"""
    ## The lecture's loss and PyTorch's

    For several classes the lecture writes a binary loss with a term for each class:

    $$-\log \hat p_c - \sum_{k \ne c} \log(1 - \hat p_k)$$

    It **sums** over the classes; `nn.BCELoss()` takes the **mean**. With four classes the lecture's loss and its
    gradient are four times as large. Neither is wrong, but a learning rate fits only one of them. Compare the last
    two rows of the figure's table under *several classes*.
    """)
    return


@app.cell(hide_code=True)
def exercise_mse_and_mae(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Six exercises. The third is a loss that breaks in 32 bits, unless it is written from the logit.
            """),
            lesson.exercise("mse_and_mae"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_cross_entropy(lesson):
    lesson.exercise("cross_entropy")
    return


@app.cell(hide_code=True)
def exercise_bce_with_logits(lesson):
    lesson.exercise("bce_with_logits")
    return


@app.cell(hide_code=True)
def exercise_lecture_bce(lesson):
    lesson.exercise("lecture_bce")
    return


@app.cell(hide_code=True)
def exercise_smooth_targets(lesson):
    lesson.exercise("smooth_targets")
    return


@app.cell(hide_code=True)
def exercise_batch_loss(lesson):
    lesson.exercise("batch_loss")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_losses(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            Two things are learnt at once here, and each loss has one line that is wrong.
            """),
            lesson.exercise("bug_hunt_losses"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            Move the figure to *two classes*, z = 20, the truth *class 0*, and read the third row. So:
            """),
            lesson.ask_again(
                "losses",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "sigmoid(20) rounds to exactly 1 in 32 bits. The 1e-8 keeps the logarithm finite, "
                    "at 18.42, but the loss is now flat, and its gradient is exactly 0. Without the "
                    "1e-8 the loss is inf and the gradient nan. Written from the logit, as "
                    "softplus(z), the loss is 20 and the gradient 1. You can read all of these in the "
                    "figure's table at z = 20. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
