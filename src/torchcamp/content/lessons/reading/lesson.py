import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Read anyone's code",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import reading as figures
    from torchcamp.figures.schemas import reading as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("reading")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    This was the course's first promise: you will be able to read a PyTorch program that interests you. A repository may have a hundred files. Where do you begin? And when it runs without an error, how do you know that it does what
    its author believes?
    """)
    return


@app.cell(hide_code=True)
def picture(lesson, mo, schema):
    mo.vstack(
        [
            lesson.prose("""
            ## The idea in one picture

            The places of a training program, in the order in which to read them, each with one question.
            """),
            schema.whole(),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **Do not read from file to file; follow the data.** Every training program has the same few places: where the data are made, the model, the loss, the optimizer, the loop, the evaluation. Find these six, and ask one question at each.

    **Begin where it begins.** The README names a command, the command names a file: the **entry point**. Everything else is reached from there. What is not reached, you need not read. With these two in front, it is
    eight places.

    **At each name ask: who uses it, and is it the one I think?** Most bugs that raise no error are a right line with a wrong name in it: the optimizer of another network, labels of another split, a loss of the wrong tensor.

    **Let the machine do what it does better.** `torchcamp read` runs a class once and writes the shapes beside its lines. `torchcamp doctor` runs a training for a few steps and watches what is *done*: which gradients a step
    uses, who runs in which mode, which weights never move.

    **Then change one line.** Predict what will happen, run it, compare. You have understood a program when your predictions come true.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "A stranger's script runs, its loss falls, and it prints 97 %. What do you know?"
    options = [
        "That it is right: a wrong program would not get 97 %.",
        "That nothing raised. Which data the 97 % are about, you have to read.",
        "Nothing at all: such numbers are usually made up.",
    ]
    lesson.ask("reading", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def exercise_read_strangers_loss(lesson):
    lesson.exercise("read_strangers_loss")
    return


@app.cell(hide_code=True)
def find_text(lesson):
    lesson.prose(r"""
    ## Touch it: find the line

    Scripts written the way practice code is often published, each with two or three wrong lines. They all run. Read the report, then press the lines that you suspect. Begin at the top and ask of each name: who uses it, and is it the one I
    think?
    """)
    return


@app.cell(hide_code=True)
def find_line(figures):
    figures.find_line()
    return


@app.cell(hide_code=True)
def exercise_read_strangers_optimizer(lesson):
    lesson.exercise("read_strangers_optimizer")
    return


@app.cell(hide_code=True)
def read_text(lesson):
    lesson.prose(r"""
    ## The reader: shapes beside the lines

    `torchcamp read` runs a class or a function once, forward and backward, and shows its own lines beside the shapes that they made. Name one of yours (a file of your workspace, as `mymodel/model.py:MyModel`) or anything that is
    installed, such as `torch.nn:Transformer`. It runs that code, so only read what you trust.
    """)
    return


@app.cell(hide_code=True)
def read_any(figures, lesson):
    figures.read_any(lesson.workspace())
    return


@app.cell(hide_code=True)
def doctor_text(lesson):
    lesson.prose(r"""
    ## The doctor: watch anything train

    What is written wrongly, reading finds. What is *done* wrongly shows best while it happens. `torchcamp doctor` runs a training script for a few steps in a process of its own, watches, and names lines with numbers. It changes no value: the losses are the
    same to the last bit.

    Begin with the scripts from above. Which of the lines that you found can it see? Which can it not, and why? Then name a script of yours; it must really train, since functions that nobody calls show nothing.
    """)
    return


@app.cell(hide_code=True)
def diagnose_any(figures, lesson):
    figures.diagnose_any(lesson.workspace())
    return


@app.cell(hide_code=True)
def doctor_limits(lesson):
    lesson.prose(r"""
    A finding is an *error* or a *warning*; a *note* is worth a look. "Nothing found" says little more than what was watched: in a few steps nobody can tell whether a learning rate, a metric or a label is the right one. Of the two wrong lines of *Two networks,
    compared* it sees the optimizer, by the weights that never move. It cannot see `batches * BATCH_SIZE`: that is a plain number, and any number could have been meant. So read as well. `torchcamp doctor --list` explains every finding, with an
    example.
    """)
    return


@app.cell(hide_code=True)
def exercise_read_strangers_modes(lesson):
    lesson.exercise("read_strangers_modes")
    return


@app.cell(hide_code=True)
def real_repository(lesson):
    lesson.prose(r"""
    ## A real repository, from its README to a changed line

    Now the same eight places in a repository that thousands of people have read: [minGPT](https://github.com/karpathy/minGPT) by Andrej Karpathy, a language model of about 300 lines. It takes some
    fifteen minutes at a terminal and needs the network once; if you are short of time, read along. The numbers are from version `37baab7`, on one core of a CPU.

    ```sh
    git clone https://github.com/karpathy/minGPT && cd minGPT
    ```

    1. **README.** It names three files that are the library, `mingpt/model.py`, `trainer.py` and `bpe.py`, and a folder `projects` that uses them. `projects/adder` trains a network to add numbers. That needs no data from
       elsewhere, so begin there.
    2. **Entry point.** Open `projects/adder/adder.py` and go to `if __name__ == '__main__':`. Data sets, model and trainer are made, then comes `trainer.run()`. The numbers that one can choose are in `get_config`.
    3. **Data.** `AdditionDataset.__getitem__` makes one example. 85 + 50 = 135 becomes the digits `8550531`: the answer is written backwards. The input is all digits but the last, the target all but the first, as in the
       lesson on recurrent networks. And the first three targets are set to -1. Why? You will find out at the loss.
    4. **Model.** Let the reader write the shapes down:

       ```sh
       torchcamp read mingpt/model.py:GPT --input int64:2x6:10 --args "config=CN(model_type=None, \
           n_layer=3, n_head=3, n_embd=48, vocab_size=10, block_size=6, \
           embd_pdrop=0.1, resid_pdrop=0.1, attn_pdrop=0.1)"
       ```

       `--input int64:2x6:10` means two rows of six whole numbers below 10, and `CN` is minGPT's own class for settings. Six digits go in, `(2, 6)`; each becomes a row of 48 numbers, `(2, 6, 48)`; three blocks keep that shape; ten scores for each place come out, `(2, 6, 10)`. There are 86,160 parameters.
    5. **Loss.** The last lines of `GPT.forward`: `F.cross_entropy` with `ignore_index=-1`. Places with the target -1 do not count: nobody can guess the digits of the question. **Predict the first loss** of an untrained network
       that has ten choices.
    6. **Optimizer.** `configure_optimizers` sorts the parameters into two groups, and the `assert` lines make sure that none is forgotten. So it owns them all.
    7. **Loop.** `Trainer.run`: forward, `zero_grad`, `backward`, clipping, `step`, in the right order. `torchcamp doctor projects/adder/adder.py -- --trainer.num_workers=0` watched six steps and found nothing.
    8. **Evaluation.** `eval_split` works with 500 problems that were kept apart, and the network is in eval mode, without gradients. It turns the answer round again with `d3.flip(1)`.

    Run it; it takes about a minute:

    ```sh
    PYTHONPATH=. python projects/adder/adder.py --trainer.max_iters=2001 --trainer.num_workers=0
    ```

    The first loss is 2.3145, near $\ln 10 = 2.3026$, the loss of guessing. After 2,000 steps 489 of the 500 test problems are right.

    **Now change one line.** Why is the answer written backwards? Take `[::-1]` away in the line that begins with `cstr =`. Before you run it, ask as always: who else uses this name? `eval_split` does, so `d3 = d3.flip(1)` has to go as well; with
    it, right answers would be counted as wrong. Predict the score, then run it.

    We got 43 of 500. The network writes its answer from left to right. Backwards, it begins with the ones and needs only two digits and a carry for each place. Forwards, it has to know the first digit of the sum before it has worked out
    the others. One line of the data, not of the network, decided whether it could learn to add in 2,000 steps.
    """)
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What tools are good at, and where they fail

    Shapes, gradients, modes, weights that do not move: a tool sees these more surely than you do. Whether the question is the right one, whether the test pictures are like those that will come, whether 97 % is good: no tool sees that.

    ## What came of it

    Reading is how the field works. Nearly every idea of the last ten years was published with its code, and most progress began with somebody who read it, asked "is it the one I think?", and changed one line.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            Look at the reports of the scripts in *find the line*: all of them run, and all are wrong. So:
            """),
            lesson.ask_again(
                "reading",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "A program that runs has passed Python's test, not yours. The number may come from the "
                    "training data, from a network in training mode, or from a division by the wrong count. "
                    "Read where it is made: on which data, in which mode, divided by what."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("reading")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("reading")
    return


if __name__ == "__main__":
    app.run()
