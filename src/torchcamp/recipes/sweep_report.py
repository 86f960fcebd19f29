"""A sweep as one offline page: the measure over each setting, and every trial."""

from torchcamp.pages.charts import Series, line_chart
from torchcamp.pages.numbers import heading
from torchcamp.pages.page import render_page
from torchcamp.recipes.search_space import Choice, Range
from torchcamp.recipes.sweep_result import Sweep


def render_sweep(sweep: Sweep) -> str:
    """The page as text."""
    return render_page(
        "recipes/sweep.html",
        title=f"Settings for {sweep.recipe} on {sweep.data}",
        sweep=sweep,
        percent=sweep.objective.endswith("accuracy"),
        charts=[{"title": str(each), "svg": _chart(sweep, each)} for each in sweep.space],
    )


def _chart(sweep: Sweep, setting: Range | Choice) -> str:
    """Each trial's measure over one of its settings, those that were stopped early apart."""

    def place(text: str) -> float:
        return float(setting.values.index(text)) if isinstance(setting, Choice) else float(text)

    series = [
        Series(
            name=name,
            points=[
                (place(trial.settings[setting.name]), trial.value)
                for trial in sweep.trials
                if trial.state == state and trial.value is not None
            ],
            marks=True,
            joined=False,
        )
        for state, name in (("done", "trained to the end"), ("pruned", "stopped early"))
    ]
    series = [each for each in series if each.points]
    percent = sweep.objective.endswith("accuracy")
    title = f"{heading(sweep.objective)} of each trial over {setting.name}"
    if isinstance(setting, Choice):
        names = {float(number): text for number, text in enumerate(setting.values)}
        # Room beside the outer choices.
        names = {-0.5: "", **names, len(names) - 0.5: ""}
        return line_chart(title, series, setting.name, x_names=names, percent=percent)
    best = sweep.best
    return line_chart(
        title,
        series,
        setting.name,
        log_x=setting.log,
        mark=float(best.settings[setting.name]) if best else None,
        mark_label="best",
        percent=percent,
    )
