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

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Convolution

    A filter is a small square of numbers. It slides over the picture and says, at every place, how much
    the picture there looks like it.
    **How many numbers does that learn, and how many does it compute?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "A layer with 16 filters of 5 x 5 learns 416 numbers on pictures of 28 x 28. How many does it learn on pictures of 224 x 224?"
    options = [
        "The same 416.",
        "64 times as many: there are 64 times as many pixels.",
        "8 times as many: each side is 8 times as long.",
    ]
    lesson.ask("convolution", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def figure_text(mo):
    mo.md(r"""
    ## Touch it: slide a filter

    Whole numbers, so that you can do the sum yourself. Choose a number of the output, by mouse or with the arrow
    keys: the window shows where it comes from, and below stand the terms of its sum. Dashed cells are padding.
    Move the sliders and watch the formula fill in.

    Below the line is the same formula the other way round: which settings turn 28 into 14?
    """)
    return


@app.cell(hide_code=True)
def slide(figures):
    figures.sliding()
    return


@app.cell(hide_code=True)
def formula_text(mo):
    mo.md(r"""
    $$o = \left\lfloor \frac{i - k + 2p}{s} \right\rfloor + 1$$

    Worked for the first layer of our CNN: i = 28, k = 5, p = 2, s = 2. The padded row has 32 pixels, the filter can
    move 27, that is 13 whole strides: 13 + 1 = **14**. Dilation d spreads the filter's numbers d pixels apart: it
    then reaches over d (k - 1) + 1 pixels, and that takes the place of k.
    """)
    return


@app.cell(hide_code=True)
def channels_text(mo):
    mo.md(r"""
    A picture has channels, one if it is grey, three if it is coloured, 32 or 64 inside a network. A filter looks
    at **all** of them: it has a layer of numbers for each, sums everything up, and makes one map. So the weight has
    the shape `OC × IC × KH × KW`, the bias `OC`. Give the figure two channels in, and count the terms.

    (What PyTorch calls convolution does not turn the filter over, as mathematics would. Mathematics calls this
    cross-correlation. Since filters are learnt, nobody is worse off.)
    """)
    return


@app.cell(hide_code=True)
def mechanism(lesson, mo):
    images = lesson.load_images(lesson.data_name())
    cnn, words = lesson.own("cnn")
    mo.vstack(
        [
            mo.md(
                """
        ## The mechanism

        A block of our CNN, and what its layers made of two digits just now. On the right, the
        multiplications and additions: the second layer's 4,608 weights and the third's 18,432 cost the
        same, since each of them is used again at every place, 196 places here and 49 there.
        """
            ),
            lesson.quote("models/cnn.py::conv_block"),
            lesson.quote("models/cnn.py::CNN.forward", cnn.network, images.test_images[:2] / 255),
        ]
    )
    return cnn, images, words


@app.cell(hide_code=True)
def filters(cnn, lesson, mo, words):
    mo.vstack(
        [
            mo.md(
                f"""
        ## Look: filters that were learnt

        Nobody wrote these. They are the 5 × 5 filters of the first layer of {words}. Orange numbers are
        positive, blue ones negative: most of them are edges in one direction or another.
        """
            ),
            lesson.filters(cnn.network),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_conv_output_size(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Five exercises. In the second you write the convolution itself.
            """),
            lesson.exercise("conv_output_size"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_conv2d(lesson):
    lesson.exercise("conv2d")
    return


@app.cell(hide_code=True)
def exercise_conv_params(lesson):
    lesson.exercise("conv_params")
    return


@app.cell(hide_code=True)
def exercise_padding_for(lesson):
    lesson.exercise("padding_for")
    return


@app.cell(hide_code=True)
def exercise_conv_transpose_size(lesson):
    lesson.exercise("conv_transpose_size")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_conv(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            A network for coloured blots that sees stripes, and one layer that is larger than planned.
            """),
            lesson.exercise("bug_hunt_conv"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            Move the input's size in the figure and watch the count of numbers at the end of the formula. So:
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


if __name__ == "__main__":
    app.run()
