import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="The tape: how PyTorch finds gradients",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import autograd as figures
    from torchcamp.figures.schemas import autograd as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("autograd")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    In the last lesson a loss told you how wrong an answer is. To make it smaller you need to know, for each of the network's
    parameters, in which direction to move it. A small network has 450,000 of them, so trying out one after the other would take
    hundreds of thousands of forward passes for a single step.

    The number you need for each parameter is the **gradient**: how much the loss changes if that parameter changes a little. This
    lesson shows how PyTorch finds all the gradients at once, for about twice the computing of the way forward.
    """)
    return


@app.cell(hide_code=True)
def picture_text(lesson):
    lesson.prose(r"""
    ## The idea in one picture

    Five lines of PyTorch, and what they leave behind. Step through them: first forward, then back.
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

    **Forward, PyTorch takes notes.** Whenever a tensor that asks for its gradient takes part in a computation, the result keeps a note
    of the operation and of the tensors that went into it. The notes of a whole computation form a graph. People call it the
    **tape**, because it is recorded on the way forward and played in reverse on the way back.

    **Backward, each operation answers one small question.** If my result changed the final number by so much, how much did each of my
    inputs change it? For a sum the answer is easy: as much. For a product it is the other factor. Every operation of PyTorch
    knows its own answer. No operation needs to know the whole network.

    **The answers are multiplied along the way.** If b changes three times as fast as a, and c twice as fast as b, then c changes
    six times as fast as a. This is the **chain rule** of school mathematics.

    **Where several ways meet, their contributions are added.** A tensor that was used in two places influences the result in two
    ways, and both count.

    The ends of the tape are the **leaves**: tensors that you made yourself with `requires_grad=True`. A network's parameters are
    leaves. After `backward()`, a leaf's gradient stands in its `.grad`.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "a = 2, and b = a * a * a + a. What does a.grad hold after b.backward()?"
    options = [
        "1: the last use counts.",
        "12: the derivative of a * a * a.",
        "13: every use contributes.",
    ]
    lesson.ask("autograd", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    Let $L$ be the last number, the loss. For a tensor $x$ that went into the results $y_1, \ldots, y_n$:

    $$\frac{\partial L}{\partial x} = \sum_{i=1}^{n} \frac{\partial L}{\partial y_i} \cdot \frac{\partial y_i}{\partial x}$$

    Read $\partial L / \partial x$ as "how fast $L$ changes with $x$". The first factor has already been found, since we go backwards; the
    second is what the operation itself knows.

    Worked once: a = 1, b = a + a, c = b · b, so c = 4. Going back from c, b gets 2 + 2 = 4, because it is both factors of the product.
    Then a gets 4 · 1 + 4 · 1 = 8, because it is both parts of the sum. Check: c = 4a², whose slope at 1 is 8.

    Once you have the gradient, one rule moves a weight $W$ a small way downhill:

    $$W \leftarrow W - \rho \, \frac{\partial L}{\partial W}$$

    $\rho$ (rho) is the **learning rate**, a small number such as 0.01 that says how far. Repeating this is **gradient descent**.
    """)
    return


@app.cell(hide_code=True)
def figure_text(lesson):
    lesson.prose(r"""
    ## Touch it: a tape of your own lines

    Type a few lines; the last one must make a single number. **Run** them (Ctrl + Enter), then press **Play** or go step by step. Going
    forward, every operation adds a node. Going back, the number on an edge is the gradient that travels along it. Blue nodes are
    leaves.

    Begin with *a value used twice*. Then try *cut off*: which leaf gets less than you expected, and why?
    """)
    return


@app.cell(hide_code=True)
def typed(figures, lesson):
    figures.tape(lesson.judge)
    return


@app.cell(hide_code=True)
def exercise_value(lesson):
    lesson.exercise("value")
    return


@app.cell(hide_code=True)
def images_and_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("mlp")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    mlp, words = lesson.shown(whose)
    return mlp, words


@app.cell(hide_code=True)
def tape_of_a_network(images, lesson, mlp, mo, whose, words):
    from torchcamp.models.mlp import mlp_loss

    mo.vstack(
        [
            lesson.prose(
                f"""
        ## The same in a real network

        Here two pictures went through a network that reads digits ({words}), and the loss was sent back. On the right of
        each line stand the nodes that the line put on the tape: `Mm` and `Addmm` are the matrix products of linear layers,
        `Relu` is an activation. Look for the line that put none: `accuracy` compares whole numbers, and a comparison has no slope, so
        no gradient can come back through it. That is why we train on the loss and only report how many answers are right.
        """
            ),
            lesson.choice(whose),
            lesson.quote(
                "models/mlp.py::mlp_loss",
                mlp_loss,
                mlp.network,
                images.test_images[:2] / 255,
                images.test_labels[:2],
                tape=True,
            ),
            lesson.quote(
                "models/mlp.py::MLP.forward", mlp.network, images.test_images[:2] / 255, tape=True
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def step_text(lesson):
    lesson.prose(r"""
    ## Three lines of every training

    You will meet these lines in every PyTorch program:

    - `loss.backward()` plays the tape and **adds** each gradient to what is already in `.grad`.
    - `optimizer.zero_grad()` empties the `.grad`s first, so that the gradients of the last batch do not stay in the sum.
    - `optimizer.step()` moves every parameter against its gradient. The object called `optimizer` only needs to know which parameters
      it may move.
    """)
    return


@app.cell(hide_code=True)
def quote_step(lesson):
    lesson.quote("models/mlp.py::train_step")
    return


@app.cell(hide_code=True)
def exercise_gradient_descent(lesson):
    lesson.exercise("gradient_descent")
    return


@app.cell(hide_code=True)
def switches(lesson):
    lesson.prose(r"""
    ## Break it: three ways to leave the tape

    They are often mixed up, and the mistake raises no error.

    - `with torch.no_grad():` takes no notes while its block lasts. Use it when you only want answers: it saves time and memory.
    - `x.detach()` gives the numbers of `x` without their history. Use it to log a loss or to keep one network out of another's
      gradient.
    - `network.eval()` has **nothing** to do with the tape. It changes how some layers behave, and you will meet it in the next lesson.

    Type `x = torch.tensor(2.0, requires_grad=True)`, `y = x.detach() * x` into the figure above and step back. Only one of the two
    factors hands its gradient on, so `x.grad` is 2 where you might expect 4.
    """)
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    The tape handles any program that you can write in PyTorch, with loops and conditions, because it notes what really happened. One
    backward pass costs about twice a forward pass however many parameters there are. The price is memory: the notes keep the values that
    the way back will need, so training takes much more memory than answering. And it follows slopes only: a step that rounds,
    compares or picks the largest has slope zero or none, and no gradient passes.

    ## What came of it

    The idea is older than PyTorch: it is called reverse-mode automatic differentiation and goes back to Seppo Linnainmaa's thesis of
    1970; backpropagation made it known in the 1980s. Today the same tape trains networks with hundreds of billions of parameters. Very
    deep ones save memory by dropping some notes and computing them again on the way back, which PyTorch calls checkpointing.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            Go through the first picture once more, or type `a = torch.tensor(2.0, requires_grad=True)` and `b = a * a * a + a` into the
            figure and step back. So:
            """),
            lesson.ask_again(
                "autograd",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "a is used four times: three times in a * a * a, where each use contributes 4, and "
                    "once in + a, which contributes 1. Together 4 + 4 + 4 + 1 = 13, the slope of a³ + a at 2. "
                    "Contributions are added; that is also why .grad keeps adding up from one "
                    "backward() to the next until you empty it."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("autograd")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("autograd")
    return


if __name__ == "__main__":
    app.run()
