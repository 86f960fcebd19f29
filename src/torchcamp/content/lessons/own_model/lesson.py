import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="A model of your own",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures.schemas import own_model as schema

    return lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("own_model")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    This was the course's second promise: you make a model of your own. Until now somebody had prepared the data, and you knew what was right. With pictures of your own nobody has. You have to decide what to collect, when it is good enough, and how
    much to believe your own numbers.
    """)
    return


@app.cell(hide_code=True)
def picture(lesson, mo, schema):
    mo.vstack(
        [
            lesson.prose("""
            ## The idea in one picture

            From a folder of pictures to a model that names new ones. The commands below the picture are the whole way.
            """),
            schema.whole(),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **Most of the work is in the pictures.** Make a folder for each class and put twenty or more pictures in each: your handwriting, leaves, two kinds of cups. Vary what should not matter, such as light, background and distance, or the model will learn
    that instead.

    **Begin with a baseline.** A **baseline** is the simplest thing that works: a small network with default settings. It takes a minute, and it tells you whether the task can be learnt from your pictures at all.

    **Measure on pictures that it has not seen, and know how exactly.** A few test pictures give a rough number. A difference of one picture is chance.

    **Borrow what others have learnt.** With few pictures it helps to begin with a network that was trained on many: the first layers already know edges and textures. Continuing from there is called **fine-tuning**. You can keep the
    borrowed layers as they are, frozen, and train only the last one.

    **Look at the mistakes.** They tell you what to do next better than any curve.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "One model names 29 of 32 test pictures right, another 28. Is the first one better?"
    options = [
        "Yes: 91 % against 88 %.",
        "Nobody can say: with 32 pictures, one more or less is chance.",
        "No: the second was probably trained for a shorter time.",
    ]
    lesson.ask("own_model", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    Let $p$ be the share of right answers among $n$ test pictures. If you had taken other pictures of the same kind, the share would have come out a little different. Ninety-five times in a hundred the true share lies within

    $$p \pm 1.96 \sqrt{\frac{p\,(1 - p)}{n}}$$

    (1.96, because 95 of 100 draws from a bell curve, the normal distribution, lie within 1.96 standard deviations of its middle.) Worked: 29 of 32 is $p = 0.906$, and the root is 0.052, so it is **91 % ± 10 %**. With 3,200 pictures it would be ± 1 %. (For shares very near 0 or 1, and for very few pictures, the formula is too optimistic.)
    """)
    return


@app.cell(hide_code=True)
def commands(lesson):
    lesson.prose(r"""
    ## The same in commands

    ```sh
    # Sizes, colours and the split come from the folder.
    torchcamp train cnn --data folder:photos --seed 0
    # Accuracy, which classes are taken for which, the worst mistakes.
    torchcamp evaluate latest
    # Go on from what was learnt.
    torchcamp train --from latest --epochs 20
    # Names for new pictures.
    torchcamp predict latest new/
    # A file that runs elsewhere.
    torchcamp export latest -o cups.onnx
    ```

    The page `docs/your-own-pictures.md` goes this way once with 200 small photographs, with the real output of each command. For colour photographs try `resnet` in place of `cnn`.

    And if you want to change the model itself: `torchcamp new mymodel` makes a folder with a model, a recipe (which data, how many epochs, which rate), a test and a README, small enough to be read in ten minutes.
    """)
    return


@app.cell(hide_code=True)
def exercise_read_freeze(lesson):
    lesson.exercise("read_freeze")
    return


@app.cell(hide_code=True)
def capstone(lesson):
    lesson.prose(r"""
    ## The capstone

    Now it is your turn. Take pictures of your own, make a network that is yours, train it, measure it, and read it. With a folder of pictures at hand it takes half an
    hour, and as much longer as you like. This is what the course was for.
    """)
    return


@app.cell(hide_code=True)
def exercise_my_model(lesson):
    lesson.exercise("my_model")
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What your model will be good at, and where it will fail

    It will do well on pictures like those you collected. It will fail, with full confidence, on others: another lamp, another hand, a class that it has never seen. It cannot say "I do not know" unless you teach it to. So say, when you give it away, what it was trained on and how it
    was measured.

    ## Where to go from here

    You can now read most of what is published. Pick a repository that interests you, run the reader and the doctor on it, find the line that does the trick, and change it. That is how everybody in this field began.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            Put 28 of 32 into the formula, and compare the two ranges. So:
            """),
            lesson.ask_again(
                "own_model",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "29 of 32 is 91 % ± 10 %, and 28 of 32 is 88 % ± 11 %: the ranges are almost the same. "
                    "If both models see the same pictures you can compare them picture by picture, but "
                    "with one picture of difference that says no more. Collect more test pictures, or "
                    "train each with several seeds."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("own_model")
    return


if __name__ == "__main__":
    app.run()
