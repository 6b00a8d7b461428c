"""Made-up agents whose true skills are known, and how well ratings find them out."""

import math
import random
from collections.abc import Callable, Sequence

import msgspec
from openskill.models import PlackettLuce

from arena.core.calibration import Calibration, Prediction, calibration, predict
from arena.core.intervals import Z
from arena.core.rating import MU, Rating, believed, expected, initial, rate
from arena.core.standings import sides
from arena.store.ladders import PROVISIONAL_PLAYED

Teams = tuple[int | None, ...]
Rate = Callable[[Sequence[Rating], Sequence[int], Teams], list[Rating]]
AGENTS = 40
NEAR = 10  # opponents that are looked at, nearest by rating


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """Agents and the game they play. Skills are in points of the rating's scale."""

    name: str
    spread: float = 6.0  # standard deviation of the skills
    teams: Teams = (None, None)  # by seat
    draws: float = 0.0  # share of draws between equals; of two sides
    first_seat: float = 0.0  # what it is worth
    drift: float = 0.0  # standard deviation of what a match changes of a skill
    version_every: int = 0  # matches after which an agent has a new version, another one by up to `renewal`
    renewal: float = 0.0  # standard deviation
    near: bool = False  # opponents are near by rating


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """How it went."""

    predicted: Calibration
    settled: Calibration  # where nobody's rating was provisional
    brier_knowing: float  # of who knows the true skills
    covered: float  # share of the agents whose true skill lies in the 95 % interval in the end
    distance: float  # between rating and true skill in the end: root of the mean square, in points


def ours(before: Sequence[Rating], placements: Sequence[int], teams: Teams) -> list[Rating]:
    """As the platform rates."""
    return rate("openskill", before, placements, [0.0] * len(before), teams)


def library(before: Sequence[Rating], placements: Sequence[int], teams: Teams) -> list[Rating]:
    """As the library does without being told anything."""
    model, between = PlackettLuce(), sides(teams)
    members = [[model.rating(before[seat].mu, before[seat].sigma) for seat in side] for side in between]
    rated = model.rate(members, ranks=[float(placements[side[0]]) for side in between])
    after = list(before)
    for side, team in zip(between, rated, strict=True):
        for seat, one in zip(side, team, strict=True):
            kept = before[seat]
            after[seat] = msgspec.structs.replace(kept, mu=one.mu, sigma=one.sigma, played=kept.played + 1)
    return after


class _Run:
    """One population at play."""

    def __init__(self, population: Population, rated: Rate, seed: int) -> None:
        self.population = population
        self.rate = rated
        self.dice = random.Random(seed)
        self.skills = [self.dice.gauss(0, population.spread) for _ in range(AGENTS)]
        self.ratings = [initial("openskill")] * AGENTS
        self.predictions: list[Prediction] = []
        self.settled: list[Prediction] = []
        self.knowing: list[Prediction] = []

    def match(self) -> None:
        """Play one, and rate it."""
        population = self.population
        seats = self._seats()
        before = [self._believed(agent) for agent in seats]
        true = [Rating(mu=self.skills[agent], sigma=0.0) for agent in seats]
        true[0] = msgspec.structs.replace(true[0], mu=true[0].mu + population.first_seat)
        placements = self._result(true)
        prediction = predict(before, placements, population.teams)
        self.predictions.append(prediction)
        if min(rating.played for rating in before) >= PROVISIONAL_PLAYED:
            self.settled.append(prediction)
        self.knowing.append(Prediction(self._share(before, true), prediction.came))
        for agent, after in zip(seats, self.rate(before, placements, population.teams), strict=True):
            self.ratings[agent] = after
            self.skills[agent] += self.dice.gauss(0, population.drift)

    def _share(self, before: Sequence[Rating], true: Sequence[Rating]) -> float:
        """What the favourite by its rating was to get in truth."""
        shares, known = (expected(beliefs, self.population.teams) for beliefs in (before, true))
        favourites = [known[side] for side, share in enumerate(shares) if share == max(shares)]
        return sum(favourites) / len(favourites)

    def _seats(self) -> list[int]:
        count = len(self.population.teams)
        first, *others = self.dice.sample(range(AGENTS), AGENTS)
        if self.population.near:
            nearest = sorted(others, key=lambda agent: abs(self.ratings[agent].mu - self.ratings[first].mu))
            others = self.dice.sample(nearest[:NEAR], NEAR)
        chosen = [first, *others[: count - 1]]
        return self.dice.sample(chosen, count)

    def _believed(self, agent: int) -> Rating:
        """Before its match, of the version that it is: with a skill of its own, which few know yet."""
        every, known = self.population.version_every, self.ratings[agent]
        version = known.played // every + 1 if every else 1
        if known.version and version > known.version:
            self.skills[agent] += self.dice.gauss(0, self.population.renewal)
        return believed("openskill", known, version, at_ms=0)

    def _result(self, true: Sequence[Rating]) -> list[int]:
        """Placements by seat: the first place by the sides' shares, the second among the rest, and so on."""
        teams = self.population.teams
        between, shares = sides(teams), expected(true, teams)
        if len(between) == 2 and self.dice.random() < 2 * self.population.draws * min(shares):
            return [1] * len(teams)
        # With draws a win is rarer, so that a draw as half a win leaves the share as it is.
        wins = [share - self.population.draws * min(shares) for share in shares] if len(between) == 2 else shares
        left, placements = list(range(len(between))), [0] * len(teams)
        for place in range(1, len(between) + 1):
            (side,) = self.dice.choices(left, [wins[number] for number in left])
            left.remove(side)
            for seat in between[side]:
                placements[seat] = place
        return placements


def simulate(population: Population, matches_each: int, rated: Rate, seed: int) -> Found:
    """Let it play until everybody has had about so many matches. The same seed gives the same figures."""
    run = _Run(population, rated, seed)
    for _ in range(matches_each * AGENTS // len(population.teams)):
        run.match()
    found, settled = calibration(run.predictions), calibration(run.settled)
    assert found is not None
    assert settled is not None
    # Results tell differences only: what all have in common is nobody's error.
    shift = sum(rating.mu - skill for rating, skill in zip(run.ratings, run.skills, strict=True)) / AGENTS
    errors = [rating.mu - skill - shift for rating, skill in zip(run.ratings, run.skills, strict=True)]
    return Found(
        predicted=found,
        settled=settled,
        brier_knowing=sum((one.share - one.came) ** 2 for one in run.knowing) / len(run.knowing),
        covered=sum(abs(error) <= Z * it.sigma for error, it in zip(errors, run.ratings, strict=True)) / AGENTS,
        distance=math.sqrt(sum(error**2 for error in errors) / AGENTS),
    )


POPULATIONS = (
    Population(name="two sides", spread=6.0),
    Population(name="two sides, much alike", spread=2.0),
    Population(name="two sides, far apart", spread=12.0),
    Population(name="a third of all matches among equals drawn", draws=1 / 3),
    Population(name="the first seat is worth 3 points", first_seat=3.0),
    Population(name="three seats", teams=(None,) * 3),
    Population(name="six seats", teams=(None,) * 6),
    Population(name="teams of two", teams=(0, 1, 0, 1)),
    Population(name="skills drift: 0.1 points with every match", drift=0.1),
    Population(name=f"a new version every 50 matches, by {MU / 6:.1f} points", version_every=50, renewal=MU / 6),
    Population(name="opponents are the nearest by rating", near=True),
)
