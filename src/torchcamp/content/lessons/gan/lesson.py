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
    from torchcamp.figures.schemas import gan as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("gan")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    We want a network that draws new digits. What should its loss be? "Close to this picture" is no good:
    a new digit should look like *some* digit, not like a copy of one we have, and a picture that is close to all of them at once
    is their mean, a grey blur. It is hard to write down what makes a picture look real.

    But we know how to train a network that tells two kinds of pictures apart. So we let a second network
    be the judge, and train the two against each other. This is a generative adversarial network, a GAN.
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
def picture(gan, images, lesson, mo, schema, words):
    share = schema.told_apart(gan.network, images)
    verdict = schema.verdict(share, gan.recipe.data, images.name)
    mo.vstack(
        [
            lesson.prose(f"""
            ## The idea in one picture

            Press **Next** and follow one noise vector through a whole training step. The generator comes from {words}.
            The discriminator is new: it was trained a moment ago, on ten batches. Of 100 pictures, real and fake, it takes {100 * share:.0f} for what they are; a coin would get 50.
            {verdict}
            """),
            schema.whole(gan.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def words_of_it(lesson):
    lesson.prose(r"""
    ## The idea in words

    Think of a forger and a detective. The **generator** G is the forger. It gets a row of random numbers,
    the noise $z$, and makes a picture of it: a **fake**. Different noise gives a different picture, so
    after training we can draw as many new pictures as we like.

    The **discriminator** D is the detective. It is an ordinary classifier with a single output: the
    probability that the picture in front of it is real. It sees real pictures, which it should give 1, and
    fakes, which it should give 0. In the GAN that ships, D is a small convolutional network, and G goes the other way: from 64 random numbers
    through transposed convolutions (lesson 6) to a picture.

    The forger never sees a real picture. All it gets is a gradient: how to change each pixel so that the
    detective believes the picture more. This gradient is useful only if D sees differences that G can still mend, so the two must be about equally good. If the
    detective is blind, the forger learns nothing; and we will see what happens if it is far ahead.

    They take turns. In the first half of a step only D's weights move, in the second only G's. One word
    keeps the halves apart: `fake.detach()` cuts the fake out of the graph, so that the gradient of
    D's loss does not reach G. Without it D's loss also sends gradients into G. If they are still there when G steps, as with a switch
    below, they push G to draw pictures that are easy to reject.

    When training goes well, the fakes become so good that D can only guess: it says 0.5 to
    everything, because any other answer would cost more: 0.9 costs 0.105 for a real picture and 2.303 for a fake. So a loss of D near zero is a bad sign.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = (
        "During the training of a GAN, D's loss sinks to 0.000 and stays there. What does that say?"
    )
    options = [
        "The training has succeeded: the loss is as low as it can be.",
        "D tells every fake from the real ones: G has fallen behind.",
        "Nothing: the losses of a GAN are pure chance.",
    ]
    lesson.ask("gan", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    The whole game fits in one line:

    $$\min_G \max_D\; E_x[\log D(x)] + E_z[\log(1 - D(G(z)))]$$

    Here log is the natural logarithm, ln; $x$ is a real picture, $z$ is noise drawn from a normal distribution, $G(z)$ is the fake
    made of it, and $D(\cdot)$ is D's probability of "real", between 0 and 1. $E_x$ and $E_z$ are means over real
    pictures and over noise; in a program, over a batch. $\max_D$: D wants the sum large, so it says 1 to real and 0 to
    fake. $\min_G$: G wants it small, and can only change the second term.

    **D's loss** is this sum with a minus sign, because optimizers minimise. Say D gives a real picture
    0.9 and a fake 0.2. Then

    $$L_D = -\ln 0.9 - \ln(1 - 0.2) = 0.105 + 0.223 = 0.328$$

    If it says 0.5 to both, it pays $-\ln 0.5 - \ln 0.5 = 2 \ln 2 = 1.386$: the price of guessing.

    **G's loss.** Taken literally, G would minimise $\ln(1 - D(G(z)))$. This is called the saturating loss, because it is flat where D is
    sure of a fake. At the start G is bad and D *is* sure: suppose it gives a fake 0.01. What reaches G has to pass through D's logit, so ask how fast the loss
    changes with that logit. Lesson 3 has the answer, *probability minus truth*: the cross-entropy for "fake" (truth 0), $-\ln(1 - D)$, has the slope
    0.01 − 0, so $\ln(1 - D)$, the same without the minus, has the slope $-0.01$. G would hardly learn just when it has most to learn. So one
    minimises another loss with the same aim, the non-saturating loss

    $$L_G = -\ln D(G(z))$$

    It is the cross-entropy for "real" (truth 1), so its slope at the same point is 0.01 − 1 = $-0.99$. It is what the picture above shows, and what everybody uses. For our fake
    with $D = 0.2$ it is $-\ln 0.2 = 1.609$.
    """)
    return


@app.cell(hide_code=True)
def code(gan, images, lesson, mo, words):
    from torchcamp.models.gan import make_discriminator, train_step

    mo.vstack(
        [
            lesson.prose(f"""
            ## The same in code

            This is the training step that `torchcamp train gan` runs. The shapes are those of a step taken just now, on
            two pictures, with {words} and a new discriminator. Find the two halves, and `detach` in the first. Both
            losses take **logits**: with $D = \\mathrm{{sigmoid}}(\\text{{logit}})$, $-\\ln D$ is `softplus(-logit)`,
            which never overflows: softplus(t) is ln(1 + e^t), and −ln D = ln(1 + e^−logit).

            `latent_dim` is how many random numbers the noise has. One thing is not in the formula. The *penalty* charges D if its logit changes a lot when a real picture changes a little
            (it is known as R1). It keeps D from becoming sure too quickly, and the pair from chasing each other in circles.
            """),
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
def exercise_discriminator_loss(lesson, mo):
    mo.vstack(
        [
            lesson.prose("Now write the loss of D yourself."),
            lesson.exercise("discriminator_loss"),
        ]
    )
    return


@app.cell(hide_code=True)
def game_text(lesson):
    lesson.prose(r"""
    ## Touch it: the game in the plane

    Pictures have 784 pixels; here each "picture" is only a point with two coordinates, so that everything can
    be seen. Green points are real: eight clusters on a ring. Dark points are fakes. The
    background is D's answer at each place: orange where it says real, blue where it says fake. The
    short lines are G's gradient: which way each fake is pulled, and how hard.

    Press **Play** and wait for about 1,000 steps. The fakes spread until they reach most of the eight
    places, and D's loss comes near the dashed line of guessing.

    ### Break it

    Each switch changes one thing. After trying one, switch it off and press **Begin again**: some of these
    games do not recover.

    * **D asleep**: D learns only one step in 20. All fakes run to the one spot that it likes best. G draws one
      thing only: mode collapse.
    * **D far ahead**: G learns only one step in 20. Tick **saturating loss** as well: after
      some 300 steps D's loss is 0.000, the fakes are not pulled any more, and they stay where they are.
      Now untick the saturating loss: the fakes are pulled again, hard, but still reach only one or two places.
    * **Fakes not detached**: D's loss pulls at G too. Where D says more than 0.5, the lines now point *away* from the
      data: G now gets D's loss on top of its own, and the sum of the two is smallest where D says 0.5, so it avoids the very places that D takes for real. From a new start it reached 4 of 8 places in 2,400 steps; without the mistake, 8 of 8.

    You can also choose *draw your own*, draw a shape, and play.
    """)
    return


@app.cell(hide_code=True)
def laboratory(figures):
    figures.game()
    return


@app.cell(hide_code=True)
def exercise_gan_step(lesson, mo):
    mo.vstack(
        [
            lesson.prose(
                "You have seen what `detach` does. In this exercise you write both halves of the step."
            ),
            lesson.exercise("gan_step"),
        ]
    )
    return


@app.cell(hide_code=True)
def film_text(lesson):
    lesson.prose(r"""
    ## Train it: a film of digits

    The same game with real digits and a smaller pair, both fully connected, from nothing. Press **Learn** and give it a
    minute. Each place keeps its noise, so you can watch one picture grow. Then drag the slider back through
    the film: first grey fog, then something like the mean of all digits, then strokes.
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
            lesson.prose("""
            ### What a trained generator draws

            Fifty pictures from fifty noise vectors. A classifier that was trained on real digits counts which digits
            they show: a generator that had collapsed would draw only one or two of them. Move the slider to walk from
            one set of noise vectors to another; the pictures change smoothly.

            The generator that ships was trained with `torchcamp train gan --preset best --seed 2`, in 12 minutes on one core; it is
            the best of three seeds. It differs from the default in three ways. G has one more layer between the noise and the
            picture. D also sees how much the pictures in a group of four differ, so that it can notice a G that repeats itself
            (the D in the drawing at the top does not). And the penalty is lighter.

            To train your own, run that command in a terminal, or train a smaller, fully connected pair:
            `torchcamp train gan --preset lecture --epochs 5`. Then reload this page, and it shows yours.
            """),
            lesson.choice(whose),
            figures.draw_classes(gan.network, images),
        ]
    )
    return


@app.cell(hide_code=True)
def good_and_bad(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    A GAN draws sharp pictures, because blur is the first thing that a discriminator learns to reject. It draws
    them in one pass through the generator, so it is fast. It needs no formula for "looks real".

    It has no likelihood: it cannot say how probable a given picture is, and it has no encoder that
    would find the noise for a picture. Its training is a balance, not a descent, so no curve tells you when to stop. And it can leave things out
    unnoticed: mode collapse, in its mild form, is a generator that never draws a 4.

    ## What came of it

    From 2014 to about 2020 GANs drew the best pictures of all generative models; the faces of StyleGAN are the famous
    example. Since then *diffusion models* have taken their place. They learn to remove a little noise from a
    picture and draw by doing so many times; they are slower, but their training has a single loss that simply goes down, and they leave
    less out. The adversarial loss lives on as one term among several: in networks that sharpen or compress pictures, and to make diffusion models draw in
    few steps.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            In the plane above, press **Begin again**, tick **D far ahead** and **saturating loss**, and play 300 steps. Read D's loss, and the sentence
            under the plane. Then:
            """),
            lesson.ask_again(
                "gan",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "It is a game: if one player's loss is very low, the other is losing. In the plane, D rejects "
                    "100 % of the fakes, and with the saturating loss nothing pulls them any more. In a balanced game D can "
                    "only guess and pays 2 ln 2 = 1.386. The losses are not pure chance either: they say who is "
                    "ahead. They do not say how good the pictures are, so choose a GAN by what it draws."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("gan")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("gan")
    return


if __name__ == "__main__":
    app.run()
