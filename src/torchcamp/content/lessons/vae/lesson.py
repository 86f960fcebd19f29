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
    from torchcamp.figures.schemas import vae as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("vae")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    A picture of a digit has 784 pixels, but you would not describe it pixel by pixel. You would say: a seven, thin, leaning to
    the right, with a bar. A few such numbers fix nearly everything. We want a machine that finds such a short
    description by itself, without labels, and that can go the other way too: from a few numbers to a picture. Then drawing
    a new digit would be easy: make up the few numbers.

    The last lesson's machine needed hundreds of steps for one picture. This one needs a single pass through a network.
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
def picture_text(lesson):
    lesson.prose(r"""
    ## The idea in one picture

    Press **Next**. The first two steps show an ordinary autoencoder and what it lacks; the others show the *variational*
    autoencoder, **VAE** for short. All numbers come from a trained one and from this test picture.
    """)
    return


@app.cell(hide_code=True)
def picture(images, schema, vae):
    schema.whole(vae.network, images)
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **An autoencoder.** The **encoder** is a network that turns a picture into a short list of numbers, its **latent code**. Each
    number of it is called a *latent*. The **decoder** is a network that turns a code back into a picture. Both learn together from
    one demand: the picture that comes out shall be like the one that went in. The code is narrow, so it has to keep
    what matters.

    **Why that is not enough.** Nothing says where the codes should lie. In an autoencoder with 20 latents they spread from
    −15 to 15, with empty places between them. We drew 1,000 codes at random between these, around 0, and decoded them:
    a classifier took 984 of the 1,000 pictures for the same digit, an 8. They were smears. Codes of pictures are islands, and the decoder
    knows only the islands.

    **A cloud instead of a point.** The VAE's encoder gives two numbers for each latent: a middle $\mu$ and a width $\sigma$.
    The code is *drawn* from this cloud, a normal distribution. The decoder meets another point of the cloud each time and has to
    make the same picture of it. So codes near each other must decode to similar pictures.

    **A price for straying.** Alone, that would not help: the encoder could make $\sigma$ tiny and lay the clouds far apart,
    and we would have islands again. So the loss charges for every cloud that is not around 0 with width 1. That standard cloud is called
    the **prior**: it is what one knows about a code before having seen a picture. The price is the **KL divergence**, and it makes the clouds
    lie close together, without empty places.

    **Drawing something new.** Draw a code from the prior, decode it, done. With the same small network and this price,
    the 1,000 random codes gave all ten digits.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "In the picture, the first term of the loss is a sum over all 784 pixels. Suppose you write a mean instead, so that it is 784 times smaller, and leave the KL as it is. What does the VAE learn?"
    options = [
        "The same, only with a smaller loss.",
        "Sharper pictures: the KL is held down.",
        "Nothing about any picture: its KL goes to 0.",
    ]
    lesson.ask("vae", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    Three distributions belong to a VAE:

    * $p(z)$, the prior: each latent of the code $z$ is drawn from $N(0, 1)$, the normal distribution with mean 0 and width 1.
    * $p(x \mid z)$, the decoder: given the code, how likely is each pixel to be white?
    * $q(z \mid x)$, the encoder: given the picture, where may its code lie? This is $N(\mu, \sigma^2)$, with $\mu$ and $\sigma$ from the
      network. It stands in for the true **posterior**: what one knows about the code *after* having seen the picture.

    We would like to make $\log p(x)$ large for the training pictures, as for every generative model. But $p(x)$ is an average of
    $p(x \mid z)$ over all codes, which nobody can compute. A VAE makes something large that lies below it and can be computed, the evidence
    lower bound or **ELBO**:

    $$\log p(x) \;\ge\; \mathrm{ELBO} = \mathbb{E}_{z \sim q(z|x)}\big[\log p(x \mid z)\big] - \mathrm{KL}\big(q(z|x)\,\|\,p(z)\big)$$

    $\mathbb{E}_{z \sim q(z|x)}$ is the expectation: the average over codes $z$ drawn from the encoder's cloud. In practice one drawn
    code per picture is enough, because there are many pictures and many steps. The loss is the ELBO with a minus:

    $$\text{loss} = \underbrace{\mathbb{E}_{z \sim q(z|x)}\big[-\log p(x \mid z)\big]}_{\text{reconstruction}} \;+\; \underbrace{\mathrm{KL}\big(q(z|x)\,\|\,p(z)\big)}_{\text{price of the code}}$$

    **The first term** is the binary cross-entropy of each pixel, *added up* over the pixels of a picture.

    **The second term**, KL, measures how far one distribution is from another: the average of $\log q - \log p$ over draws from $q$. It is 0 if
    both are the same, and never negative. For two normal distributions it comes out as a formula, latent by latent:

    $$\mathrm{KL} = \frac{1}{2} \sum_j \left(\mu_j^2 + \sigma_j^2 - 1 - \ln \sigma_j^2\right)$$

    **Worked.** One latent with $\mu = 2$, $\sigma = 1$: ½ (4 + 1 − 1 − 0) = **2**. It lies away from 0, and that costs. One with
    $\mu = 0$, $\sigma = 0.1$: ½ (0 + 0.01 − 1 + 4.605) = **1.81**. A very narrow cloud costs as well, since it says precisely
    where the code is. One with $\mu = 0$, $\sigma = 1$: **0**. It says nothing about the picture.
    (In code the same formula is often written with the minus in front: $-\frac{1}{2} \sum_j (1 + \ln \sigma_j^2 - \mu_j^2 - \sigma_j^2)$.)

    **In which unit?** Both terms are minus logarithms of probabilities, so both are counted in nats, like the losses of lesson 3. Something
    of probability ½ costs $-\ln$ ½ = 0.69 nats, which is one bit; something of probability 1 in 1,000 costs 6.9 nats.
    """)
    return


@app.cell(hide_code=True)
def exercise_kl_divergence(lesson, mo):
    mo.vstack(
        [
            lesson.prose(
                "Now write the price yourself. Be careful: there are many ways to get it nearly right, "
                "and a loss that is nearly right trains without complaint."
            ),
            lesson.exercise("kl_divergence"),
        ]
    )
    return


@app.cell(hide_code=True)
def reparameterization(lesson):
    lesson.prose(r"""
    ## How gradients get past the draw

    There is one obstacle. The code is drawn at random, and a draw has no derivative: how should the loss tell the encoder to move $\mu$ a
    little? The way out is called **reparameterisation**. Draw $\varepsilon$ from $N(0, 1)$ first, and then compute

    $$z = \mu + \sigma\,\varepsilon, \qquad \varepsilon \sim N(0, 1)$$

    This $z$ is distributed as before, but now it is a plain formula of $\mu$ and $\sigma$: $\partial z / \partial \mu = 1$ and
    $\partial z / \partial \sigma = \varepsilon$. The randomness comes from outside, and gradients pass.

    The network gives $\ln \sigma^2$, called `logvar`, in place of $\sigma$: it may be any number, also a negative one, while a
    width may not. So $\sigma = e^{\mathrm{logvar} / 2}$.
    """)
    return


@app.cell(hide_code=True)
def exercise_reparameterize(lesson):
    lesson.exercise("reparameterize")
    return


@app.cell(hide_code=True)
def mechanism(figures, images, lesson, mo, vae, words):
    pictures = images.test_images[:2] / 255
    used, num_latents = figures.used_latents(vae.network, images)
    mo.vstack(
        [
            lesson.prose(
                f"""
        ## The same in code

        Two pictures went through {words} just now: 784 pixels, to {num_latents} latents, to 784
        logits. In the loss, look at where there is a sum and where there is a mean: both
        terms are summed for each picture, and only then averaged over the pictures.
        """
            ),
            lesson.quote("models/vae.py::VAE.encode", figures.loss, vae.network, pictures),
            lesson.quote("models/vae.py::VAE.forward", figures.loss, vae.network, pictures),
            lesson.quote("models/vae.py::vae_loss", figures.loss, vae.network, pictures),
            lesson.prose(
                f"""
        A VAE does not use more latents than pay for themselves. Of these {num_latents}, {used}
        cost more than 0.01 nats on average; the others have μ = 0 and σ = 1 for every picture, and
        the decoder has learnt to ignore them.
        """
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def map_text(lesson):
    lesson.prose(r"""
    ## Touch it: a map of pictures

    Every point is the code ($\mu$) of a test picture, coloured by its digit; the labels were not used in training. A code has more
    numbers than a screen has directions, so the map shows the two directions in which the codes differ most.

    1. Drag over the map. The decoder draws what lies there, also where there is no point. How does one digit become another?
    2. Draw a digit below, then move the sliders: each changes one latent of its code. Which one leans the digit over?
    3. At the bottom, one digit turns into another along the straight line between their codes.
    """)
    return


@app.cell(hide_code=True)
def map(figures, images, lesson, mo, vae, whose):
    mo.vstack([lesson.choice(whose), figures.latent(vae.network, images)])
    return


@app.cell(hide_code=True)
def weight_text(lesson):
    lesson.prose(r"""
    ## Train it, and break it: the weight of the KL

    A small VAE with two latents, so that its codes can be drawn without leaving anything out. On the left the clouds of 300 test
    pictures, in the middle what each place decodes to, on the right the two terms.

    1. Press **Learn** at weight 1 and watch the digits part. At weight 1 the loss is exactly −ELBO.
    2. **Break it:** move the weight to 0. This is an autoencoder again: the clouds shrink to points and drift
       outwards, and the places between them decode to smears.
    3. **Break it the other way:** move the weight to 100. Within 200 steps all clouds fall onto the prior, and every
       place decodes to the same grey blur.
    4. Back at weight 1 it recovers, though slowly: after several hundred steps the digits have parted again. **Begin again** starts
       from nothing.

    In a terminal, `torchcamp train vae` trains the large one, and `torchcamp sample latest` draws from it.
    """)
    return


@app.cell(hide_code=True)
def small(figures, images):
    figures.two_terms(images)
    return


@app.cell(hide_code=True)
def judgement(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    A VAE draws a new picture in one pass, gives every picture a short code that can be compared and mixed, and its ELBO is a bound on
    the likelihood: two VAEs can be compared by a number. It trains steadily, with one loss and one optimizer.

    Its pictures are soft. Where several pictures are possible, the decoder gives each pixel its own probability, and pixels
    that are decided one by one do not agree on a sharp stroke. And if the KL counts too much, or the decoder can do without the code, the code
    says nothing any more: *posterior collapse*.

    ## What came of it

    The code itself has turned out to be the useful part. Today's programs for images of the kind called latent diffusion first
    squeeze pictures into the codes of a VAE, work on the codes, which is far cheaper, and decode at the end. VAEs with several
    layers of latents draw sharp faces, and VAEs whose codes are entries of a learnt table turn pictures and sound into
    tokens that transformers can read and write.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            A mean over the pixels makes the first term 784 times smaller, so beside it the KL counts 784 times as much. The last
            figure goes up to a weight of 100. Then:
            """),
            lesson.ask_again(
                "vae",
                prompt,
                options,
                right=options[2],
                explanation=(
                    "A picture's looks now count 1/784 of what its code costs, so the cheapest thing "
                    "is a code that says nothing. Measured after 1,000 steps of a VAE with two latents (python "
                    "benchmarks/lessons.py): with the sum a KL of 5.30 nats and a reconstruction of "
                    "158.6; with the mean a KL of 0.0000, and 201.5: the same grey picture for "
                    "everything. It is called posterior collapse, and it is one word in a call. "
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("vae")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("vae")
    return


if __name__ == "__main__":
    app.run()
