import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Generative adversarial network",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import gan as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Generative adversarial network

    A forger and a detective. The forger never sees a real picture; all it knows is which way the detective would
    believe it more.
    **The detective's loss is 0. Is that good?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "After an hour the discriminator's loss is 0.001. What does that say?"
    options = [
        "The training has succeeded: the loss is as low as it can be.",
        "D tells every fake apart, and G hardly learns any more.",
        "Nothing: losses of a GAN are noise.",
    ]
    lesson.ask("gan", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def game_text(mo):
    mo.md(r"""
    ## Touch it: the game in the plane

    Green are real points, dark the fakes, the background is D: orange where it would believe. The short lines say which way each fake
    is pulled. Press **Play**. Then move the rates while it runs, and break it: put D to **sleep** and G runs to one spot: collapse. With
    the **saturated loss** the fakes are hardly pulled where D is sure. With **fakes not detached** D's own gradient pushes G away from the
    data.

    Draw your own: choose *draw your own*, draw a shape, play.
    """)
    return


@app.cell(hide_code=True)
def laboratory(figures):
    figures.game()
    return


@app.cell(hide_code=True)
def game_formula(mo):
    mo.md(r"""
    $$\min_G \max_D\; E[\log D(x)] + E[\log(1 - D(G(z)))]$$

    Worked: D says 0.9 to a real point and 0.2 to a fake: it pays -ln 0.9 - ln 0.8 = 0.105 + 0.223 = **0.329**. The fake's maker pays
    -ln 0.2 = **1.609**.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("gan")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    gan, words = lesson.shown(whose)
    return gan, words


@app.cell(hide_code=True)
def mechanism(gan, images, lesson, mo, words):
    from torchcamp.models.gan import make_discriminator, train_step

    mo.vstack(
        [
            mo.md(
                f"""
        ## The mechanism

        One step of D, one of G, and one word that keeps them apart: `detach`. The penalty holds D's
        slope down at real pictures; without it the two chase each other. The shapes are those of a
        step taken just now, on two pictures, with {words} and a new D.
        """
            ),
            lesson.quote_step(
                "models/gan.py::train_step",
                train_step,
                [gan.network, make_discriminator(gan.network.config)],
                images.test_images[:2] / 255,
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def film_text(mo):
    mo.md(r"""
    ## Touch it: a film of digits

    The lecture's plain pair on real digits, from nothing. **Learn** for a minute; every place keeps its noise. Drag the slider back: first
    fog, then the mean of everything, then strokes.
    """)
    return


@app.cell(hide_code=True)
def film(figures, images):
    figures.film(images)
    return


@app.cell(hide_code=True)
def own_generator(figures, gan, images, lesson, mo, whose):
    mo.vstack(
        [
            mo.md(
                """
        ## Look: what a trained one draws

        A classifier counts which digits it draws: a generator that had collapsed would draw one.
        Train your own in a terminal: `torchcamp train gan` (a quarter of an hour), or
        `torchcamp train gan --preset lecture --epochs 5`; this page then shows it.
        """
            ),
            lesson.choice(whose),
            figures.draw_classes(gan.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_discriminator_loss(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Eight exercises: the two losses, the step, the two networks, and how to look at what came of it.
            """),
            lesson.exercise("discriminator_loss"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_generator_loss(lesson):
    lesson.exercise("generator_loss")
    return


@app.cell(hide_code=True)
def exercise_gan_step(lesson):
    lesson.exercise("gan_step")
    return


@app.cell(hide_code=True)
def exercise_make_generator(lesson):
    lesson.exercise("make_generator")
    return


@app.cell(hide_code=True)
def exercise_make_discriminator(lesson):
    lesson.exercise("make_discriminator")
    return


@app.cell(hide_code=True)
def exercise_sample_film(lesson):
    lesson.exercise("sample_film")
    return


@app.cell(hide_code=True)
def exercise_modes_covered(lesson):
    lesson.exercise("modes_covered")
    return


@app.cell(hide_code=True)
def exercise_choose_generator(lesson):
    lesson.exercise("choose_generator")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_gan(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            A forger who helps the detective, and samples from another world. Two lines.
            """),
            lesson.exercise("bug_hunt_gan"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            In the laboratory, set the rate of G to 0.0001 and that of D to 0.1, and play. Then:
            """),
            lesson.ask_again(
                "gan",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "It is a game: a low loss of one is a lost game of the other. Balanced, D pays 2 "
                    "log 2 = 1.386, which is guessing. And where D is sure, log(1 - D) is flat: at D "
                    "= 0.01 its gradient is -0.01, that of -log D is -0.99 (python "
                    "benchmarks/lessons.py), which is why G minimises the latter. Choose a GAN by "
                    "what it draws, never by its losses. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
