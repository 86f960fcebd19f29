import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Restricted Boltzmann machine",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import rbm as figures
    from torchcamp.figures.schemas import rbm as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("rbm")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    The last lesson's model read a picture row by row, and all that it carried from one row to the next was the name of a state. Now we ask for something
    harder: a machine that knows what whole digits look like, so well that it can draw new ones, finish a half-drawn one, and say how likely a
    given picture is. Such a machine is a **generative model**: it models the pictures themselves, and needs no labels.

    A black-and-white picture of 28 × 28 pixels can look in $2^{784}$ ways, a number with 237 digits. Almost all
    of them look like the snow of an old television. The machine has to give nearly all of its probability to
    the few that look like digits.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("rbm")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    rbm, words = lesson.shown(whose)
    return rbm, words


@app.cell(hide_code=True)
def picture_text(lesson):
    lesson.prose(r"""
    ## The idea in one picture

    A restricted Boltzmann machine, **RBM** for short, has two layers of bits and one table of weights between them.
    Press **Next** to see a picture switch hidden bits on, and the hidden bits draw a new picture. The numbers
    come from a trained machine.
    """)
    return


@app.cell(hide_code=True)
def picture(images, rbm, schema):
    schema.whole(rbm.network, images)
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **Two layers.** The *visible units* are the pixels of the picture. The *hidden units* are bits that nobody
    sees. You can think of each as a question about the picture, such as "is there a stroke at the top left?",
    with the answer yes or no. Nobody writes these questions down: they are learnt.

    **One weight for each pair.** Every pixel is tied to every hidden unit. A positive weight says "these two like to be 1
    together", a negative one "rather not". Within a layer there are no ties; this is what *restricted* means. It makes
    everything simple: once the picture is known, no hidden unit depends on another one, so all
    can be drawn at once.

    **Up and down.** A picture pulls at each hidden unit; the sigmoid turns the pull into a probability, and a draw turns
    the probability into a bit. Then the hidden bits pull at the pixels in the same way, through the same weights, and a new
    picture is drawn. Up and down is one step of **Gibbs sampling**. Repeated often, it wanders through the pictures that
    the machine finds likely, whatever it began with.

    **Energy.** One number says how well a picture and a set of hidden bits fit each other: their **energy**. Like a ball in a
    landscape, the machine is found in the valleys: low energy, high probability. Learning shapes the
    landscape so that the digits lie in the valleys.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "In the picture, every hidden bit is drawn before it pulls at the pixels. Suppose you skip this draw and let each hidden unit pull with its probability, say 0.6, instead of 0 or 1. What becomes of the chain of pictures?"
    options = [
        "Nothing changes: on average a drawn bit is its probability.",
        "It gets stuck: the pictures change much more slowly.",
        "It falls apart: the pictures turn into snow.",
    ]
    lesson.ask("rbm", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    $$E(v, h) = -\sum_i b_i v_i - \sum_j c_j h_j - \sum_{i,j} v_i\,W_{ij}\,h_j$$

    Here $v_i$ is pixel $i$ and $h_j$ is hidden bit $j$, each 0 or 1. $W_{ij}$ is the weight between them. $b_i$ and $c_j$
    are biases: how much a unit likes to be 1 by itself. The minus signs make the energy low where units that
    like each other are on together. The probability of a pair is

    $$p(v, h) = \frac{e^{-E(v, h)}}{Z}, \qquad Z = \sum_{\text{all } v,\,h} e^{-E(v, h)}$$

    $Z$ is called the **partition function**. It is there so that all probabilities add up to 1.

    **Worked, with one pixel and one hidden bit.** Take $W = 2$, $b = 1$, $c = 0$. There are four pairs:

    | $v$ | $h$ | energy $E$ | $e^{-E}$ | probability |
    | :-: | :-: | ---: | ---: | ---: |
    | 0 | 0 | 0 | 1.00 | 0.04 |
    | 0 | 1 | 0 | 1.00 | 0.04 |
    | 1 | 0 | −1 | 2.72 | 0.11 |
    | 1 | 1 | −3 | 20.09 | 0.81 |
    | | | | $Z$ = 24.80 | 1.00 |

    **Where the sigmoid comes from.** Switching $h_j$ from 0 to 1 lowers the energy by $a = c_j + \sum_i v_i W_{ij}$: its pull.
    So 1 is $e^a$ times as likely as 0, and its probability is $e^a / (1 + e^a) = \sigma(a)$:

    $$p(h_j = 1 \mid v) = \sigma\Big(c_j + \sum_i v_i W_{ij}\Big) \qquad
      p(v_i = 1 \mid h) = \sigma\Big(b_i + \sum_j W_{ij} h_j\Big)$$

    In the table, with $v = 1$ the pull is 2: $\sigma(2) = 0.88$, and indeed 20.09 / (2.72 + 20.09) = 0.88.

    **The energy of a picture alone.** We see only $v$. Adding up $e^{-E}$ over all hidden bits gives a picture's own probability, and
    minus the logarithm of that sum is called its **free energy**:

    $$F(v) = -\log \sum_h e^{-E(v, h)} = -\sum_i b_i v_i - \sum_j \log\left(1 + e^{c_j + \sum_i v_i W_{ij}}\right),
      \qquad p(v) = \frac{e^{-F(v)}}{Z}$$

    In the table: $F(1) = -\ln(2.72 + 20.09) = -3.13$ and $F(0) = -\ln 2 = -0.69$. A picture whose $F$ is lower by 10 is
    $e^{10}$ = 22,026 times as likely. That comparison needs no $Z$, which is lucky: for 784 pixels nobody can add up $Z$.
    """)
    return


@app.cell(hide_code=True)
def exercise_free_energy(lesson):
    lesson.exercise("free_energy")
    return


@app.cell(hide_code=True)
def mechanism(figures, images, lesson, mo, rbm, words):
    mo.vstack(
        [
            lesson.prose(
                f"""
        ## The same in code

        One step down and up, as it went through {words} just now with two of its chains.
        The first number of each shape is the number of chains, the second the number of units.
        `draw_bits` compares each probability with a uniform random number.
        """
            ),
            lesson.quote("models/rbm.py::gibbs_step", figures.one_step, rbm.network),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_gibbs_step(lesson):
    lesson.exercise("gibbs_step")
    return


@app.cell(hide_code=True)
def chain_text(lesson):
    lesson.prose(r"""
    ## Touch it: a chain of pictures

    From left to right: where the chain begins, where it is now, the probabilities that its pixels were drawn with, and the
    hidden units. Below, the free energy at each step; between the dashed lines lie nine of ten test pictures.

    1. Press **One step** a few times, then **Run**. The digit changes its shape, and after a while it becomes another digit.
    2. Press **From noise**. Snow has a very high free energy. The first step takes it most of the way down;
       it is some 50 more until it is among the digits.
    3. Draw the upper half of a digit, tick **hold the upper half** and press **Run**: the machine completes it.
    4. Begin from a test picture, tick **do not draw the hidden bits** and press **Run**. Compare with number 1.
    """)
    return


@app.cell(hide_code=True)
def chain(figures, images, lesson, mo, rbm, whose):
    mo.vstack([lesson.choice(whose), figures.gibbs(rbm.network, images)])
    return


@app.cell(hide_code=True)
def learning(figures, images, lesson, mo, rbm):
    mo.vstack(
        [
            lesson.prose(
                r"""
    ## How it learns

    We want the training pictures to be likely, so the loss is the mean of $-\log p(v)$. Its gradient with respect to a
    weight is a difference of two averages:

    $$\frac{\partial(-\log p)}{\partial W_{ij}} = \langle v_i h_j \rangle_{\text{machine}} - \langle v_i h_j \rangle_{\text{data}}$$

    The brackets mean: how often are pixel $i$ and hidden bit $j$ both 1, in pictures that the machine draws by itself, and in the
    training pictures? A step against this gradient raises the weight
    where they are on together in the data, and lowers it where they are on together in the machine's own. When the machine's own pictures look like the data, both averages are the same and learning stops.

    Pictures from the machine are the difficult part: a chain would have to run for very long. **Contrastive divergence** takes a
    short cut: it begins the chain at the training pictures and takes only $k$ steps, often just one. A better short cut keeps
    the chains and lets them go on where they were left, from batch to batch; this is called *persistent* contrastive divergence. The
    machine above was trained so.

    No `backward()` is needed: both averages are counted. Here they were just counted for two test pictures.
    Look at the last lines: data minus machine.
    """
            ),
            lesson.quote("models/rbm.py::statistics", figures.two_sides, rbm.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def filters_text(lesson):
    lesson.prose(r"""
    ## Train it, and break it

    A machine with only twelve hidden units. They have $2^{12}$ = 4,096 states, so few that here $Z$ can be added up after
    all, and the curve shows the exact mean of $\log p$ of 200 test pictures. Each square shows the weights of one hidden unit:
    orange where a white pixel switches it on, blue where it switches it off.

    1. Press **Learn** and watch strokes appear in the squares while $\log p$ climbs.
    2. **Break it:** move the rate up to its end. The weights become huge, the squares turn into hard patches, and
       $\log p$ falls below where it began. Move the rate back to 0.05 and it recovers; **Begin again** starts from nothing.
    3. **Anneal** estimates $\log Z$ without adding everything up: its chains walk in small steps from a machine whose $Z$ is known
       to this one. More steps, a better estimate. In this way the large machine above was measured.

    In a terminal, `torchcamp train rbm` trains the large one, and `torchcamp evaluate latest` measures it.
    """)
    return


@app.cell(hide_code=True)
def small(figures, images):
    figures.filters(images)
    return


@app.cell(hide_code=True)
def judgement(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    An RBM can do several things with one set of weights: draw pictures, complete them, compare how likely two of them are, and
    its hidden bits describe a picture without any labels. It learns without `backward()`, by counting.

    Its weaknesses: drawing takes many steps, and the chain stays with one kind of digit for long. How likely a picture is can be
    compared but not read off, because of $Z$. It wants bits, so grey pictures must be turned into bits first. And one hidden
    layer cannot say much about large pictures.

    ## What came of it

    In 2006 stacks of RBMs, trained layer by layer, made it practical to train deep networks of fully connected layers, before ReLU,
    better initial weights and more data made that unnecessary. The idea of an energy that data should make low lives on in energy-based
    models. The idea of starting from snow and improving the picture step by step lives on in diffusion models, which today draw the
    pictures you know: there each small step is made by a deep network. In 2024 Geoffrey Hinton shared the Nobel Prize in
    Physics with John Hopfield; the Boltzmann machine was part of the reason.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            You can try it in "Touch it", number 4: run the chain a hundred steps with the box ticked, and without.
            """),
            lesson.ask_again(
                "rbm",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "Measured with the machine that ships, on 200 chains from test pictures (python "
                    "benchmarks/lessons.py): after 100 steps with drawn bits, 68 % still show "
                    "the digit they began with; with probabilities 91 %. After 1,000 steps it is "
                    "22 % against 58 %. The draw is what lets the machine decide for another "
                    "shape. It also keeps pixels together: if one hidden bit that is on half of the time drives two "
                    "pixels, they are equal in 97 % of 10,000 draws; driven by its "
                    "probability, one half, each pixel decides alone, and they are equal in 50 %. "
                    "Draw a hidden layer wherever it drives something. Only the last word of a "
                    "chain, which drives nothing, may be a probability. "
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("rbm")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("rbm")
    return


if __name__ == "__main__":
    app.run()
