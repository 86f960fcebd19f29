import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Recurrent network",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import rnn as figures
    from torchcamp.figures.schemas import rnn as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("rnn")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    The networks so far take inputs of one fixed size. A sentence has any length, and so has a melody, or a day of
    measurements. The order matters, and something read long ago may decide what comes next: after an opening
    bracket, a closing one must follow sooner or later.

    We want a network that reads one piece after the other, remembers what matters, and says at every moment what it expects
    next. A network that can do that can also write: let it expect, pick one of the expected letters, read it, and go on.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("rnn")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    rnn, words = lesson.shown(whose)
    return rnn, words


@app.cell(hide_code=True)
def picture_text(lesson):
    lesson.prose(r"""
    ## The idea in one picture

    Below is a **recurrent network**, RNN for short, so small that you can see all of its memory: eight numbers. When this page was opened it learnt
    three words: *lesson*, *letter* and *legend*. Press **Next** to follow it through one of them.
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

    **One cell, used again and again.** At each step the cell gets two things: the next piece of the input, and a list of
    numbers that it made itself one step before. This list is its *state*. From both it makes a new state. Whatever the network is to
    remember must be in there.

    **Unrolling.** Draw the cell once for each step, with an arrow from each copy to the next, and the loop becomes a long
    chain: that is **unrolling**. It is only another drawing. There is one cell and one set of weights, however long the input.

    **It expects.** A linear layer and a softmax turn the state into a probability for each possible next letter. A network that
    does this is called a **language model**.

    **It pays for surprises.** The letter that really comes has a price: $-\ln$ of the probability that the network gave it. A letter
    it was sure of costs nearly nothing, a surprise costs much. The sum of the prices is the loss, the cross-entropy that you know.

    **It learns backwards in time.** The unrolled chain is a deep network, as deep as the text is long, and gradients
    flow through it as through any other. Since all copies share their weights, each copy adds its part to the same gradient.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "In the picture, the network is asked which letter comes next. Suppose you forget to shift the targets by one: it is asked for the letter that it has just read. What do you see?"
    options = [
        "An error: inputs and targets overlap.",
        "The loss stays as bad as guessing.",
        "The best loss you ever had, and it writes one letter for ever.",
    ]
    lesson.ask("rnn", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    $$h_t = \tanh(x_t W_x + h_{t-1} W_h + b), \qquad h_0 = 0$$

    $x_t$ is the input at step $t$: for a letter, a row of zeros with a one at the letter's place. $h_{t-1}$ is the state of one step before.
    $W_x$ and $W_h$ are the weights for the two, $b$ is a bias, and $h_t$ is the new state.

    **Worked**, with a state of a single number: $W_x = 1$, $W_h = 0.5$, $b = 0$, and the input 1, then 0. The state becomes
    $\tanh(1)$ = 0.762, and then $\tanh(0.5 \cdot 0.762)$ = 0.364. The second input was 0, and yet the state is not: it remembers.

    **The probability of a whole text** follows from the product rule, without any approximation:

    $$p(x) = \prod_t p(x_t \mid x_1 \dots x_{t-1}) \qquad\text{so}\qquad -\ln p(x) = \sum_t -\ln p(x_t \mid x_1 \dots x_{t-1})$$

    The product sign means: multiply over all steps. Added up, the prices are $-\ln p$ of the whole text, exactly. In the picture, a
    letter that got one third costs $-\ln \frac{1}{3}$ = 1.10 nats and the others almost nothing, so the word costs about 1.1, which means a
    probability of one third.

    **How good is a price?** Somebody who guesses among $V$ characters, all alike, pays $\ln V$ for each: with 65
    characters 4.17 nats. A model that has learnt something is below. $e$ to the mean price is called the **perplexity**: with 1.5 nats
    a character it is 4.5, as unsure as if 4.5 characters were equally likely each time.
    """)
    return


@app.cell(hide_code=True)
def exercise_unroll(lesson):
    lesson.exercise("unroll")
    return


@app.cell(hide_code=True)
def gates_text(lesson):
    lesson.prose(r"""
    ## A cell that can keep things

    The plain cell has a weakness. Going back one step multiplies the gradient by the weights and by the slope of $\tanh$, and going
    back 50 steps does it 50 times. With a factor of 0.9, only $0.9^{50}$ = 0.005 of it remains: what happened long ago cannot be learnt. A factor
    of 1.1 makes $1.1^{50}$ = 117 of it: one step of training can throw the weights far away.

    Against gradients that become too large, one shortens them before the step: **gradient clipping**. Against those that vanish, one
    gives the cell **gates**. The gated recurrent unit, **GRU**, has two. Step through one in the network that reads pictures row by row:
    """)
    return


@app.cell(hide_code=True)
def gates(images, rnn, schema):
    schema.gated(rnn.network, images)
    return


@app.cell(hide_code=True)
def mechanism(figures, images, lesson, mo, rnn, words):
    from torchcamp.models.rnn import train_step

    mo.vstack(
        [
            lesson.prose(
                rf"""
        In formulas, with $\odot$ for "number by number":

        $$r = \sigma(x W_r + h U_r + b_r) \qquad z = \sigma(x W_z + h U_z + b_z)$$

        $$n = \tanh\big(x W_n + b_n + r \odot (h U_n + c_n)\big) \qquad h' = (1 - z) \odot n + z \odot h$$

        $r$ and $z$ are the gates, $n$ is the proposal, $h$ the old state and $h'$ the new one. $\sigma$ is the sigmoid; the $W$ are
        weights for the input $x$, the $U$ for the state, and the $b$ and $c_n$ are biases.

        ## The same in code

        The cell, as it ran just now on a row of two pictures ({words}). All three matrices for $x$
        are stored as one, and cut apart after the product: look for the number
        {3 * rnn.network.config.hidden_size} in the shapes.
        """
            ),
            lesson.quote("models/rnn.py::gru_cell", figures.one_step, rnn.network, images),
            lesson.prose(
                """
        A training step on two whole pictures. `nats` adds up the prices of all rows; `clip_grad_norm_`
        shortens a gradient that is longer than `max_norm`, and does nothing to any other.
        """
            ),
            lesson.quote_step(
                "models/rnn.py::train_step",
                train_step,
                [rnn.network],
                (images.test_images[:2] > 127).float(),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def batches_text(lesson):
    lesson.prose(r"""
    ## A long text in pieces

    A book has hundreds of thousands of letters: too long for one chain. So the text is cut into pieces of, say, 50 letters. The
    state goes on from piece to piece, but the gradient stops at the cut: **truncated backpropagation**. And the target of each
    letter is the letter after it. This shift by one is all that separates a language model from a copying machine.
    """)
    return


@app.cell(hide_code=True)
def exercise_make_batches(lesson):
    lesson.exercise("make_batches")
    return


@app.cell(hide_code=True)
def rows_text(lesson):
    lesson.prose(r"""
    ## Touch it: a picture, row by row

    A picture can be read like a text: the letters are its rows of 28 pixels. This network has a state of 256 numbers. In each line you
    see, from left to right: the number of the row, what the network expected there, its state, what really came,
    and the price in nats.

    1. Draw a digit. Which rows are expensive? Look at where a stroke begins, and where it goes straight on.
    2. Move **rows given** to 12. From there on the network draws by itself, six times: it picks a row from what it expects, reads it, and
       goes on.
    3. Move the **temperature**. It divides the logits before the softmax. Below 1 the likely becomes likelier still, and the six become
       alike; above 1 the unlikely gets its chance, and strokes begin to tremble.
    """)
    return


@app.cell(hide_code=True)
def rows(figures, images, lesson, mo, rnn, whose):
    mo.vstack([lesson.choice(whose), figures.unrolled(rnn.network, images)])
    return


@app.cell(hide_code=True)
def writing_text(lesson):
    lesson.prose(r"""
    ## Train it: it learns to write

    A fresh network with a state of 96 numbers, and an English text that comes with every Python. The coloured columns are the states
    after each letter of what you typed; below, the letters it expects next, what it would write, and the mean price
    of the last steps beside the price of guessing.

    1. Press **Learn**. First it finds out how often each letter occurs, then syllables, then words.
    2. Type a beginning of your own. Which rows of the state change at a space? Which stay as they are?
    3. **Break it:** move the temperature to 0.1. It falls into a loop and repeats itself. At 2 it writes nonsense. Between 0.5
       and 1 it writes best; the slider only matters for writing, so nothing you do to it harms the training.

    In a terminal, `torchcamp train rnn --data text` trains a larger one, and `--data text:FILE` trains it on a text of yours.
    """)
    return


@app.cell(hide_code=True)
def writing(figures, lesson):
    figures.writing(lesson.load_text("text"))
    return


@app.cell(hide_code=True)
def judgement(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    A recurrent network reads inputs of any length with a state of fixed size, so each step costs the same, after ten letters or after
    ten million. It gives an exact probability for every text or picture. It needs no labels: the text is its own target.

    Its weaknesses: everything it knows must fit into the state, so it forgets. And it has to read one step after the other;
    a processor that could do a thousand steps at once has to wait. It draws pictures pixel after pixel, in reading order, which
    takes long.

    ## What came of it

    Gated cells (LSTM from 1997, GRU from 2014) translated, transcribed speech and wrote captions for a decade. Since 2017 *transformers* have taken
    their place. They keep all earlier letters instead of one state, and look back at any of them by a mechanism called attention, so
    training can handle all positions at once. What you learnt here is still true of them: the large language models of today
    have the same product of probabilities, the same shift by one, the same loss in nats and the same temperature. Newer
    recurrent cells, called state-space models, try to bring the constant cost per step back.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            In the last figure, look at the price your network reached, and think of what somebody pays who knows English well: nobody
            knows every next letter. What would a price near 0 tell you?
            """),
            lesson.ask_again(
                "rnn",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "It only needs to copy. Measured after 600 steps on an English text, with a state of 96 numbers "
                    "(python benchmarks/lessons.py): shifted, 1.52 nats per character, and it writes "
                    "'subclass context string is'; not shifted, 0.001 nats, and it writes spaces "
                    "without end. So this is how you notice that a network can see the answer: the "
                    "loss is too good. Nobody can know the next character of a text that well. "
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("rnn")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("rnn")
    return


if __name__ == "__main__":
    app.run()
