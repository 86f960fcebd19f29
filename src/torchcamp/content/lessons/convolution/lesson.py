import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Convolution",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import convolution as figures
    from torchcamp.figures.schemas import convolution as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def question(lesson):
    lesson.opening("convolution")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    In the last lesson every unit had a weight for every pixel. That has two drawbacks. It is expensive: on a colour photo of
    1000 × 1000 pixels a single unit would have three million weights. And what is learnt in one corner is not known in
    another: moved by 4 pixels, only half of the digits were still read right.

    Yet the pieces that pictures are made of are small, and they look the same everywhere: an edge, a corner, a bit of
    a curve. So let us have one small detector for each of them and use it at every place.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("cnn")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    cnn, words = lesson.shown(whose)
    return cnn, words


@app.cell(hide_code=True)
def picture(cnn, images, lesson, mo, schema, whose):
    mo.vstack(
        [
            lesson.prose(
                """
    ## The idea in one picture

    Above, a convolution so small that you can do its sums in your head; press **Next** to move the filter. Below it the same on a real digit,
    with a filter that a trained network has found by itself.
    """
            ),
            lesson.choice(whose),
            schema.whole(cnn.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **One filter.** A *filter*, or kernel, is a small table of weights, say 3 × 3. It is laid on a corner of the picture. Each number under it is multiplied by its
    weight, and everything is added up, with a bias. The sum is large where the picture looks like the filter.

    **Everywhere.** The filter slides on and does the same at the next place, with the **same** weights. This is a
    *convolution*. Its outputs, place by place, form a small picture again, the *feature map*: it says where the pattern was found.

    **Stride and padding.** The *stride* is the number of pixels that the filter moves at a time. With 2 the map is half as high and half as wide. And since a filter cannot be centred
    on a pixel at the edge, a rim of zeros is often put around the picture first: the *padding*.

    **Many channels.** A grey picture is one table of numbers, a coloured one three: red, green and blue. Each of these tables is a *channel*. A filter looks at **all**
    channels at once: it has a table of weights for each of them and adds everything up to one number.

    **Many filters.** A layer has not one filter but 16 or 64, and each makes a map of its own. These maps are the channels of the next layer, whose filters therefore look for
    combinations: this edge here and that curve beside it.

    **Nobody writes the weights.** They are learnt, by the loop of the last lesson. The gradient of a weight is the sum over all places where it was used.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "A layer with 16 filters of 5 x 5 learns 416 numbers on grey pictures of 28 x 28: 16 times 25 weights and a bias. How many does it learn on pictures of 224 x 224?"
    options = [
        "The same 416.",
        "64 times as many: there are 64 times as many pixels.",
        "8 times as many: each side is 8 times as long.",
    ]
    lesson.ask("convolution", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    How large is the output? The lecture goes there in three steps. Let $i$ be the size of the input (its height or its width), $k$ that of the filter, $o$ that of
    the output, $p$ the padding on **each** side, and $s$ the stride.

    * Stride 1, no padding: the filter's left edge can stand on $i - k + 1$ pixels, so $\;o = i - k + 1$.
    * With padding the input has $2p$ pixels more: $\;o = i - k + 2p + 1$. For $k = 2p + 1$, such as $k = 3$ and $p = 1$, the size stays as it is.
    * With stride $s$ only every $s$-th of these places counts, and the last piece that is too short is lost (that is what the brackets $\lfloor\;\rfloor$ mean, rounding down):

    $$o = \left\lfloor \frac{i - k + 2p}{s} \right\rfloor + 1$$

    **Worked**, for the first layer of our CNN, $i = 28$, $k = 5$, $p = 2$, $s = 2$: $28 - 5 + 4 = 27$ pixels to move, half of that is 13.5, rounded down 13, and the place
    where it began makes 14.

    And the sum itself: the output of filter $f$ at row $y$ and column $x$ runs over all channels $c$ and over the rows $u$ and columns $v$ of the filter. The input is the padded one:

    $$\text{out}_{f,y,x} = b_f + \sum_{c}\sum_{u}\sum_{v} w_{f,c,u,v}\;\, \text{in}_{c,\,s y + u,\,s x + v}$$

    The weight $w$ thus has the shape `OC × IC × KH × KW`: channels out, channels in, height and width of the filter. The bias $b$ has one number per channel out.

    (Mathematics turns the filter round before it lays it on; what PyTorch computes is called *cross-correlation* there. Since the weights are learnt, nobody is worse off.)
    """)
    return


@app.cell(hide_code=True)
def exercise_conv_output_size(lesson):
    lesson.exercise("conv_output_size")
    return


@app.cell(hide_code=True)
def mechanism(cnn, figures, images, lesson, mo, words):
    found = figures.costs(cnn.network, images.test_images[0] / 255)
    rows = "\n".join(
        f"| {n} | {' × '.join(map(str, cost.weight))} | "
        f"{' × '.join(map(str, cost.output))} | {cost.products:,} |"
        for n, cost in enumerate(found, 1)
    )
    mo.vstack(
        [
            lesson.prose(
                """
    ## The same in code

    In PyTorch a convolution is one line: its weights and its loop are inside `nn.Conv2d`. This is how our CNN makes its layers. Look at
    `padding=kernel_size // 2`: for an odd filter at stride 1 it keeps the picture's size. (`BatchNorm2d` belongs to the next lesson.)
    """
            ),
            lesson.quote("models/cnn.py::conv_block"),
            lesson.prose(
                f"And these are the convolutions of {words.split(':')[0]}, as one picture of a digit "
                "met them just now:\n\n"
                "| layer | weight (OC × IC × KH × KW) | output (OC × OH × OW) | multiplications |\n"
                f"| :--- | :--- | :--- | ---: |\n{rows}"
            ),
            lesson.prose(
                """
    The number of multiplications is the number of weights times the number of places, since each weight is used at every place. In the network that ships the second and the third layer
    cost the same: the third has four times as many weights, and a quarter of the places.
    """
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def figure_text(lesson):
    lesson.prose(r"""
    ## Touch it: slide a filter

    Left the input, in the middle the filter, right the output, all in whole numbers. Choose a number of the output, by mouse or with the arrow
    keys: the window in the input shows where it comes from, and below stand the terms of its sum. Dashed cells are padding. Above the
    boards the formula fills in as you move the sliders.

    * Set *stride* to 1 and *padding* to 1: does a 3 × 3 filter keep the size?
    * Set *channels in* to 2 and count the terms.
    * *Dilation* pulls the numbers of a filter apart: with $d = 2$ it leaves one pixel out between two of them, and covers $d(k-1)+1$ pixels, which takes the place of $k$ in the formula.
    * **Break it:** make the filter larger than the padded input. PyTorch refuses, and says so in its own words.

    Under the line is the formula the other way round: which settings turn 28 into 14?
    """)
    return


@app.cell(hide_code=True)
def slide(figures):
    figures.sliding()
    return


@app.cell(hide_code=True)
def exercise_conv2d(lesson, mo):
    mo.vstack(
        [
            lesson.prose("Now write the sum yourself; loops over the places are fine."),
            lesson.exercise("conv2d"),
        ]
    )
    return


@app.cell(hide_code=True)
def filters(cnn, lesson, mo, words):
    mo.vstack(
        [
            lesson.prose(
                f"""
    ## Look: filters that were learnt

    Nobody wrote these. They are the filters of the first layer of {words}. Orange weights are positive, blue ones negative. A filter that is orange
    on one side and blue on the other answers to an edge in that direction. How they are trained is the next lesson.
    """
            ),
            lesson.filters(cnn.network),
        ]
    )
    return


@app.cell(hide_code=True)
def good_and_bad(lesson):
    lesson.prose(r"""
    ## What it is good at, and what not

    A convolution is the right tool where neighbours belong together and a pattern means the same wherever it is: pictures, sound, signals in time. It learns few
    numbers, and what it learns in one place it knows in all. It is the wrong tool where position has a meaning of its own, as in the columns of a table.
    And a single layer sees only a few pixels at a time: to connect the left of a picture with its right, many layers have to be stacked.

    The way down has a way up: a *transposed convolution* lets every number paint a whole filter into a larger output. Networks that draw pictures end with it, and it is in this lesson's further practice.

    ## Where it went since

    For most of the decade after 2012 nearly every network that read pictures was made of convolutions. Networks that generate pictures by diffusion often still are. Vision transformers connect distant
    parts of a picture directly; but the way they begin, cutting the picture into patches of 16 × 16 and multiplying each by the same weights, is a convolution with $k = s = 16$.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
    ## The question again

    Move *input i* in the figure and watch the count of numbers to learn at the end of the formula. So:
    """),
            lesson.ask_again(
                "convolution",
                prompt,
                options,
                right=options[0],
                explanation=(
                    "16 filters of 1 x 5 x 5 weights, and 16 biases: 416, whatever the picture. The "
                    "same filter is used at every place. What grows with the picture is the work: at "
                    "stride 1 without padding it stops at 24 x 24 = 576 places of the small one and "
                    "at 220 x 220 = 48,400 of the large one, 84 times as many. "
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("convolution")])
    return


@app.cell(hide_code=True)
def end(lesson):
    lesson.closing("convolution")
    return


if __name__ == "__main__":
    app.run()
