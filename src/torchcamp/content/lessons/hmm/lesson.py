import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Hidden Markov model",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import hmm as figures
    from torchcamp.figures.schemas import hmm as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def question(lesson):
    lesson.opening("hmm")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    A croupier has two dice, a fair one and a loaded one that shows a six in half of its throws. Now and then the dice are exchanged under the table. You see the throws only:
    6 6 4 3 5 6 4 2 5 2 6 5 1 6. Which die was in use, and when? And how probable are such throws at all?

    Many questions have this form: what we see is the trace of something that we do not see. Sounds are the trace of words, and the rows of a
    handwritten digit are the trace of a stroke. So far our networks gave one answer for one picture. This lesson is about *sequences*, and about a model that can say how probable they are.
    """)
    return


@app.cell(hide_code=True)
def picture(lesson, mo, schema):
    mo.vstack(
        [
            lesson.prose(
                """
    ## The idea in one picture

    First the model: two states, arrows between them, and what each of them shows. Then the same in time, a chain for the first four throws. Press **Next**.
    """
            ),
            schema.whole(),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **A chain.** The die in use is the *hidden state*. From one throw to the next it stays or changes, with fixed probabilities, the *transitions*. What comes next depends on the state now
    and on nothing before it: such a row of states is called a *Markov chain*.

    **What it shows.** Each state shows a symbol with probabilities of its own, the *emissions*. Chain and emissions together are a *hidden Markov model*, HMM for short. It consists of three tables of
    probabilities: how the chain starts, how it moves, what each state shows.

    **All stories at once.** Any row of dice could have made these throws, some more probably than others. The probability of the throws is the sum over all these rows. For 14 throws there are
    2¹⁴ = 16,384 of them. The *forward algorithm* adds them up in 14 steps, because to go on one needs to know only which die it is **now**, not how it came there.

    **Looking back.** The forward algorithm knows the throws so far. A second pass, backward, says how well each state explains the throws still to come. Both together give the probability of each
    state at each throw, given **all** throws.

    **The best story.** If one wants a single row of dice, one keeps at each step the best way to each state in place of the sum of all ways. This is the algorithm of *Viterbi*.

    **Learning.** Nobody tells the tables. If the states could be seen, learning would be counting: how often did the chain go from fair to loaded? They cannot be seen, so we count in shares: guess with
    the present tables how probable each state was at each step (E step), add up these shares as if they were counts, and divide each row by its sum (M step). This is repeated and is
    called EM, or for HMMs *Baum-Welch*. The *likelihood*, the probability of the data, never falls.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "For each of 14 throws you take the die that is more probable, given everything that was seen. Is this row of dice also the most probable row?"
    options = [
        "Yes: the best parts make the best whole.",
        "Often, but not always: they answer two different questions.",
        "Never.",
    ]
    lesson.ask("hmm", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def exercise_transition_table(lesson, mo):
    mo.vstack(
        [
            lesson.prose("To begin with, count transitions where the states can be seen."),
            lesson.exercise("transition_table"),
        ]
    )
    return


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    $$\alpha_1(s) = \pi_s\; p(x_1 \mid s)$$

    $$\alpha_t(s) = p(x_t \mid s) \sum_r \alpha_{t-1}(r)\, A_{r,s}$$

    * $x_t$: what is seen at step $t$, here throw $t$.
    * $s$ and $r$: states. $r$ is the one before, $s$ the one now.
    * $\pi_s$: the probability that the chain starts in $s$. Here ½ for each die.
    * $A_{r,s}$: the transition probability from $r$ to $s$. Each row of $A$ adds up to 1.
    * $p(x_t \mid s)$: the emission probability, how probable $x_t$ is in state $s$.
    * $\alpha_t(s)$ (alpha): the probability of everything seen up to $t$ **and** of being in $s$ now. The sum over $s$ at the end is $p(x)$.

    **Worked,** for a six and another six: fair $\tfrac12 \cdot \tfrac16 = 0.083$, loaded $\tfrac12 \cdot \tfrac12 = 0.25$, together $0.333$. Divided by this sum: $0.25$ and $0.75$. Next, what arrives at fair: $0.25 \cdot 0.95 + 0.75 \cdot 0.10 = 0.3125$,
    times $\tfrac16$ is $0.0521$; at loaded $0.25 \cdot 0.05 + 0.75 \cdot 0.90 = 0.6875$, times $\tfrac12$ is $0.3438$. Together $0.396$; divided by it, $0.132$ and $0.868$.

    Why divide? A product of hundreds of probabilities becomes so small that a computer makes 0 of it. So the numbers are divided by their sum at each step, and the logarithms of these sums are added up: they give $\log p(x)$, the *log-likelihood*.

    **Viterbi** replaces the sum by the largest: $\delta_t(s) = p(x_t \mid s)\, \max_r\, \delta_{t-1}(r)\, A_{r,s}$, and remembers which $r$ it was.
    """)
    return


@app.cell(hide_code=True)
def exercise_forward_loglik(lesson):
    lesson.exercise("forward_loglik")
    return


@app.cell(hide_code=True)
def trellis_text(lesson):
    lesson.prose(r"""
    ## Touch it: 14 throws

    Each column is a throw, each row a die. The number in a circle is a probability, and the width of a line shows how much of it flows along there. The throws stand below; press one to
    change it. The sliders change the model: both dice are equally probable at the beginning.

    * **forward**: what the throws **so far** say. Move *as far as throw* and watch the probabilities flow.
    * **backward**: what the throws **to come** say.
    * **both together**: what all of them say.
    * **best path**: the one best row of dice in orange, and in blue the more probable die at each throw by itself. Do they agree?
    * **Throw anew** draws new throws from this model; rings show which die it really was.
    * **Break it:** set both exchanges to 0.5. The chain then has no memory, and each throw is judged by itself.
    """)
    return


@app.cell(hide_code=True)
def trellis(figures):
    figures.trellis()
    return


@app.cell(hide_code=True)
def whose_network(lesson):
    images = lesson.load_images(lesson.data_name())
    whose = lesson.whose("hmm")
    return images, whose


@app.cell(hide_code=True)
def network_in_use(lesson, whose):
    hmm, words = lesson.shown(whose)
    return hmm, words


@app.cell(hide_code=True)
def quote_forward(figures, hmm, images, lesson, mo, words):
    two = figures.rows_of(images, 2)
    num_states = hmm.network.config.num_states
    mo.vstack(
        [
            lesson.prose(
                f"""
    ## The same in code

    The same model reads pictures: {words.split(":")[0]}. A digit is a sequence of 28 rows, from top to bottom, and each row is 28 bits, black or white. In place of two dice it has {num_states} states, so its table of transitions
    has {num_states} × {num_states} numbers. Two pictures went through just now. Beside the lines stand the shapes: steps first, then the batch, then the states. Look at the last line of the loop: `@` is the sum over $r$.
    """
            ),
            lesson.quote("models/hmm.py::forward_pass", hmm.network, *two),
            lesson.prose(
                """
    And the M step: rows of expected counts become rows of probabilities. `pseudo_count` is added so that what was never seen stays possible.
    """
            ),
            lesson.quote("models/hmm.py::update", figures.one_update, hmm.network, *two),
        ]
    )
    return


@app.cell(hide_code=True)
def rows_text(lesson):
    lesson.prose(r"""
    ## Look: states that nobody named

    Nobody told the model what a stroke is. By counting alone each state has learnt one kind of row, and which rows follow it. Choose a row of the picture: which state read it, which pixels does that
    state expect, and what does it expect in the next row?

    **Train it:** type `torchcamp train hmm --epochs 3` in a terminal, in your workspace; this page then shows your model too. For the dice it is `torchcamp train hmm --data dice`.
    """)
    return


@app.cell(hide_code=True)
def rows(figures, hmm, images, lesson, mo, whose):
    mo.vstack([lesson.choice(whose), figures.row_states(hmm.network, images)])
    return


@app.cell(hide_code=True)
def good_and_bad(lesson):
    lesson.prose(r"""
    ## What it is good at, and what not

    An HMM is one of the few models whose probability can be computed **exactly**, quickly, and for any length. Its tables can be read, it learns from little data, and it says how sure it is. It can
    also draw new sequences: start, move, show, and so on.

    But everything that it remembers is which state it is in. With 512 states that is one of 512 notes, never two at once. To remember two things that do not depend on each other, it needs a state
    for each pair. So it draws digits row by row, and often the lower half no longer knows what the upper half was.

    ## Where it went since

    For about thirty years speech was recognised with HMMs. Recurrent networks, three lessons further on, replace the number of a state by a row of numbers, which can hold many notes at once; they and
    transformers took over. HMMs are still at work where little data must be explained exactly, as in finding genes. And the idea of adding up all paths lives on in the loss CTC, with which speech networks are trained.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
    ## The question again

    In the figure above, choose *best path* for the throws that it began with, then for others. Compare the orange row with the blue one. Then:
    """),
            lesson.ask_again(
                "hmm",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "For the 14 throws at the beginning they differ at 11. The best path is loaded throughout: one "
                    "exchange costs more than some throws that fit badly. But many other rows have an exchange "
                    "somewhere, and together they make 'fair' more probable in the middle. Each answer is right "
                    "for its question: which die here, or which row? Of 4,000 rows drawn from this casino the two differ in 41 % "
                    "(python benchmarks/lessons.py). With more states and some impossible transitions the row "
                    "of single states may even hold a step of probability 0: in 6 of 500 random chains there. "
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("hmm")])
    return


@app.cell(hide_code=True)
def end(lesson):
    lesson.closing("hmm")
    return


if __name__ == "__main__":
    app.run()
