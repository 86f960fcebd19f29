import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Tensors and reading PyTorch",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo
    from torch import nn

    from torchcamp import lesson
    from torchcamp.figures import tensors as figures
    from torchcamp.figures.schemas import tensors as schema

    return figures, lesson, mo, nn, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("tensors")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    Open any program written in PyTorch and you will see lines like `x = x.permute(0, 2, 3, 1).flatten(1)`. What do they do? The line does not
    say. Yet someone who knows one thing about `x` can read it without effort. That thing is its **shape**.

    By the end of this lesson you can follow a picture through a network, line by line, and say at each line what comes out.
    """)
    return


@app.cell(hide_code=True)
def smallest_network(lesson, schema):
    images = lesson.load_images(lesson.data_name())
    network = schema.one_layer(images)
    return images, network


@app.cell(hide_code=True)
def picture(images, lesson, mo, network, schema):
    mo.vstack(
        [
            lesson.prose(
                f"""
    ## The idea in one picture

    A handwritten digit on its way through the smallest network that tells digits apart: one layer. Step through it, and press a part
    to read what it is and to see its line of the code. **Another example** takes the next digit; some of them the network gets wrong.

    Its numbers were computed from {len(images.train_images[: schema.NUM_FITTED]):,} other digits, and it is right for {100 * schema.share_right(network, images):.0f} of 100 new ones. How a network finds
    such numbers by itself, and how it gets better than this, you will see in lessons 3 to 7.
    """
            ),
            schema.whole(network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **A tensor is a block of numbers with a shape.** A single number has the shape `()`, a row of five `(5,)`, a table with 3 rows and 4
    columns `(3, 4)`. A grey picture is a table of pixels. Sixty-four colour pictures are one tensor too: `(64, 3, 32, 32)`, that is 64
    pictures, 3 colours, 32 rows, 32 columns. Each number in a shape belongs to one **axis**. All numbers of a tensor are of
    one kind, its **dtype**: `float32` for most of what networks compute, `uint8` (0 to 255) for pictures in files.

    **The first axis is usually the batch.** Networks are given many examples at once, a **batch**, because a computer handles 64 pictures
    hardly more slowly than one.

    **In memory, all numbers lie in one row.** A tensor remembers where its numbers begin and how far to jump for one step along each axis.
    These jumps are called **strides**. To exchange the rows and columns of a table, nothing has to be
    copied: PyTorch exchanges two sizes and two strides.

    **A network is a module:** an object that holds layers, and in them numbers that are learnt, its **parameters**. Its method
    `forward` takes a batch and returns the result, for example one score for each of ten digits.

    **So to read a network, follow one batch.** At each line ask: which shape goes in, which comes out?
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "x is a table of nine million numbers, 3000 by 3000. You write y = x.permute(1, 0), which exchanges its rows and columns. How many numbers are copied?"
    options = [
        "All of them: y has another order.",
        "None: y reads the same memory in another order.",
        "None now, all of them as soon as y is used.",
    ]
    lesson.ask("tensors", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def strides_text(lesson):
    lesson.prose(r"""
    ## Touch it: one memory, many tensors

    Six numbers lie in memory, in cells 0 to 5. Above them is a tensor that reads them with the shape and strides shown. In a table with strides
    (3, 1), the number in row i and column j is found in cell 3 · i + 1 · j.

    `view` and `reshape` ask for the same numbers in another shape. `[:, 1:]` leaves the first column out, `[:1].expand(3, -1)` takes the first
    row and shows it three times (−1: leave this size as it is), and `contiguous()` asks for the numbers to lie in the order in which they are read.

    Press an operation and watch: which ones only change how the memory is read, and which ones fill new memory? Then press
    `.permute(1, 0)` and after it `.view(6)`. PyTorch refuses: the numbers would have to be read in the order 0 3 1 4 2 5, and no single jump does that (+3, then −2).
    """)
    return


@app.cell(hide_code=True)
def strides(figures):
    figures.strides()
    return


@app.cell(hide_code=True)
def view_or_permute(lesson):
    lesson.prose(r"""
    **The same shape, other numbers.** `view(3, 2)` and `permute(1, 0)` both make a (3, 2) out of a (2, 3), and they are not the same. `view`
    keeps the order in memory and breaks the row in other places: 0 1, then 2 3, then 4 5. `permute` makes columns of the rows: 0 3, then
    1 4, then 2 5. So a right shape does not prove a right result. Check one number that you know.

    **`view` or `reshape`?** `view` reads the memory that is there, or refuses. `reshape` does the same where it can, and copies where it cannot.

    Now you can read the line of the beginning. The arguments of `permute` name, for each new axis, the old axis that goes there: from `(64, 3, 32, 32)`,
    `permute(0, 2, 3, 1)` makes `(64, 32, 32, 3)`. `flatten(1)`, or `flatten(start_dim=1)`, keeps axis 0 and joins all later ones: `(64, 3072)`. Each picture is *flattened* to one row of numbers.
    """)
    return


@app.cell(hide_code=True)
def exercise_to_chw(lesson):
    lesson.exercise("to_chw")
    return


@app.cell(hide_code=True)
def broadcasting_text(lesson):
    lesson.prose(r"""
    ## Touch it: two shapes meet

    `+`, `-` and `*` work number by number, so what happens if the shapes differ? PyTorch **broadcasts**: it aligns the shapes on the right,
    writes a 1 where an axis is missing, and stretches every axis of size 1 until it fits. Go through the example step by step, then type
    shapes of your own.

    Remember one pair: `(4,)` and `(4, 1)`. A row and a column become a table of 16 numbers, and no error is raised. Take a network's
    four answers, `(4, 1)`, minus the four right ones, `(4,)`: you wanted four differences and get sixteen. This mistake has quietly spoiled many training runs.
    """)
    return


@app.cell(hide_code=True)
def broadcasting(figures):
    figures.broadcasting()
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    whose = lesson.whose("mlp")
    return (whose,)


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    mlp, _ = lesson.shown(whose)
    return (mlp,)


@app.cell(hide_code=True)
def mechanism(images, lesson, mlp, mo, whose):
    mo.vstack(
        [
            lesson.prose(
                """
        ## The same in code

        This is how a larger network goes forward, as it just did with two digits. Lesson 5 explains what it computes; here, follow its shapes. (*The one that ships* came
        with this course, trained already. MNIST is a collection of 70,000 handwritten digits, 10,000 of which are kept for testing.)

        The comment at the end of each line gives the shape in letters: B pictures in the batch, X pixels, H numbers on the way, called hidden because they are neither picture nor answer, K classes, here the
        ten digits. On the right stand the shapes that were really there, and how many multiplications and additions the line took (FLOPs, floating-point operations).

        Read it from the top: two pictures `(2, 1, 28, 28)` become two rows of 784 numbers, then 384, then ten scores, which the code calls `logits`. `self.hidden` stands for two layers, one behind
        the other, so its line does the work of both.
        """
            ),
            lesson.choice(whose),
            lesson.quote("models/mlp.py::MLP.forward", mlp.network, images.test_images[:2] / 255),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_read_shapes(lesson):
    lesson.exercise("read_shapes")
    return


@app.cell(hide_code=True)
def small_network(nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(784, 384)
            self.output = nn.Linear(384, 10)

        def forward(self, images):
            x = images.flatten(start_dim=1)
            return self.output(self.hidden(x).relu())

    return (Net,)


@app.cell(hide_code=True)
def owned(Net, lesson, mo):
    mo.vstack(
        [
            lesson.prose(
                """
        ## Where are the layers?

        `forward` uses layers that were made before, in `__init__`. This is a small network written as a class:

        ```python
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.hidden = nn.Linear(784, 384)
                self.output = nn.Linear(384, 10)

            def forward(self, images):
                x = images.flatten(start_dim=1)
                return self.output(self.hidden(x).relu())
        ```

        `nn.Linear(784, 384)` makes 384 numbers from 784. For each of them it multiplies all 784 inputs by weights of its own, adds the products, and adds one more
        number, the bias. So it holds a weight of shape `(384, 784)`, outputs first, and a bias of shape `(384,)`. `relu` changes numbers but no shapes; the next
        lesson explains it.

        Whatever is assigned to `self` belongs to the module, and `parameters()` finds it. Below is what it finds in a `Net`: a weight and a bias for each layer. You have read
        the two shapes of `hidden`; say those of `output` before you look.
        """
            ),
            lesson.parameters(Net()),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_count_params(lesson):
    lesson.exercise("count_params")
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What shapes tell you, and what they do not

    Shapes catch most slips: two that do not fit raise an error with both sizes in it. They do not catch numbers in the wrong places, a row
    that met a column, or rows and columns exchanged in a square picture. For those, look at values.

    ## What came of it

    Libraries such as einops let you write the axes by name, and tools such as `torchcamp read` in this course run a network once and write
    the shapes beside its lines. You will use it in lesson 15 to read code that you have never seen.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            Go back to *one memory, many tensors*, press `.permute(1, 0)`, and look at the row of memory cells: has it changed, has a second one appeared? Then press `+ 10`. So:
            """),
            lesson.ask_again(
                "tensors",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "A tensor is memory, a shape, and strides. permute exchanges sizes and strides and leaves the memory alone. "
                    "Measured for these nine million numbers, on one thread: permute(1, 0) takes 1.6 "
                    "microseconds, while .contiguous(), which does copy them, takes 29 milliseconds, "
                    "eighteen thousand times as long (python benchmarks/lessons.py). Whatever uses y "
                    "later reads it through its strides."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("tensors")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("tensors")
    return


if __name__ == "__main__":
    app.run()
