"""What each measure says, in a sentence that needs no other page."""

from collections.abc import Iterable

MEANINGS = {
    "accuracy": "The share of the test pictures whose most probable class is the right one. The floor is what always "
    "answering the most frequent class gets.",
    "balanced_accuracy": "The share that is recognised of each class, averaged over the classes: a rare class counts "
    "as much as a common one.",
    "macro_f1": "For each class, one number from two shares: how many of its pictures were found, and how many of the "
    "answers that name it are right (their harmonic mean). Then the mean over the classes; 1 is perfect.",
    "nll": "Negative log-likelihood: minus the logarithm of the probability that the network gave to the right class, "
    "averaged. 0 is certain and right; a network that is sure and wrong pays heavily. The floor is what "
    "answering each class with its share of the pictures gets.",
    "calibration_error": "How far the probabilities are from the truth: of the answers given with 80 %, are 80 % right? "
    "The gap, averaged over all answers; 0 is perfect.",
    "frechet_distance": "How far generated pictures are from real ones in the features of a fixed network: the distance "
    "of two normal distributions with their means and covariances. It means something next to its "
    "floor only, the distance of real pictures from other real ones.",
    "frechet_ratio": "The Fréchet distance divided by that of real pictures from other real ones: 1 cannot be told from "
    "real pictures.",
    "precision": "The share of the generated pictures that lie among the real ones, by their nearest neighbours: is what "
    "is made believable?",
    "recall": "The share of the real pictures that lie among the generated ones: is every kind of picture made?",
    "density": "How many real neighbourhoods each generated picture lies in, by the number that is expected: precision "
    "that outliers disturb less.",
    "coverage": "The share of the real pictures that have a generated one in their neighbourhood: recall that outliers "
    "disturb less.",
    "class_balance": "How far the shares of the classes among the generated pictures are from those of the test pictures "
    "(relative entropy, by a classifier's answers); 0 is the same mix.",
    "label_agreement": "The share of the generated pictures that a classifier takes for the class that was asked for.",
    "classifier_accuracy": "The accuracy, on real test pictures, of the classifier that judges the generated ones.",
    "nats": "Minus the logarithm of the probability that the model gives to what it was not trained on, averaged: the "
    "lower, the less the test data surprise it.",
    "nats_ais": "Minus the log-probability of a test picture, with the normalising constant estimated by annealed "
    "importance sampling, which tends to flatter the model.",
    "nats_reverse_ais": "The same, estimated in the other direction, which tends to be too strict: the truth lies between.",
    "negative_elbo": "An upper bound on minus the log-probability of a test picture, in nats: the price of the code plus "
    "that of the picture given its code.",
    "impossible": "The share of the test sequences to which the model gives the probability zero.",
    "bits_per_character": "Minus the binary logarithm of the probability of the next character, averaged.",
}  # fmt: skip


def meanings_of(measures: Iterable[str]) -> dict[str, str]:
    """The measures that have one, in their order."""
    return {name: MEANINGS[name] for name in measures if name in MEANINGS}
