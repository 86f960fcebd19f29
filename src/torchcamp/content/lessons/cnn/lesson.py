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
    from torchcamp.figures.schemas import cnn as schema

    return lesson, mo, schema


@app.cell(hide_code=True)
def question(lesson):
    lesson.opening("cnn")
    return


@app.cell(hide_code=True)
def problem(lesson, mo):
    images = lesson.load_images(lesson.data_name())
    mo.vstack(
        [
            lesson.prose(
                """
    ## The problem

    The MLP reads digits well as long as they stand where they stood in training. Moved by 4 pixels, only half of them are read right. The filters
    of the last lesson are used at every place, so what they find moves along. How do we build a network from
    them that ends in ten scores, and which pixels will it look at?

    These are the digits again, one row for each class. Look along a row: what do all the fours have in common, and what not?
    """
            ),
            lesson.wall(images),
        ]
    )
    return (images,)


@app.cell(hide_code=True)
def newest_model(mo):
    newest, set_newest = mo.state(None, allow_self_loops=False)
    return newest, set_newest


@app.cell(hide_code=True)
def whose_network(lesson, newest):
    newest()  # made again when a training has ended
    whose = lesson.whose("cnn")
    return (whose,)


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    trained, words = lesson.shown(whose)
    return trained, words


@app.cell(hide_code=True)
def picture(images, lesson, mo, schema, trained, whose):
    mo.vstack(
        [
            lesson.prose(
                """
    ## The idea in one picture

    A digit goes through a trained network, block by block, as the lecture draws it: CONV, BN, ReLU, FC, SM. Press **Next**; all numbers
    are of the network and the picture that you see.
    """
            ),
            lesson.choice(whose),
            schema.whole(trained.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **CONV.** Sixteen filters slide over the picture and make sixteen feature maps. The second layer's filters look at all sixteen maps at once, the third layer's at
    those of the second. So the first finds edges, the next combinations of edges, the last parts of digits.

    **BN.** *Batch normalisation* keeps the numbers on a known scale. Without it, each layer would have to follow every change of the layers before it; with it,
    networks train faster and forgive a rate that is not quite right.

    **ReLU.** What is negative becomes 0: either the pattern is there, or it is not.

    **Pooling.** Of each 2 × 2 numbers only the largest is kept. The maps shrink, and it matters a little less where exactly something was.

    **FC and SM.** At the end 64 maps of 3 × 3 are left. *Flatten* lays their 576 numbers in one row, a fully connected layer makes ten scores (logits) of them, and softmax makes
    probabilities of the scores.

    **Learning** is the loop that you know: forward, loss, backward, step. One thing is added, *augmentation*: each training picture is shifted at random by up to one pixel, so
    that the network meets more than was written.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "In training the digits were shifted by at most one pixel. You now move one by two pixels to the right. How does the network's answer change?"
    options = [
        "Not at all: a convolution does not care where something is.",
        "A little: the maps move along, and the pooling swallows part of it.",
        "Completely: every pixel has weights of its own.",
    ]
    lesson.ask("cnn", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    The sizes follow from the last lesson's formula, $o = \lfloor (i - k + 2p)/s \rfloor + 1$. First layer: $\lfloor (28 - 5 + 4)/2 \rfloor + 1 = 14$. The next two use
    $k = 3$, $p = 1$, $s = 1$, which keeps the size, and pooling halves it, rounded down: 14, 7, 3.

    **Batch norm** works on each channel by itself:

    $$y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta$$

    * $x$: one number of the channel, $y$: what becomes of it.
    * $\mu$ and $\sigma^2$: mean and variance of the channel over the batch and over all places. The fraction therefore has mean 0 and spread 1.
    * $\gamma$ and $\beta$: two learnt numbers per channel, which give it another spread and mean if that is better.
    * $\varepsilon$: a tiny number, so that nobody divides by 0.

    **Worked:** a channel with mean 2 and variance 4, $\gamma = 3$, $\beta = 1$. Its number 4 becomes $3 \cdot (4 - 2)/2 + 1 = 4$, its number 2 becomes $1$.

    When the network is *used* there may be no batch, only one picture. So while it trains the layer keeps running averages of $\mu$ and $\sigma^2$, and in eval mode it uses those.
    That is a second reason to call `network.eval()`.
    """)
    return


@app.cell(hide_code=True)
def mechanism(images, lesson, mo, trained, words):
    mo.vstack(
        [
            lesson.prose(
                f"""
    ## The same in code

    Six lines. The comment at the end of each says the shape in letters; beside it stands the shape in numbers, as two pictures
    went through {words.split(":")[0]} just now. Watch the maps become smaller and more: `B` pictures of one channel become 16, 32 and 64 maps, and at last one score per class.
    """
            ),
            lesson.quote(
                "models/cnn.py::CNN.forward", trained.network, images.test_images[:2] / 255
            ),
            lesson.prose(
                """
    And one block. The convolution has no bias here, since the batch norm after it has one of its own, $\\beta$.
    """
            ),
            lesson.quote("models/cnn.py::conv_block"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_flat_features(lesson):
    lesson.exercise("flat_features")
    return


@app.cell(hide_code=True)
def exercise_cnn_forward(lesson):
    lesson.exercise("cnn_forward")
    return


@app.cell(hide_code=True)
def pad_text(lesson):
    lesson.prose("""
    ## Touch it: draw a digit

    On the left a test picture lies on the pad; press **Clear** and draw one of your own, or **Example** for the next. Your strokes are scaled and centred the way MNIST's digits were, then
    go through the network while you draw. In the middle are its feature maps, on the right the probabilities.

    * *Move right* shifts the picture **after** the centring. Move it pixel by pixel and watch the maps move along, and the probabilities.
    * Press **Gradient**, or a bar. The figure then runs backwards: it shows how the logarithm of that class's probability would change, at every map and at last at the
      pixels. More ink at an <b style="color: light-dark(#c2410c, #fb923c)">orange</b> pixel would make the class more likely, at a <b style="color: light-dark(#1d4ed8, #6096ff)">blue</b>
      one less likely. Draw a 4, ask for the gradient of 9, and see where it lacks a stroke.
    """)
    return


@app.cell(hide_code=True)
def draw_pad(images, lesson):
    pad = lesson.pad(*lesson.own("cnn"), images)
    pad.widget
    return (pad,)


@app.cell(hide_code=True)
def network_on_pad(pad, trained, words):
    pad.replace(trained.network, words)  # what is drawn stays
    return


@app.cell(hide_code=True)
def anatomy_text(lesson):
    lesson.prose(r"""
    ## Open it: forward and backward, layer by layer

    Choose a layer, then a map. The upper row shows each map on the forward pass; under it, how the loss would change if that map changed. Each card shows the length of the
    gradient of that layer's weights: how hard the loss pulls at it.

    **Break it:** press `train()`. Batch norm now takes mean and variance from the batch, and the same picture gets another answer, because of the 31 other pictures in its
    batch. This is what happens to everyone who forgets `eval()`.
    """)
    return


@app.cell(hide_code=True)
def anatomy(images, lesson, trained, words):
    lesson.anatomy(images, trained, words)
    return


@app.cell(hide_code=True)
def train_text(images, lesson, mo, trained):
    from torchcamp.models.cnn import train_step

    mo.vstack(
        [
            lesson.prose(
                """
    ## Train it

    A training step: predict, measure the loss, compute the gradients, move the weights. Learning is this, repeated.
    """
            ),
            lesson.quote_step(
                "models/cnn.py::train_step",
                train_step,
                [trained.network],
                (images.test_images[:2] / 255, images.test_labels[:2]),
            ),
            lesson.prose(
                """
    Press **Start**. It is the same run as `torchcamp train cnn`; it lands in your workspace, and all figures of this page show *your* network when it is done. **Stop** keeps
    what was learnt so far. The weights are saved as a *state_dict*, a dictionary of tensors; a *checkpoint* holds the optimizer's memory and the random state as well, so that a
    stopped run can go on as if nothing had happened.

    Move the learning rate while it runs. **Too high a rate can ruin a network for good:** if the loss stays near 2.30, that of guessing, press **Stop** and **Start** for a fresh one. A network that
    only guesses is not shown first, and under *Shown here* at the top you can always choose the one that ships.
    """
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def train(images, lesson, set_newest):
    training = lesson.training(
        "cnn",
        data=images.name,
        epochs=2,
        rate=0.01,
        on_end=lambda run: set_newest(str(run)),
    )
    training.widget
    return


@app.cell(hide_code=True)
def look(images, lesson, mo, trained, words):
    mo.vstack(
        [
            lesson.prose(
                f"""
    ## Look at its mistakes

    All test pictures went through {words}. These it got wrong, those it was most confident about first: some are
    slips of the network, some you would not read right yourself.
    """
            ),
            lesson.worst_mistakes(trained, images),
        ]
    )
    return


@app.cell(hide_code=True)
def good_and_bad(lesson):
    lesson.prose(r"""
    ## What it is good at, and what not

    The CNN that ships has 29,434 numbers to learn, the MLP of lesson 5 has 453,898; the CNN reads 99.4 % of MNIST's test pictures right, the MLP 98.8 %. Sharing weights is not only cheaper
    but better. Moved by 4 pixels, the CNN still reads 97.0 % right and the MLP 50.7 % (`python benchmarks/lessons.py`; the CNN also had the augmentation by one pixel).

    What it cannot do: it always gives one of its ten answers, often with great confidence, also for a letter or a face. And it knows nothing about
    turned or mirrored pictures unless training showed it some.

    ## Where it went since

    Deeper: with a shortcut around every two convolutions (residual networks, 2015), networks of a hundred layers became trainable. Batch norm has
    largely been replaced by norms that look at one example only: layer norm in transformers, group norm in many diffusion models. And where a picture must be read on a telephone,
    convolutions are still the usual choice.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(
                """
    ## The question again

    Go back to the pad and set *move right* to 2, then further, with several examples. So:
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


@app.cell(hide_code=True)
def practice(lesson, mo):
    mo.vstack(
        [
            lesson.prose(
                """
    ## More practice

    Once your `ConvNet` passes, reload the page: the figure above opens it too.
    """
            ),
            lesson.more_practice("cnn"),
        ]
    )
    return


@app.cell(hide_code=True)
def end(lesson):
    lesson.closing("cnn")
    return


if __name__ == "__main__":
    app.run()
