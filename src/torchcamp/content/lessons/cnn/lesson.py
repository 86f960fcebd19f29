import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Convolutional network on MNIST",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson

    return lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md("""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Convolutional network on MNIST

    A network of 29,000 numbers reads handwritten digits almost without a mistake.
    **What does it see in a digit, and which pixels made it say so?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "You move a digit by two pixels. How does the network's answer change?"
    options = [
        "Not at all: a convolution does not care where something is.",
        "A little: the maps move along, and the pooling swallows part of it.",
        "Completely: every pixel has weights of its own.",
    ]
    lesson.ask("cnn", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def network_in_use(lesson):
    images = lesson.load_images(lesson.data_name())
    trained, words = lesson.own("cnn")
    return images, trained, words


@app.cell(hide_code=True)
def pad_text(mo):
    mo.md("""
    ## Draw a digit

    Your strokes are fitted into 28 × 28 pixels the way MNIST's digits were, then go through the
    network while you draw. Each small picture is one **feature map**: what one filter found, and
    where. On the right, the softmax of its ten logits.
    """)
    return


@app.cell(hide_code=True)
def draw_pad(images, lesson, trained, words):
    pad = lesson.pad(trained, words, images)
    pad.widget
    return (pad,)


@app.cell(hide_code=True)
def pad_gradient(mo):
    mo.md("""
    Press **Gradient**, or click a bar. The figure then runs backwards: it shows the gradient of
    that class's log-probability at every map, and last at the pixels. More ink at an
    <b style="color: #fb923c">orange</b> pixel would make the class more likely, more ink at a
    <b style="color: #6096ff">blue</b> one less. Draw a 4, ask for the gradient of 9, and see
    where the network would need a stroke.
    """)
    return


@app.cell(hide_code=True)
def mechanism(images, lesson, mo, trained):
    mo.vstack(
        [
            mo.md(
                """
    ## The mechanism

    The way forward is six lines. Behind each stands the shape of what it makes, as a comment and
    as it was when two pictures went through just now: a batch of `B` pictures becomes 16, 32 and
    64 maps that shrink from 14 to 3 pixels a side, and at last one logit per class. On the right,
    the multiplications and additions that it took.
    """
            ),
            lesson.quote(
                "models/cnn.py::CNN.forward", trained.network, images.test_images[:2] / 255
            ),
            mo.md(
                """
    A block is the lecture's trio. The convolution slides small filters over the picture, batch
    normalisation brings each map to a known spread, and ReLU keeps what is positive.
    """
            ),
            lesson.quote("models/cnn.py::conv_block"),
            mo.md(
                r"""
    A filter of size $k$ that moves $s$ pixels at a time over an input of size $i$ with $p$ pixels
    of padding fits

    $$o = \left\lfloor \frac{i - k + 2p}{s} \right\rfloor + 1$$

    times. For the first layer, $\lfloor (28 - 5 + 4)/2 \rfloor + 1 = 14$.
    """
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def train_text(images, lesson, mo, trained):
    from torchcamp.models.cnn import train_step

    mo.vstack(
        [
            mo.md(
                """
    ## Train your own

    One training step is forward, loss, backward, step. Nothing else learns.
    """
            ),
            lesson.quote_step(
                "models/cnn.py::train_step",
                train_step,
                [trained.network],
                (images.test_images[:2] / 255, images.test_labels[:2]),
            ),
            mo.md(
                """
    Press **Start**. It is the same run as `torchcamp train cnn`: it lands in your workspace, and
    the pad above asks *your* network when it is done. Move the learning rate while it runs, up
    until the loss jumps, then down again. **Stop** keeps what was learnt so far.
    """
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def newest_model(mo):
    newest, set_newest = mo.state(None, allow_self_loops=False)
    return newest, set_newest


@app.cell(hide_code=True)
def train(images, lesson, pad, set_newest):
    training = lesson.training(
        "cnn",
        data=images.name,
        epochs=2,
        rate=0.01,
        on_network=pad.replace,
        on_end=lambda run: set_newest(str(run)),
    )
    training.widget
    return


@app.cell(hide_code=True)
def anatomy_text(mo):
    mo.md(r"""
    ## Open it

    Choose a layer, then a map. Above, the picture's way forward; below each map the gradient of
    the loss by it, on its way back. Each card says how long the gradient of its weights is.

    **Batch norm** brings each channel to mean 0 and spread 1. While it trains it takes both from the batch:

    $$y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta$$

    and keeps a running average of them (grey) for use. Press `train()`: the same picture gets
    another answer, because of the 31 others in its batch.
    """)
    return


@app.cell(hide_code=True)
def anatomy(images, lesson, newest):
    newest()  # opened again when a training has ended
    lesson.anatomy(images)
    return


@app.cell(hide_code=True)
def look(images, lesson, mo, newest):
    newest()  # judged again when a training has ended
    _trained, _words = lesson.own("cnn")
    mo.vstack(
        [
            mo.md(
                f"""
    ## Look at its mistakes

    The whole test set went through {_words}. What it got wrong, most confident first: some are
    slips of the network, some you would not read right yourself.
    """
            ),
            lesson.worst_mistakes(_trained, images),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_flat_features(lesson, mo):
    mo.vstack(
        [
            mo.md("""
    ## Try it yourself

    Eight exercises lead from the maps to a network that you built, that can be stopped and gone on
    with, and that answers for one drawn digit. Once your `ConvNet` passes, reload the page: the
    figure above opens it too.
    """),
            lesson.exercise("flat_features"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_cnn_forward(lesson):
    lesson.exercise("cnn_forward")
    return


@app.cell(hide_code=True)
def exercise_conv_net(lesson):
    lesson.exercise("conv_net")
    return


@app.cell(hide_code=True)
def exercise_batch_norm(lesson):
    lesson.exercise("batch_norm")
    return


@app.cell(hide_code=True)
def exercise_dropout(lesson):
    lesson.exercise("dropout")
    return


@app.cell(hide_code=True)
def exercise_predict_one(lesson):
    lesson.exercise("predict_one")
    return


@app.cell(hide_code=True)
def exercise_checkpoint(lesson):
    lesson.exercise("checkpoint")
    return


@app.cell(hide_code=True)
def exercise_load_weights(lesson):
    lesson.exercise("load_weights")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_cnn(lesson, mo):
    mo.vstack(
        [
            mo.md("""
    ## Bug hunt

    Reading code is half of the craft. This one has two lines that do not raise and do harm.
    """),
            lesson.exercise("bug_hunt_cnn"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(
                """
    ## The question again

    Draw a digit, look at the maps, press **Clear** and draw it in a corner: the pad centres it, as
    MNIST's digits were. Your network has seen shifts of one pixel only. So:
    """
            ),
            lesson.ask_again(
                "cnn",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "A convolution uses the same filter everywhere, so its maps move along with "
                    "the digit, and the two poolings round part of that away. But the last layer "
                    "has a weight of its own for each of the 3 x 3 places, so it does care. "
                    "Measured on MNIST's test set with the network that ships: moved by 2 pixels "
                    "to the right, 99.2 % instead of 99.4 % are right; by 4 pixels 97.0 %, by 6 "
                    "pixels 76.8 %."
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
