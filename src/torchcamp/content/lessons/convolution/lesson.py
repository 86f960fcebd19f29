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
def opening(lesson):
    lesson.opening("convolution")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    The network of the last lesson has a weight of its own for every pixel. For a photograph of 1000 × 1000 pixels, a single unit would need a
    million of them. And what it learns about the upper left corner it does not know in the lower right: move a digit by a few pixels, and
    to this network it is a new digit.

    But an edge is an edge, wherever it is. What we want is a small detector that can be used at every place of the picture.
    """)
    return


@app.cell(hide_code=True)
def network_in_use(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("cnn")
    return images, whose


@app.cell(hide_code=True)
def chosen(lesson, whose):
    cnn, words = lesson.shown(whose)
    return cnn, words


@app.cell(hide_code=True)
def picture(cnn, images, lesson, mo, schema, whose):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The idea in one picture

            A filter slides over a small picture of whole numbers, so that you can check every sum. Then the same on a real digit, with the filters of a
            trained network.
            """),
            lesson.choice(whose),
            schema.whole(cnn.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **A filter is a small square of weights,** say 5 × 5. Lay it on a place of the picture, multiply each weight by the pixel under it, and add up.
    The sum is large where the picture looks like the filter.

    **Slide it over the whole picture.** At every place it leaves one number. Together these numbers are a picture again, the **feature
    map**: what the filter found, and where. This sliding is called **convolution**.

    **The same weights serve everywhere.** That saves weights: a filter of 5 × 5 has 25, on a picture of any size. It also means that a digit that moves
    takes its traces in the map along.

    **Two choices at the rim and on the way.** With **padding** you put zeros around the picture, so that the filter can stand at the rim too. With a
    **stride** of 2 it moves two pixels at a time, and the map is half as high and half as wide.

    **Many filters, many channels.** A layer has 16 or 64 filters, and each leaves a map, a **channel** of the result. The next layer's filters look at
    all these channels at once: each has a square of weights for every channel and adds everything up. So they can find combinations.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "A layer with 16 filters of 5 x 5 learns 416 numbers on grey pictures of 28 x 28. How many does it learn on pictures of 224 x 224?"
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

    How large is the map? Let $i$ be the height (or width) of the picture, $k$ that of the filter, $p$ the pixels of padding on each side, and
    $s$ the stride; $o$ is the height (or width) of the map. In three steps:

    - no padding, stride 1: $\;o = i - k + 1$
    - with padding: $\;o = i - k + 2p + 1$
    - with a stride as well: $\;o = \left\lfloor \dfrac{i - k + 2p}{s} \right\rfloor + 1$

    The brackets $\lfloor\;\rfloor$ mean: round down. Worked for the first layer of our network, i = 28, k = 5, p = 2, s = 2: the padded row has 32
    pixels, so the filter can move 27 pixels, which is 13 whole strides. With the place where it begins: 13 + 1 = **14**.

    A layer's weight has the shape `OC × IC × KH × KW`: channels out, channels in, and the filter's height and width. It has one bias for each channel
    out. So 16 filters of 5 × 5 on a grey picture are 16 · 1 · 5 · 5 + 16 = 416 numbers.
    """)
    return


@app.cell(hide_code=True)
def exercise_conv_output_size(lesson):
    lesson.exercise("conv_output_size")
    return


@app.cell(hide_code=True)
def figure_text(lesson):
    lesson.prose(r"""
    ## Touch it: slide a filter

    Choose a number of the output, by mouse or with the arrow keys. The window in the input shows where it comes from, and below stand the terms of
    its sum. Dashed cells are padding. Move the sliders and watch the formula fill in. *dilation* spreads the filter's weights apart, so that it
    reaches further.

    Then give it two channels in and count the terms: they have doubled. Below the line, the same formula the other way round: which settings
    turn 28 into 14?

    **Break it:** make the filter larger than the padded input. PyTorch refuses, and you see its own message.
    """)
    return


@app.cell(hide_code=True)
def slide(figures):
    figures.sliding()
    return


@app.cell(hide_code=True)
def exercise_conv2d(lesson):
    lesson.exercise("conv2d")
    return


@app.cell(hide_code=True)
def mechanism(cnn, images, lesson, mo):
    mo.vstack(
        [
            lesson.prose(
                """
        ## The same in code

        Here is a block of our network, and below it what its layers made of two digits just now. Look at the numbers on the right, the
        multiplications and additions. The third layer has more weights than the second, and yet it costs no more: its weights are used at
        49 places, those of the second at 196.

        (What PyTorch calls convolution does not turn the filter over, as mathematics would; mathematicians call it cross-correlation. Since the
        weights are learnt, it makes no difference.)
        """
            ),
            lesson.quote("models/cnn.py::conv_block"),
            lesson.quote("models/cnn.py::CNN.forward", cnn.network, images.test_images[:2] / 255),
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

        Nobody wrote these. They are the 5 × 5 filters of the first layer of {words}. Orange weights are positive, blue ones negative. Where orange
        stands beside blue, the filter answers to an edge: ink on one side, none on the other.
        """
            ),
            lesson.filters(cnn.network),
        ]
    )
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    Convolution suits data in which neighbours belong together and the same thing may occur anywhere: pictures, sound, text, maps. It needs few weights. But
    a filter of 3 × 3 sees nine pixels. To connect what is far apart, many layers must stand on top of each other. And where the place matters, as in
    the columns of a table, it is the wrong tool.

    ## What came of it

    For ten years networks made of convolutions were the best at everything that has to do with pictures. Since 2020 transformers, which compare every
    part of a picture with every other, share that place with them. Programs that generate pictures use both. To make pictures larger instead of smaller there is
    the **transposed convolution**; you meet it in an exercise below and again in lesson 12.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            In the figure *slide a filter*, move the input's size and watch the count of learnt numbers at the end of the formula. So:
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
                    "at 220 x 220 = 48,400 of the large one, 84 times as many."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("convolution")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("convolution")
    return


if __name__ == "__main__":
    app.run()
