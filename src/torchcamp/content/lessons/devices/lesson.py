import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="CPU and GPU",
    css_file="course.css",
)


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from torchcamp import lesson
    from torchcamp.figures import devices as figures
    from torchcamp.figures.schemas import devices as schema

    return figures, lesson, mo, schema


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("devices")
    return


@app.cell(hide_code=True)
def problem(lesson):
    lesson.prose(r"""
    ## The problem

    You can build a network and train it. Now it should be fast. People say "use a GPU". With one, training is sometimes many times as fast, and sometimes slower than before. Whoever measures
    carelessly even finds that everything takes no time at all.

    To understand that, you need to know where the time goes. This lesson measures it, on your machine.
    """)
    return


@app.cell(hide_code=True)
def picture(lesson, mo, schema):
    mo.vstack(
        [
            lesson.prose("""
            ## The idea in one picture

            The two kinds of processor and what lies between them. The last step measures two matrix products on this machine's CPU.
            """),
            schema.whole(),
        ]
    )
    return


@app.cell(hide_code=True)
def idea(lesson):
    lesson.prose(r"""
    ## The idea in words

    **A CPU has a few fast cores.** Each can do anything, one thing after another. **A GPU has thousands of slow ones** which all do the same to different numbers. A product of two large matrices is
    millions of equal, independent sums: that suits a GPU perfectly. A small one leaves most of its cores idle.

    **Each has its own memory.** What a GPU computes with must lie in its memory. `network.to("cuda")` moves the parameters there, once; every batch has to be moved as well. In PyTorch the place is called
    the **device**.

    **The GPU works on its own.** Your program only puts operations into its queue, which takes some microseconds each, and goes on. As long as the queue is not empty, the GPU is busy. If every operation is tiny,
    the queue runs dry, and the GPU waits for Python.

    **Every call costs something, on a CPU too.** A call of PyTorch takes about a microsecond before any computing begins. That is why one batch of 64 pictures is so much faster than 64 batches of one.

    **Fewer bits.** Numbers of 16 bits instead of 32 take half the memory, and many processors multiply them faster. Keeping the delicate parts in 32 bits and the rest in 16 is called **mixed precision**.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "A product of 8 × 8 matrices has two million times fewer multiplications than one of 1024 × 1024. How much less time does it take on this machine's CPU?"
    options = [
        "About two million times less.",
        "Some ten thousand times less.",
        "About half.",
    ]
    lesson.ask("speed", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def formula(lesson):
    lesson.prose(r"""
    ## The formula

    A product of two $n \times n$ matrices takes $2n^3$ operations: for each of $n^2$ results, $n$ multiplications and $n$ additions. Operations on such numbers are counted in **FLOPs** (floating-point
    operations). The time is roughly

    $$t = t_0 + \frac{2 n^3}{r}$$

    $t_0$ is the fixed cost of the call, and $r$ the rate of the device, in FLOPs per second. Worked with $t_0$ = 1 microsecond and $r$ = 100 billion: for $n = 8$ the computing takes 0.01 microseconds, a hundredth of the
    call's cost. For $n = 1024$ it takes 21 milliseconds, and the cost of the call no longer matters.
    """)
    return


@app.cell(hide_code=True)
def race_text(lesson):
    lesson.prose(r"""
    ## Touch it: races on this machine

    Every button measures here and now.

    * *Small and large*: what a product costs, on the CPU and, if there is one, on the GPU, with and without waiting for it. The rate (GFLOP/s: billions of operations a second) first grows with the size,
      because the cost of the call is spread over more work.
    * *One picture or many*: the same pictures in batches of different sizes. A larger batch shares the cost of the calls among more pictures.
    * *Threads*: one core of the CPU or several.
    * *16 bits*: the same with numbers of half the size. Not every CPU has instructions for them; without, it gets slower.
    * *Compiled*: `torch.compile` translates the network first; that takes half a minute, and you will see where it goes.

    **The rate need not grow for ever.** Each core has a small, fast memory beside it, the **cache**: 1 MB on the machine where this was written. The three matrices of a 512 × 512 product take 3 MB, those of
    1024 × 1024 take 12.6 MB, so more of the numbers must come from farther away, through memory that all programs share. There, both ran at about 105 GFLOP/s while the machine was quiet, and 1024 × 1024 fell to
    70 when other programs were busy. Large batches meet the same limit, as soon as what the layers make no longer fits into the cache.
    """)
    return


@app.cell(hide_code=True)
def network_in_use(lesson):
    whose = lesson.whose("cnn")
    return (whose,)


@app.cell(hide_code=True)
def chosen(lesson, whose):
    cnn, words = lesson.shown(whose)
    return cnn, words


@app.cell(hide_code=True)
def race(cnn, figures):
    figures.race(cnn.network)
    return


@app.cell(hide_code=True)
def measure_text(lesson):
    lesson.prose(r"""
    **How to measure.** Three rules. *Warm up*: the first call loads and allocates things, so do not count it. *Wait*: before you stop the clock, wait until the device has finished; without waiting you only
    time how quickly the work is queued. *Repeat*, and take the median: a mean follows the one run in which the machine did something else.
    """)
    return


@app.cell(hide_code=True)
def exercise_bench(lesson):
    lesson.exercise("bench")
    return


@app.cell(hide_code=True)
def quote_devices(lesson, mo):
    mo.vstack(
        [
            lesson.prose(
                """
        ## The same in code

        This is how our engine waits for a device:
        """
            ),
            lesson.quote("training/devices.py::synchronize"),
            lesson.prose(
                """
        And this is how it makes chance repeatable. With the same seed, a run draws the same batches and the same noise. Each library draws numbers of its own, so each gets the seed.
        """
            ),
            lesson.quote("base/seeding.py::seed_everything"),
        ]
    )
    return


@app.cell(hide_code=True)
def exercise_read_clock(lesson):
    lesson.exercise("read_clock")
    return


@app.cell(hide_code=True)
def good_at(lesson):
    lesson.prose(r"""
    ## What a GPU is good at, and where it fails

    It shines with large batches and large layers. It does not help a small network with batches of a few pictures, a program that prints the loss after every step, or one whose pictures come from the disk too slowly. If
    you have none, nothing is lost in this course: its networks are chosen so that a CPU trains them in seconds or minutes.

    To have something to compare your race with, here are the numbers that its maker's data sheet gives for one GPU, the NVIDIA T4, which many cloud services lend. They are the most that it can do,
    not measurements:

    | | NVIDIA T4 |
    | :--- | ---: |
    | cores | 2,560 |
    | operations on 32-bit numbers | 8,100 GFLOP/s |
    | operations on 16-bit numbers | 65,000 GFLOP/s |
    | memory | 16 GB |
    | reads and writes of that memory | 320 GB/s |

    Divide 8,100 by the best rate of your own CPU in *small and large*. Then divide 8,100 by the 320: to be busy, it has to do about 25 operations with every byte that it fetches. A large matrix product does; adding two
    tensors does not, and waits for the memory.

    ## What came of it

    Today's large models are trained on thousands of GPUs at once. Each works on a part of the batch or a part of the network, and much of the effort goes into what you saw here: keeping the queues full, and moving
    as little as possible between memories.
    """)
    return


@app.cell(hide_code=True)
def last_answer(lesson, mo, options, prompt):
    mo.vstack(
        [
            lesson.prose(r"""
            ## The question again

            Press *small and large* above and divide the two times on the CPU. So:
            """),
            lesson.ask_again(
                "speed",
                prompt,
                options,
                right=options[1],
                explanation=(
                    "Measured on one thread (python benchmarks/lessons.py): 1.4 microseconds and "
                    "22.7 ms, a factor of 16,061. What is left of the small one is the cost of "
                    "the call: Python, PyTorch, an allocation. On a GPU a call costs more and the work "
                    "less, so the size from which it pays is larger. Nothing is broken when a "
                    "small network is slower there."
                ),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def more_practice(lesson, mo):
    mo.vstack([lesson.prose("## More practice"), lesson.more_practice("devices")])
    return


@app.cell(hide_code=True)
def closing(lesson):
    lesson.closing("devices")
    return


if __name__ == "__main__":
    app.run()
