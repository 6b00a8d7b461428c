"""Passwords that are tried first by everybody who guesses (NIST SP 800-63B, 3.1.1.2; OWASP ASVS 6.2.4).

A list for what people choose, and rules for what they make of it: another case, digits and signs around it, letters
written as digits. Nothing is looked up elsewhere.
"""

import string
from itertools import pairwise

DISTINCT_MIN = 4  # different characters
STEP_SHARE_MAX = 0.75  # of the characters that may continue a run such as abcd, 4321 or qwer

# Words and phrases of the lists of leaked passwords (SecLists, NCSC), without the digits and signs people add.
_LIST = """
    password passwort passw0rd motdepasse contrasena senha parola wachtwoord password1 mypassword thepassword
    yourpassword newpassword oldpassword changeme changeit default secret topsecret letmein welcome admin administrator
    root toor user guest test tester testing login access master superuser manager operator system server database
    football baseball basketball soccer hockey liverpool chelsea arsenal barcelona realmadrid juventus manchester
    sunshine princess iloveyou loveyou iloveu lovely babygirl sweetheart butterfly flower chocolate cookie pumpkin
    dragon monkey shadow superman batman spiderman ironman starwars pokemon pikachu naruto minecraft fortnite roblox
    whatever trustno freedom forever summer winter spring autumn january february march april august september october
    november december monday tuesday friday saturday sunday michael jennifer jordan michelle daniel andrew joshua
    matthew thomas robert william charlie jessica ashley nicole amanda anthony elizabeth samantha stephanie
    computer internet samsung iphone android google facebook instagram twitter microsoft windows linux apple
    qwerty qwertz azerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc qweasdzxc abc abcd abcdef
    mustang ferrari porsche mercedes corvette harley yankees cowboys eagles steelers packers lakers
    maverick phoenix thunder lightning hunter killer ranger warrior knight wizard ninja pirate matrix
    arena arenaadmin agent agents matchmaker chess gaming gamer player player1
    correcthorsebatterystaple hunter letmeinnow opensesame abracadabra blink whoami hello helloworld goodbye
"""
_WORDS = frozenset(_LIST.split())
_ROWS = (
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
    "1q2w3e4r5t6y",
)
_NEXT = frozenset(
    pair
    for run in (string.ascii_lowercase, string.digits + "0", *_ROWS)
    for way in (run, run[::-1])
    for pair in pairwise(way)
)
_LETTERS = str.maketrans("013457@$!", "oieastasi")
_AROUND = string.digits + string.punctuation + string.whitespace


def why_guessable(password: str, name: str = "") -> str | None:
    """Why a password is among the first to be guessed, to be read after "this one"; None if it is not."""
    text = password.casefold()
    bare = {text, text.strip(_AROUND)}
    bare |= {one.translate(_LETTERS) for one in bare} | {text.translate(_LETTERS).strip(_AROUND)}
    if len(set(text)) < DISTINCT_MIN:
        return f"has fewer than {DISTINCT_MIN} different characters"
    steps = sum(pair in _NEXT or pair[0] == pair[1] for pair in pairwise(text))
    if steps > STEP_SHARE_MAX * (len(text) - 1):
        return "is a run of neighbours on the keyboard or in the alphabet"
    if any(half * 2 == one or half * 3 == one for one in bare for half in _WORDS) or bare & _WORDS:
        return "is a common word with little around it"
    if name and name.casefold() in {one.strip(_AROUND) for one in bare} | bare:
        return "is the user's name with little around it"
    return None
