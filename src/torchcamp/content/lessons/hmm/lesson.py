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
def opening(lesson):
    lesson.opening("hmm")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    So far a network looked at something and named it. From here on the course is about models that describe how the data could have come
    about, so that they can also make new data. They are called **generative models**.

    The first one is for sequences. In a casino you hear the results of a die: 6, 6, 4, 3, ... You suspect that the croupier has two dice, a fair
    one and a loaded one, and exchanges them now and then under the table. You never see which one is thrown. How probable is what you heard?
    Which die was it, when? And could you find out how the loaded die behaves, from the throws alone?
    """)
    return


@app.cell(hide_code=True)
def picture_text(lesson):
    lesson.prose(r"""
    ## The idea in one picture

    On one side the two dice and how they follow each other, on the other the throws in time. Step through it: the last steps compute
    the probability of four throws.
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

    **Something hidden moves step by step.** At each throw the casino is in one of a few **hidden states**: here, which die is in use. The next
    state depends on the present one and on nothing earlier. Such a sequence is called a **Markov chain**, and the numbers on its arrows are
    the **transition probabilities**.

    **Each state has its own way of showing itself.** The fair die shows every face equally often; the loaded one shows a six in half of its
    throws. These are the **emission probabilities**. Only what is shown can be seen.

    **Many stories could be behind the throws.** For 14 throws and two dice there are 2¹⁴ = 16,384 of them. The probability of the throws is
    the sum over all stories. Fortunately we need not go through them one by one: to continue a story you only need to know where it is *now*.
    So at each throw we keep one number per state and pass it on along the arrows. This is the **forward pass**.

    **Two questions about the hidden states.** "Which die was it at throw 5?" asks for a probability, given all throws. "Which row of dice
    explains everything best?" asks for one path. For the path we keep, at each state, the best way there instead of the sum of all
    ways. This is **Viterbi's algorithm**.

    **Learning is counting.** If we saw the states, we would count how often each follows each, and divide. We do not see them, so we count
    with the probabilities in their place, which gives new tables, and with these we count again. This is the **Baum-Welch** algorithm, and the
    probability of the data never falls from one round to the next.
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
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    Let $x_t$ be what is seen at step $t$, $s$ and $r$ states, $A_{r,s}$ the probability of going from $r$ to $s$, and $p(x_t \mid s)$ the
    probability that state $s$ shows $x_t$. The forward pass computes for each step and state

    $$\alpha_t(s) = p(x_t \mid s) \sum_r \alpha_{t-1}(r)\, A_{r,s}$$

    Read: the ways that lead to $s$ are added up, then multiplied by how well $s$ explains what is seen now. At the first step the sum is
    replaced by the probability of beginning in $s$; in our casino that is ½ for either die.

    Worked, for a six at the first throw: fair ½ · ⅙ = 0.083, loaded ½ · ½ = 0.25. Their sum is 0.333. Divided by it: fair **0.25**, loaded
    **0.75**. We divide at every step, because products of many small numbers would soon be 0 in a computer. The logarithms of the sums by
    which we divided, added up, are the logarithm of the probability of all throws: the **log-likelihood**.
    """)
    return


@app.cell(hide_code=True)
def trellis_text(lesson):
    lesson.prose(r"""
    ## Touch it: a casino with two dice

    Each column is a throw and each row a die; a thick line is a probable step, and the number in a circle is a probability. Press a throw to
    change it. Move *as far as throw* to see the probabilities flow.

    - **forward**: what do the throws *so far* say about the die?
    - **backward**: what do the throws *to come* say?
    - **both together**: what do all throws say?
    - **best path**: which single row of dice explains them best? It is drawn in orange, and in blue the more probable die at each throw by itself.

    **Throw anew** draws other throws; rings show which die it really was. **Break it:** set both exchanges to 0.5. The chain then remembers nothing, and each
    throw is judged by itself.
    """)
    return


@app.cell(hide_code=True)
def trellis(figures):
    figures.trellis()
    return


@app.cell(hide_code=True)
def exercise_forward_loglik(lesson):
    lesson.exercise("forward_loglik")
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
    num_states = hmm.network.config.num_states
    two = figures.rows_of(images, 2)
    mo.vstack(
        [
            lesson.prose(
                f"""
        ## The same in code

        The same model can read pictures, row by row from the top: a digit is a sequence of 28 rows of 28 bits (ink or no ink), and each hidden
        state stands for one kind of row. Two states are far too few for that; {words} has {num_states}. Two pictures went through it just
        now. The shapes on the right are (steps, batch, states). Find the line with the sum over $r$: it is a matrix product.
        """
            ),
            lesson.quote("models/hmm.py::forward_pass", hmm.network, *two),
            lesson.prose(
                """
        And this is the second half of a round of Baum-Welch. `statistics` holds the counts that the first half has collected; each table is
        its counts divided by their sum.
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

    Nobody told the model what a stroke is. Each state learnt one kind of row, and which kinds follow it. Press a row of the picture: which
    state read it, what does that state expect to see, and what does it expect next?

    Train your own in a terminal, in your workspace: `torchcamp train hmm --epochs 3`. This page then shows it. `torchcamp train hmm --data
    dice` learns the dice of a casino from its throws.
    """)
    return


@app.cell(hide_code=True)
def rows(figures, hmm, images, lesson, mo, whose):
    mo.vstack([lesson.choice(whose), figures.row_states(hmm.network, images)])
    return


@app.cell(hide_code=True)
def exercise_transition_table(lesson):
    lesson.exercise("transition_table")
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What it is good at, and where it fails

    Everything about this model can be computed exactly: how probable the data are, which states were likely, which path was best. It needs
    little data, and its tables can be read. But all it remembers is which of its states it is in. With 512 states it can remember one of 512
    things, and a model that should remember the last 20 bits would need more than a million.

    ## What came of it

    For thirty years speech recognition was built on hidden Markov models, and programs that find genes in DNA still are. Where much data
    are to be had, recurrent networks (lesson 11) and transformers have taken their place: their memory is a row of numbers instead of
    one state out of a list.
    """)
    return


@app.cell(hide_code=True)
def families_text(lesson, mo):
    mo.vstack(
        [
            lesson.prose(r"""
            ## A map for the lessons to come

            The hidden Markov model is the first of six generative models in this course. Here they are side by side, with what each is a model
            of and what you can ask it for. You will understand every line by the end; for now, look at what they draw.
            """),
            lesson.families_map(),
        ]
    )
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            In the casino above, press **best path** for the throws that it begins with, and compare the two colours. So:
            """),
            lesson.ask_again(
                "hmm",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "For the 14 throws at the beginning they differ at 11. The best row is loaded throughout: one "
                    "exchange costs more than some throws that fit badly. But many other rows have an exchange "
                    "somewhere, and together they make 'fair' more probable in the middle. Each answer is right "
                    "for its question: which die here, or which row? Of 4,000 rows drawn from this casino the two "
                    "differ in 41 % (python benchmarks/lessons.py). With more states and some impossible "
                    "transitions the row of single states may even hold a step of probability 0: in 6 of 500 "
                    "random chains there. "
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("hmm")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("hmm")
    return


if __name__ == "__main__":
    app.run()
