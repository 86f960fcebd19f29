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
def opening(lesson):
    lesson.opening("cnn")
    return


@app.cell(hide_code=True)
def data(lesson):
    images = lesson.load_images(lesson.data_name())
    return (images,)


@app.cell(hide_code=True)
def problem(images, lesson, mo):
    mo.vstack(
        [
            lesson.prose(
                f"""
        ## The problem

        These are {10 * 24} of the {len(images.train_labels):,} handwritten digits that we train on. Some people cross their sevens, some leave their
        fours open, some write thick and some thin. Nobody can write down rules for this. Lesson 5's network learnt a weight of its own for every pixel. Now you know a
        layer that looks for the same thing at every place; what can a network made of such layers do, and what does it see?
        """
            ),
            lesson.wall(images),
        ]
    )
    return


@app.cell(hide_code=True)
def newest_model(mo):
    newest, set_newest = mo.state(None, allow_self_loops=False)
    return newest, set_newest


@app.cell(hide_code=True)
def whose_network(lesson, newest):
    newest()  # looked for again when a training has ended
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
            lesson.prose(r"""
            ## The idea in one picture

            This is the usual drawing of such a network, with a real picture in it. Its boxes are layers: CONV is a convolution, BN batch normalisation (new, explained below),
            POOL pooling (new as well), FC a fully connected layer, SM softmax. Step through it, press a box to learn what it does, and press a
            line of the code to see where it belongs.
            """),
            lesson.choice(whose),
            schema.whole(trained.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **A block is a trio.** The convolution slides its filters over what comes in. **Batch normalisation** (batch norm, BN) brings each map to a
    known mean and spread (standard deviation), so that the next layer always meets numbers of the same size. ReLU keeps what is positive.

    **Blocks are stacked.** The first block finds simple things such as edges. The second looks at the maps of the first, so it finds combinations of edges;
    the third combinations of those. Such a network is called a **CNN**.

    **On the way the maps shrink.** A stride of 2, or **pooling**, which keeps the largest of each 2 × 2 numbers, halves them. What was 28 × 28 becomes 14, 7,
    and at last 3: half of 7, rounded down. Little is left of *where*, but there are more and more maps of *what*.

    **At the end it is an old acquaintance.** The last maps are **flattened**: laid in one row of numbers. A fully connected layer, FC, makes ten scores
    of it, and softmax, SM, turns the scores into probabilities.

    **Batch norm has two modes.** While it trains, it takes mean and spread from the batch at hand. In use there may be only one picture, so it uses
    **running averages** that it has kept while training. That is why `network.eval()` must be called before a network is used.
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
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    You know how large a convolution's map is: $o = \lfloor (i - k + 2p)/s \rfloor + 1$, with $i$ the size of what comes in, $k$ that of the filter, $p$ the padding and $s$ the stride.
    New is batch norm. It looks at each channel, that is each map, by itself. With $x$ one number of it:

    $$y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta$$

    $\mu$ is the mean and $\sigma^2$ the variance of the channel, over all pictures of the batch and all places of the map. $\varepsilon = 0.00001$ only keeps
    the root away from 0. The fraction has mean 0 and spread 1. Then $\gamma$ and $\beta$, which are learnt, give the channel the spread and the mean that suit the
    next layer.

    Worked: a channel holds 1, 3, 5, 7. Its mean is 4, its variance 5. The 7 becomes (7 − 4) / √5 = 1.34; with γ = 2 and β = 1 that is **3.68**.
    """)
    return


@app.cell(hide_code=True)
def mechanism(images, lesson, mo, trained):
    mo.vstack(
        [
            lesson.prose(
                """
        ## The same in code

        The way forward is six lines. The comments give the shapes in letters; on the right stand those of two pictures that went through just now, with the
        number of multiplications and additions that each line took (FLOPs), for both pictures together.
        """
            ),
            lesson.quote(
                "models/cnn.py::CNN.forward", trained.network, images.test_images[:2] / 255
            ),
            lesson.prose(
                "`conv_block` makes the trio. Its convolution has no bias: batch norm subtracts the mean, so a constant that is added before it would vanish, and its own β takes that place."
            ),
            lesson.quote("models/cnn.py::conv_block"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_cnn_forward(lesson):
    lesson.exercise("cnn_forward")
    return


@app.cell(hide_code=True)
def pad_text(lesson):
    lesson.prose(r"""
    ## Touch it: draw a digit

    A test picture lies on the black field. Press **Clear** and draw a digit of your own, or **Example** for the next one. While you draw, your strokes are centred as MNIST's digits were, and go through the network. Every small picture is one feature
    map: what one filter found, and where; *conv2* and *conv3* are drawn before their pooling. The bars are the ten probabilities. *move right* shifts the digit after the centring.

    Press **Gradient**, or click a bar. The figure now runs backwards: it shows how the probability of that class would change if a number changed, at every map
    and at last at the pixels. More ink at an <b style="color: var(--camp-accent)">orange</b> pixel would make the class more likely, more ink at a
    <b style="color: var(--camp-series-1)">blue</b> one less. Draw a 4, ask for the gradient of 9, and see where the network would need a stroke.
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
    ## Open it

    Choose a layer, then one of its maps. The upper row shows each map on the way forward; under it, how the loss would change if that map changed. Each card gives the
    length of the gradient of that layer's weights (the root of the sum of its squares): how hard the loss pulls at them. The numbers on a card are the filters' weights, and for each
    map batch norm's γ and β: in *conv1* 16 · 5 · 5 + 2 · 16 = 432.

    Then click a pixel of the large map. Beside it stands the sum that made it: the window of the input below the filter, times the filter, added up, then batch norm and ReLU.

    **Break it.** Press `train()`: batch norm now uses the batch. The same picture gets another answer, because of the 31 others beside it. With `eval()` it
    uses its running averages (grey), and the answer is the picture's own again.
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

        The step is the one that you know: forward, loss, backward, step.
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
        Press **Start**. It is the same run as `torchcamp train cnn`, and it is kept in your workspace; when it is done, the figures of this page show *your*
        network. In training, each picture is shifted by up to one pixel at random; such changes are called **augmentation**.

        You may move the learning rate while it runs. Too high a rate can ruin a network for good: if the loss stays at 2.3, press **Stop** and **Start** again.
        Under *Shown here* you can always go back to the network that ships. A run can be stopped and resumed because everything it needs is saved in a
        **checkpoint**; an exercise below builds one.
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

        All test pictures went through {words}. These are the ones that it got wrong, most confident first. Some are slips of the network; some you would not
        read right yourself.
        """
            ),
            lesson.worst_mistakes(trained, images),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_flat_features(lesson):
    lesson.exercise("flat_features")
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    With 29,000 numbers, a fifteenth of lesson 5's network, it makes fewer than half of its mistakes on MNIST: 99.4 % right against 98.8 %. It knows about neighbours,
    and it forgives small shifts: when the test pictures are moved by 4 pixels, it still reads 97.0 % right, and the other one 50.7 %. (It was also trained with shifts of one
    pixel, and the other was not.) It does not know that a digit may be turned or much larger than usual, unless training shows it such pictures. And it always answers:
    draw a house, and it will name a digit.

    ## What came of it

    Deeper networks need one more idea: let each block add to what comes in instead of replacing it, so that gradients find a short way back. That is a ResNet; you
    can train ours on colour pictures with `torchcamp train resnet`. Most newer networks for pictures, transformers too, have kept that idea.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(
                """
        ## The question again

        At the pad, draw a digit and use *move right*: by one pixel, two, four, six. So:
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
                    "pixels 76.8 % (python benchmarks/lessons.py)."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack(
        [
            lesson.prose(
                """
        ## More practice

        Once your `ConvNet` passes, reload the page: *Open it* then shows it too.
        """
            ),
            lesson.more_practice("cnn"),
        ]
    )
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("cnn")
    return


if __name__ == "__main__":
    app.run()
