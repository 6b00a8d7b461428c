"""What can be said in TextArena's games: for each a function of chance and what a seat has seen to a valid message.

    PHRASES[game](chance, seen) -> message

The platform speaks so for seats that forfeited, admission for all seats, and the house's random bots for themselves.
"""

import random
import re
from collections.abc import Callable

Phrase = Callable[[random.Random, str], str]

SMALL_TALK = (
    "Let us find something that is good for both of us.",
    "I keep my word. Do you?",
    "What do you think?",
    "I would rather wait and see.",
    "We could all do well here.",
    "I have nothing to hide.",
)


def small_talk(chance: random.Random) -> str:
    """Something polite that is no move in any game."""
    return chance.choice(SMALL_TALK)


def _choice(*moves: str) -> Phrase:
    """One of the moves, with some words before it."""
    return lambda chance, seen: f"{small_talk(chance)} {chance.choice(moves)}"


def _trade(chance: random.Random, seen: str) -> str:
    resources = re.findall(r"\[(\w+)\] +Qty:", seen)
    if "made the following offer" in seen.rpartition("[GAME]")[2] and chance.random() < 0.3:
        return "[Accept]"
    if len(resources) < 2 or chance.random() < 0.3:
        return "[Deny] " + small_talk(chance)
    give, want = chance.sample(resources, 2)
    return f"[Offer: {chance.randint(1, 3)} {give} -> {chance.randint(1, 3)} {want}]"


def _three_dilemmas(chance: random.Random, seen: str) -> str:
    me = re.search(r"You are Player (\d)", seen)
    others = [seat for seat in range(3) if not me or seat != int(me[1])]
    return " ".join(f"[{seat} {chance.choice(('cooperate', 'defect'))}]" for seat in others)


def _ultimatum(chance: random.Random, seen: str) -> str:
    last = _last(seen)
    if re.search(r"offers \$\d+ to Player \d", last) and not re.search(r"accepted!|rejected the offer!", last):
        return chance.choice(("[Accept]", "[Reject]"))
    return f"[Offer: ${chance.randint(1, 9)}]"


def _contribution(chance: random.Random, seen: str) -> str:
    return f"{{{small_talk(chance)}}} [{chance.randint(0, 20)}]"


def _entry(chance: random.Random, seen: str) -> str:
    return f"{{{small_talk(chance)}}} {chance.choice(('[E]', '[S]'))}"


def _mafia(chance: random.Random, seen: str) -> str:
    """A vote for somebody of the newest list of valid targets; in a discussion, only talk."""
    asked = [line for line in seen.splitlines() if line.startswith(("[GAME]", "Valid targets"))]
    for line in reversed(asked):
        if "Discuss for" in line:
            return small_talk(chance)
        if "Valid" in line or "choose one player" in line:
            targets = re.findall(r"\[(\d+)\]", line)
            return f"[{chance.choice(targets)}]" if targets else small_talk(chance)
    return small_talk(chance)


def _guess_fact(chance: random.Random, seen: str) -> str:
    return chance.choice(("[Fact 1]", "[Fact 2]")) if "Now guess" in _last(seen, 3) else small_talk(chance)


def _dice(chance: random.Random, seen: str) -> str:
    """A little more than the last bid of this round, or a call."""
    bids = re.findall(r"bids (\d+) of face (\d)", seen.rpartition("New round")[2])
    if not bids:
        return f"[Bid: 1, {chance.randint(1, 6)}]"
    quantity, face = (int(part) for part in bids[-1])
    if quantity > 3 or chance.random() < 0.3:
        return "[Call]"
    return f"[Bid: {quantity + 1}, {face}]"


def _blotto(chance: random.Random, seen: str) -> str:
    units = int((re.findall(r"exactly (\d+) units", seen) or ["20"])[0])
    first, second = sorted(chance.choices(range(units + 1), k=2))
    return f"[A{first} B{second - first} C{units - second}]"


def _indian_poker(chance: random.Random, seen: str) -> str:
    legal = seen.rpartition("Your possible actions: ")[2].splitlines()[0] if "Your possible actions" in seen else ""
    if "[call]" in legal:
        return chance.choice(("[call]", "[fold]"))
    return chance.choice(("[check]", "[bet 1]"))


def _number(chance: random.Random, seen: str) -> str:
    return f"[{chance.randint(0, 66)}]"


def _bids(chance: random.Random, seen: str) -> str:
    items = sorted(set(re.findall(r"- Item (\d+):", seen)), key=int)
    if "Now entering the bidding phase" not in seen.replace("now entering", "Now entering"):
        return small_talk(chance)
    return " ".join(f"[Bid on Item {item}: {chance.randint(1, 150)}]" for item in items)


def _recruit(chance: random.Random, seen: str) -> str:
    if "made a new proposal" in _last(seen) and chance.random() < 0.3:
        return chance.choice(("[Accept]", "[Reject]"))
    return f"{small_talk(chance)}\n[Propose] {''.join(chance.choices('ABCDE', k=8))}"


def _last(seen: str, messages: int = 1) -> str:
    """The newest messages of the game itself."""
    return "\n".join(seen.split("[GAME]")[-messages:])


PHRASES: dict[str, Phrase] = {
    "SimpleNegotiation": _trade,
    "IteratedPrisonersDilemma": _choice("[Cooperate]", "[Defect]"),
    "ThreePlayerIPD": _three_dilemmas,
    "IteratedUltimatumGame": _ultimatum,
    "PublicGoodsGame": _contribution,
    "MarketEntryGame": _entry,
    "SecretMafia": _mafia,
    "TruthAndDeception": _guess_fact,
    "LiarsDice": _dice,
    "ColonelBlotto": _blotto,
    "IndianPoker": _indian_poker,
    "IteratedTwoThirdsAverage": _number,
    "SimpleBlindAuction": _bids,
    "NewRecruit": _recruit,
}
