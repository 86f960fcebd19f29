import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Variational autoencoder",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import vae as figures

    return figures, lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md(r"""
    <a href="/" style="font-size: 0.85rem">← all lessons</a>

    # Variational autoencoder

    An encoder says where a picture lies among all pictures; a decoder draws what lies there. To be able to draw
    new ones, the places must be kept together, and that has a price.
    **What if the price counts too much?**
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "You take the mean over the 784 pixels where the loss wants their sum, and leave the KL as it is. What does the VAE learn?"
    options = [
        "The same, only with a smaller loss.",
        "Sharper pictures: the KL is held down.",
        "Nothing about any picture: its KL goes to 0.",
    ]
    lesson.ask("vae", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def map_text(mo):
    mo.md(r"""
    ## Touch it: a map of pictures

    Every point is a test picture's code. Drag over the map: the decoder draws what lies there, also where no picture was. Below, draw
    a digit and move the latents of its code one by one; then watch it turn into another one along a straight line.
    """)
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("vae")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    vae, words = lesson.shown(whose)
    return vae, words


@app.cell(hide_code=True)
def map(figures, images, lesson, mo, vae, whose):
    mo.vstack([lesson.choice(whose), figures.latent(vae.network, images)])
    return


@app.cell(hide_code=True)
def terms_text(mo):
    mo.md(r"""
    The loss has two terms, both in nats:

    $$-\mathrm{ELBO} = \underbrace{-\log p(x|z)}_{\text{reconstruction}} + \underbrace{\mathrm{KL}(q(z|x)\,\|\,p(z))}_{\text{what the code tells}}$$

    Worked, one latent with μ = 2 and σ = 1: KL = ½ (4 + 1 - 1 - 0) = **2 nats**. Being sure costs too: μ = 0 and σ = 0.1 cost
    ½ (0.01 - 1 + 4.605) = **1.8**.
    """)
    return


@app.cell(hide_code=True)
def mechanism(figures, images, lesson, mo, vae, words):
    pictures = images.test_images[:2] / 255
    mo.vstack(
        [
            mo.md(
                f"""
        ## The mechanism

        Two pictures went through {words} just now. The draw is written as μ + σ ε, so that gradients
        reach the encoder; both terms are summed for each picture, and only then averaged.
        """
            ),
            lesson.quote("models/vae.py::reparameterize", figures.loss, vae.network, pictures),
            lesson.quote("models/vae.py::vae_loss", figures.loss, vae.network, pictures),
        ]
    )
    return


@app.cell(hide_code=True)
def weight_text(mo):
    mo.md(r"""
    ## Touch it: the weight of the KL

    A VAE of two latents, from nothing. **Learn**, and see the classes part. Then move the weight: towards 100 all codes fall back onto the
    prior and the pictures become one blur; towards 0 the codes scatter, and between them lies nothing. At 1 the sum is the bound itself.

    In a terminal: `torchcamp train vae`, then `torchcamp sample latest`.
    """)
    return


@app.cell(hide_code=True)
def small(figures, images):
    figures.two_terms(images)
    return


@app.cell(hide_code=True)
def exercise_kl_divergence(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Try it yourself

            Seven exercises. Nine of the wrong answers to the first have been published somewhere.
            """),
            lesson.exercise("kl_divergence"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_reparameterize(lesson):
    lesson.exercise("reparameterize")
    return


@app.cell(hide_code=True)
def exercise_encoder_head(lesson):
    lesson.exercise("encoder_head")
    return


@app.cell(hide_code=True)
def exercise_negative_elbo(lesson):
    lesson.exercise("negative_elbo")
    return


@app.cell(hide_code=True)
def exercise_pixels_to_targets(lesson):
    lesson.exercise("pixels_to_targets")
    return


@app.cell(hide_code=True)
def exercise_sample_images(lesson):
    lesson.exercise("sample_images")
    return


@app.cell(hide_code=True)
def exercise_interpolate(lesson):
    lesson.exercise("interpolate")
    return


@app.cell(hide_code=True)
def exercise_bug_hunt_vae(lesson, mo):
    mo.vstack(
        [
            mo.md(r"""
            ## Bug hunt

            One blur for all, and half of the digits never drawn. Two lines.
            """),
            lesson.exercise("bug_hunt_vae"),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            mo.md(r"""
            ## The question again

            In the last figure, move the weight to 100 and wait. Then:
            """),
            lesson.ask_again(
                "vae",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "A picture's looks now count 1/784 of what its code costs, so the cheapest thing "
                    "is to tell nothing. Measured after 1,000 steps of a VAE with two latents (python "
                    "benchmarks/lessons.py): with the sum a KL of 5.30 nats and a reconstruction of "
                    "158.6; with the mean a KL of 0.0000, and 201.5: the same grey picture for "
                    "everything. It is called posterior collapse, and it is one word in a call. "
                ),
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
