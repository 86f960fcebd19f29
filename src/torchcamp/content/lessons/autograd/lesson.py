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

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # The tape: how PyTorch finds gradients

    You write only the way forward. PyTorch writes down what you do, like a tape recorder, and plays it
    backwards.
    **What does a value get that was used twice?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "a = 3, and b = a * a + a. What does a.grad hold after b.backward()?"
    options = [
        "1: the last use counts.",
        "6: the derivative of a * a.",
        "7: every use contributes.",
    ]
    lesson.ask("autograd", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def figure_text(mo):
    mo.md(r"""
    ## Touch it: a tape of your own lines

    Type a few lines; the last one must make one number. **Run** (Ctrl + Enter), then **Play**, or step by step: going forward, each
    operation becomes a node that remembers what it was made of. Going back, each node hands its gradient on,
    times its own slope. Blue nodes are **leaves**: tensors that you made with `requires_grad=True`.

    Look at *a value used twice* first, then at *cut off*.
    """)
    return


@app.cell(hide_code=True)
def typed(figures, lesson):
    figures.tape(lesson.judge)
    return


@app.cell(hide_code=True)
def chain_text(mo):
    mo.md(r"""
    The rule at each node is one line of school mathematics, the chain rule:

    $$\frac{\partial L}{\partial \mathrm{parent}} \mathrel{+}=
    \frac{\partial \mathrm{node}}{\partial \mathrm{parent}} \cdot \frac{\partial L}{\partial \mathrm{node}}$$

    Worked, for a = 1, b = a + a, c = b * b: c is 4. Back from c: b gets 2 + 2 = 4, since it stands on both sides of
    the product. a gets 4 + 4 = 8. Indeed c = 4a², whose derivative at 1 is 8.
    """)
    return


@app.cell(hide_code=True)
def step_text(mo):
    mo.md(r"""
    ## The mechanism in a training step

    `loss.backward()` plays the tape. It **adds** to each parameter's `.grad`; `optimizer.zero_grad()` before it
    empties what the last batch left there; `optimizer.step()` uses it. `detach()` hands on the numbers without
    the tape: a log wants numbers.
    """)
    return


@app.cell(hide_code=True)
def quote_step(lesson):
    lesson.quote("models/mlp.py::train_step")
    return


@app.cell(hide_code=True)
def images_and_network(lesson):
    images = lesson.load_images(lesson.data_name())
    mlp, words = lesson.own("mlp")
    return images, mlp, words


@app.cell(hide_code=True)
def tape_of_a_network(images, lesson, mlp, mo, words):
    from torchcamp.models.mlp import mlp_loss

    mo.vstack(
        [
            mo.md(
                f"""
        ## Look at a real tape

        The same, for a network that reads digits ({words}). Two pictures go through and their loss is
        sent back. On the right of each line stand the nodes that it put on the
        tape; `accuracy` put none, since argmax has no slope.
        """
            ),
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
def switches(mo):
    mo.md(r"""
    Three ways to leave the tape, and they are not the same. `torch.no_grad()` records nothing while its block
    lasts. `x.detach()` gives the numbers of x without its history. `network.eval()` has **nothing** to do with it:
    it changes what dropout and batch norm do.
    """)
    return


@app.cell(hide_code=True)
def exercise_value(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Seven exercises. In the first you build the tape itself; after it, nothing about `backward()` is magic.
            """),
            lesson.exercise("value"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_unbroadcast(lesson):
    lesson.exercise("unbroadcast")
    return


@app.cell(hide_code=True)
def exercise_numerical_gradient(lesson):
    lesson.exercise("numerical_gradient")
    return


@app.cell(hide_code=True)
def exercise_gradient_descent(lesson):
    lesson.exercise("gradient_descent")
    return


@app.cell(hide_code=True)
def exercise_step_in_parts(lesson):
    lesson.exercise("step_in_parts")
    return


@app.cell(hide_code=True)
def exercise_frozen_features(lesson):
    lesson.exercise("frozen_features")
    return


@app.cell(hide_code=True)
def exercise_sample_with_gradient(lesson):
    lesson.exercise("sample_with_gradient")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_autograd(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            An encoder that never learns, and a training that gets worse with more data. Both are silent.
            """),
            lesson.exercise("bug_hunt_autograd"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            Type a = 3 and b = a * a + a into the figure (a must be a tensor with `requires_grad=True`), and step back. So:
            """),
            lesson.ask_again(
                "autograd",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "a is used three times: twice in a * a, where each use contributes 3, and once in "
                    "+ a, which contributes 1. Together 3 + 3 + 1 = 7, the derivative of a² + a at 3. "
                    "Contributions add up; that is also why .grad adds up from one backward() to the "
                    "next until you empty it. Type it into the figure to see the three arrive. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
