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
    from torchcamp.figures.schemas import mlp as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def question(lesson):
    lesson.opening("mlp")
    return


@app.cell(hide_code=True)
def problem(lesson, mo):
    images = lesson.load_images(lesson.data_name())
    mo.vstack(
        [
            lesson.prose(
                f"""
    ## The problem

    Below are handwritten digits, 24 of each kind. A program should look at a new one
    and say which digit it is. Nobody can write down rules for that: a 4 may be open or closed, a 7
    may have a bar, and every hand is different.

    So we write down no rules. We show a network {len(images.train_labels):,} examples together with the right answers and let it
    change its own weights until it answers well. You know all the parts by now: tensors, activations, a loss,
    gradients. In this lesson they become a loop that learns.
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
    whose = lesson.whose("mlp")
    return (whose,)


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    mlp, words = lesson.shown(whose)
    return mlp, words


@app.cell(hide_code=True)
def picture(images, lesson, mlp, mo, schema, whose):
    mo.vstack(
        [
            lesson.prose(
                """
    ## The idea in one picture

    One training step on one picture, with the numbers of a real network. Press **Next** to go through it:
    first the upper row from left to right, then the way back, then one weight that moves. Press any
    part to read what it is and which line of the code computes it. The examples are pictures that this network finds hard.

    *The MLP that ships* came with this course, already trained. Once you have trained one on this page, you can choose it here.
    """
            ),
            lesson.choice(whose),
            schema.whole(mlp.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **Forward.** The pixels are laid in one row. In a *fully connected* layer every unit has a weight for every
    number before it: it multiplies, adds up, adds its bias, and ReLU sets negative results to 0. Two such layers,
    and a last one with a score (a logit) per class, make a *multilayer perceptron*, MLP for short.

    **Loss.** Softmax turns the scores into probabilities, and cross-entropy says with one number how little
    probability the right class got. The network is as good as this number is small.

    **Backward.** The tape of the last lesson goes back from the loss and finds, for each weight, its gradient: how
    the loss would change if this weight grew a little.

    **Step.** Every weight moves a little against its gradient. The object that does this is the *optimizer*. The simplest
    one is called *SGD*, stochastic gradient descent. Stochastic means random: each step looks at a small random
    batch of pictures, not at all of them, so it is cheap, and its direction is right on average.

    **Again.** When every picture of the *training set* has been used once, an *epoch* is over. The pictures are shuffled
    and the next epoch begins. Shuffling is random, and so are the first weights. A *seed* is the number with which such a sequence of random numbers
    begins: with the same seed, a training can be repeated.

    **Is it any good?** Good answers on the pictures it trained on prove little: a network with this many weights can
    learn them by heart, which is called *overfitting*. So part of the data, the *test set*, is never trained on, and we
    report the *accuracy* there: the share of right answers. Whoever chooses something by looking at a score, say the number of epochs,
    needs a third part for that, the *validation set*, or the test is no longer a test.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "You forget optimizer.zero_grad(), the line that empties the gradients before backward(). What happens to a network that learns digits for one epoch?"
    options = [
        "PyTorch raises an error at the second step.",
        "It learns about as well: only the steps get longer.",
        "It learns badly: each step follows all gradients since the beginning.",
    ]
    lesson.ask("mlp", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    The step of one weight is often written with an equals sign, $W = W - \rho\, \partial L / \partial W$. It is not an equation but an
    assignment, as in a program, so we write an arrow. It holds for every weight by itself:

    $$W \leftarrow W - \rho\, \frac{\partial L}{\partial W}$$

    * $W$: one weight (or bias).
    * $L$: the loss of the batch.
    * $\partial L / \partial W$: the gradient, which `backward()` has written into `W.grad`.
    * $\rho$ (rho): the learning rate, how far to go.

    **Worked:** $W = 0.8$, gradient $0.5$, rate $0.3$. Then $W$ becomes $0.8 - 0.3 \cdot 0.5 = 0.65$. The gradient was positive, so a larger
    $W$ would mean a larger loss, and $W$ gets smaller.

    Other optimizers change the step, not the idea. With *momentum* part of the last move is added to the new one, so a
    direction that many batches agree on gains speed. Adam, which our own runs use, also gives every weight a
    step size of its own.
    """)
    return


@app.cell(hide_code=True)
def mechanism(images, lesson, mlp, mo, words):
    from torchcamp.models.mlp import train_step

    num_weights = sum(p.numel() for p in mlp.network.parameters())
    mo.vstack(
        [
            lesson.prose(
                f"""
    ## The same in code

    Two pictures went through {words.split(":")[0]}, with its {num_weights:,} weights, just now; beside each line stand the shapes
    that it made. `self.hidden` holds the two layers of units, and two more kinds of layer: dropout, explained below, and one that lesson 7 explains.
    """
            ),
            lesson.quote("models/mlp.py::MLP.forward", mlp.network, images.test_images[:2] / 255),
            lesson.prose(
                """
    And this is the loop's body, the same for almost every network you will ever read. Look at the order of three lines.
    `backward()` **adds** to `.grad`, so `zero_grad()` has to empty it first, or old batches would take part in the step.
    `step()` comes last, since it uses what `backward()` has written. And the losses are returned detached: whoever keeps the
    loss itself keeps the whole tape in memory. (`label_smoothing`, an exercise of lesson 3, asks for a little less than certainty; at 0 it
    changes nothing.)
    """
            ),
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
def exercise_train_step(lesson, mo):
    mo.vstack([lesson.prose("Now write it yourself."), lesson.exercise("train_step")])
    return


@app.cell(hide_code=True)
def plane_text(lesson):
    lesson.prose(r"""
    ## Touch it: a step in its four parts

    Here is a network so small that all of its 13 numbers fit on the screen. On the left are 96 points of two colours; the
    background shows what the network thinks of each place. In the middle it stands with its weights (thick lines are
    large weights), on the right is the loss, and below them the tables of all numbers.

    Press **Part of a step** four times. *Forward* computes p for a point, the probability that it is orange (the truth is 1 for orange and 0 for blue); *loss*, lesson 3's
    cross-entropy for two classes, says how wrong the batch of 16 is;
    *backward* writes a gradient beside every weight, and *update* moves them: the last column of the tables says where
    to. Then press **Train** and watch the border between the colours bend.
    """)
    return


@app.cell(hide_code=True)
def plane(figures):
    figures.plane()
    return


@app.cell(hide_code=True)
def break_text(lesson):
    lesson.prose(r"""
    **Break it.** Press *Begin again* before each of these, so that one fault does not spoil the next.

    * *no zero_grad*, with *four corners* and *ReLU*: every step follows the sum of all gradients so far. The old ones were computed where the weights no longer are, and
      they never fade, so the network turns back far too late: the loss swings like a pendulum. Without the fault, 93 % of the points are right after some
      200 steps; with it, about half of them in the end, as by tossing a coin. (With *circle* and *tanh* it does little harm. A fault that an easy task
      forgives is hard to find.)
    * *wrong sign*: the weights go uphill, and the loss climbs.
    * *rate × 100*: each step leaps over the valley and lands on the other side, higher up.
    * *sorted, not shuffled*: a batch holds one class only. The network learns one colour, forgets the other, and the loss of
      the batches goes up and down like stairs.

    If a table shows `nan`, nothing brings these weights back: press *Begin again*.
    """)
    return


@app.cell(hide_code=True)
def modes_text(lesson):
    lesson.prose(r"""
    ## How good is it? Two modes

    Our MLP has *dropout*: while it trains, a random quarter of the hidden units (and a fifth of the pixels) is set to 0 in each step, so that no unit
    can rely on one other unit. The units that stay are made larger (divided by 0.75), so that the sums stay the same on average. That helps against overfitting, and it makes the
    network worse while it is on. When we use the network nothing should be dropped. Such layers therefore have two modes: `network.train()` switches to *training mode*,
    `network.eval()` to *eval mode*. Each layer keeps its own mode in its attribute `training`, True or False. Whoever measures accuracy in training mode measures a network with a quarter of its units
    missing. And since measuring needs no gradients, it is done under `torch.no_grad()`. In the exercise you measure it properly.
    """)
    return


@app.cell(hide_code=True)
def exercise_evaluate(lesson):
    lesson.exercise("evaluate")
    return


@app.cell(hide_code=True)
def train_text(lesson):
    lesson.prose(r"""
    ## Train it

    Press **Start**. It is the same run as `torchcamp train mlp` in a terminal, and it is kept in your workspace. The line is the
    loss of the training batches, with dropout on; the dots are the test pictures, after each epoch, with dropout off (we only watch them; whoever chose the rate by these dots would need a validation set). That
    is why the dots can lie below the line.

    Move the learning rate while it runs. Somewhere above the starting value the loss jumps. **A network can be ruined this
    way:** if the loss then stays near 2.30, which is ln 10, the loss of guessing among ten classes, going back to a small rate does not
    mend it. The line below the button says so. Press **Stop**, then **Start**, for a fresh network. Above, under *Shown here*, you can
    always go back to the one that ships.
    """)
    return


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
def look(images, lesson, mlp, mo, words):
    mo.vstack(
        [
            lesson.prose(
                f"""
    ## Look at its mistakes

    All test pictures went through {words}. These it got wrong, those it was most confident about first. Some are slips of
    the network; some you would not read right yourself.
    """
            ),
            lesson.worst_mistakes(mlp, images),
        ]
    )
    return


@app.cell(hide_code=True)
def good_and_bad(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    An MLP takes any row of numbers: pixels, measurements, the columns of a table. It is fast, short to write, and with
    two layers already strong. But it does not know which pixels are neighbours. Shuffle the pixels of all pictures in
    the same way, and it learns exactly as well. For the same reason a digit that has moved is a new digit to it: the one that ships gets
    98.8 % of MNIST's test pictures right, 93.4 % when they are moved by 2 pixels, and 50.7 % when they are moved by 4 (`python benchmarks/lessons.py`). The
    next two lessons are about networks that know what a neighbour is.

    ## What came of it

    It never left. In a standard transformer, the kind of network behind today's language
    models, the same group of layers, called a block, is repeated many times. Each block holds an MLP with one hidden layer, and about two thirds of the block's weights are in it. And the loop of
    this lesson, forward, loss, backward, step, trains those models too.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
    ## The question again

    In the figure with the 13 numbers, choose *four corners* and *ReLU*. Train for some 500 steps, once as it is, and once from *Begin again* with *no zero_grad*
    ticked. Read below the figure how many points are right. Then:
    """),
            lesson.ask_again(
                "mlp",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "backward() adds to .grad, so the hundredth step follows the sum of a hundred "
                    "gradients. The steps do get longer, but above all they point the wrong way: the old "
                    "gradients were computed at weights that the network has left. Measured on MNIST with a network of 784-128-10 units, SGD with rate 0.1, one "
                    "epoch, three seeds (python benchmarks/lessons.py): 91.1 % of the test images right as "
                    "it should be, 42 to 50 % without zero_grad. Sorted by class instead of shuffled: "
                    "10.1 %, since the network has just forgotten all classes but the last."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("mlp")])
    return


@app.cell(hide_code=True)
def end(lesson):
    lesson.closing("mlp")
    return


if __name__ == "__main__":
    app.run()
