import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Conditional GAN",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import cgan as figures
    from torchcamp.figures.schemas import cgan as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("cgan")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    The generator of the last lesson draws digits, but you cannot ask it for a seven. You take what the noise gives. Most uses need more: a picture of *this* kind, a sentence
    about *that*. We want a generator that takes a wish.

    We have labels for our digits. How do they get into a GAN, and where do they have to be known?
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("cgan")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    cgan, words = lesson.shown(whose)
    return cgan, words


@app.cell(hide_code=True)
def picture(cgan, images, lesson, mo, schema, whose):
    mo.vstack(
        [
            lesson.prose("""
            ## The idea in one picture

            Follow the label: it enters twice. **Another example** asks for another digit with the same noise.
            """),
            lesson.choice(whose),
            schema.whole(cgan.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **The label goes into the generator.** It gets the noise and, beside it, the class. The noise decides *how* the digit is written, the class *which* digit it is. A model that is
    told something in this way is called **conditional**: it draws under a condition.

    **A class is not a number.** To a network, 9 would be nine times as much as 1. So the class becomes a row of ten numbers with a single 1, one-hot, as in lesson 3. Or each class gets
    a row of numbers of its own, which is learnt: an **embedding**.

    **The label goes into the discriminator too.** It is shown a picture together with a label, and asked: is this a real picture *of that class*? A perfect seven with the label 3 is a fake.

    **Training is the game that you know.** Only the pairs are new: a real picture comes with its own label, and a fake with the label that the generator was given.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "The generator gets the label, the discriminator does not. How many of its pictures are what was asked for?"
    options = [
        "All of them: the generator has the label.",
        "About one in ten, as by chance.",
        "None: it cannot train.",
    ]
    lesson.ask("cgan", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    With $y$ for the label, the game of the last lesson reads

    $$\min_G \max_D\; E_{x,y}[\log D(x, y)] + E_{z,y}[\log(1 - D(G(z, y), y))]$$

    $x$ is a real picture and $y$ its label, $z$ is noise; $G(z, y)$ is the picture that the generator draws for the label $y$. In our model D computes one score for each class,
    and only that of the label counts:

    $$\mathrm{logit}(x, y) = w_y \cdot \varphi(x) + b_y$$

    $\varphi(x)$ is what the layers of D make of the picture, a row of numbers. $w_y$ is a row as long, learnt for class $y$: an embedding. The dot multiplies the two place by place and adds up; $b_y$ is
    the bias of the class. Worked, for the generator: 64 numbers of noise and ten of the
    class are **74** inputs of its first layer.
    """)
    return


@app.cell(hide_code=True)
def mechanism(cgan, figures, images, lesson, mo, words):
    from torchcamp.models.cgan import make_discriminator, train_step

    request = figures.two_requests(cgan.network)
    mo.vstack(
        [
            lesson.prose(
                f"""
        ## The same in code

        Two noise vectors with the classes 3 and 7 went through the generator just now ({words}). First the line where the class is put beside the noise, then the generator's way
        forward.
        """
            ),
            lesson.quote("models/cgan.py::with_classes", cgan.network, *request),
            lesson.quote(
                f"models/cgan.py::{type(cgan.network).__name__}.forward", cgan.network, *request
            ),
            lesson.prose(
                """
        And the step, on two pictures with a new discriminator. Look where `class_labels` goes: into every call of both networks. The *penalty* is the one of the last lesson.
        """
            ),
            lesson.quote_step(
                "models/cgan.py::train_step",
                train_step,
                [cgan.network, make_discriminator(cgan.network.config)],
                (images.test_images[:2] / 255, images.test_labels[:2]),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_one_hot(lesson):
    lesson.exercise("one_hot")
    return


@app.cell(hide_code=True)
def classes_text(lesson):
    lesson.prose(r"""
    ## Touch it: ask for a digit

    Type a number, and it is drawn. Below, each row is a class and each column one noise vector, so down a column the hand that writes stays the same. **Walk through the noise**: the hand
    changes, the classes hold. A red frame says that a classifier takes the picture for another digit than was asked for.
    """)
    return


@app.cell(hide_code=True)
def classes(cgan, figures, images):
    figures.draw_classes(cgan.network, images)
    return


@app.cell(hide_code=True)
def exercise_cgan_step(lesson):
    lesson.exercise("cgan_step")
    return


@app.cell(hide_code=True)
def train_text(lesson):
    lesson.prose(r"""
    ## Train it

    In a terminal: `torchcamp train cgan`, then `torchcamp sample latest --label 7`. `torchcamp evaluate latest` measures two things. *Label agreement* is the share of pictures that an
    independent classifier takes for what was asked for. *Classifier accuracy* says how well a classifier does on real digits that has only ever seen drawn ones.
    """)
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    It draws what you ask for, in one pass, as sharply as a GAN does. It needs labels for its training pictures, and it knows only the classes that it was trained on. What it may still
    leave out, unnoticed, is variety within a class: all its fours may be open ones.

    ## What came of it

    Instead of a label, a model can be given a sentence, a sketch or another picture. Programs that draw from a description do exactly this: the words are turned into rows of numbers, and
    these are the condition. Inside they mostly use diffusion instead of a GAN.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            Two small GANs were trained on MNIST in the same way. On the left both networks were told the class, on the right the generator alone. Each row asks for
            one class, 0 at the top and 9 at the bottom, with eight noise vectors. Count on each side what was asked for, and think of a discriminator without the label: what
            would it say to a beautiful 3 when a 7 was asked for? So:
            """),
            lesson.stored_picture(
                "cgan/told.png",
                "Ten rows of digits, asked for 0 to 9. In the left half nearly every row shows its own digit; "
                "in the right half every column shows one and the same picture in all rows.",
            ),
            lesson.ask_again(
                "cgan",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "G has no reason to listen: any good digit passes. On the right of the picture a "
                    "column shows the same digit in all ten rows: only the noise decides. Measured after 3,000 steps of "
                    "a pair of fully connected networks on MNIST (python benchmarks/lessons.py): with the classes told to both, 68 "
                    "% of the pictures are what was asked for; told to G alone, 11 %. The label must be "
                    "known where the judgement is made."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("cgan")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("cgan")
    return


if __name__ == "__main__":
    app.run()
