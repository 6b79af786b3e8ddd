"""Who could head what: posts × persons, as many posts filled as can be, each with ranked alternatives."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

MOST_POSTS = 2
MOST_EXPERIENCE = 9


@dataclass(frozen=True)
class Shortage:
    """Why a post stays vacant: these posts (itself among them) have no more than these persons, who can take `places`.

    posts, persons  indices; places < len(posts), so one of the posts must stay vacant whoever takes the others
    """

    posts: tuple[int, ...]
    persons: tuple[int, ...]
    places: int


@dataclass(frozen=True)
class Heads:
    """A proposal: who takes which post.

    person        (posts,), index of the person, -1 where nobody can
    alternatives  per post, every person who could take it, best first
    filled        how many posts are filled; bound is the most that can be, proved by a second method
    shortages     per vacant post, why
    """

    person: np.ndarray
    alternatives: tuple[tuple[int, ...], ...]
    filled: int
    bound: int
    shortages: dict[int, Shortage]


def propose(
    eligible: np.ndarray,
    *,
    lives_there: np.ndarray,
    grid_worker: np.ndarray,
    posts_held: np.ndarray,
    experience: np.ndarray,
    most_posts: int = MOST_POSTS,
) -> Heads:
    """Fill as many posts as possible, then as well as possible.

    eligible     (posts, persons) bool: a full member of the unit or grid who is willing
    lives_there  (posts, persons) bool: lives in the unit or grid
    grid_worker  (posts, persons) bool: works that grid already
    posts_held   (persons,) whole numbers >= 0: posts held today
    experience   (persons,) whole numbers >= 0: posts held before; above 9 counts as 9
    most_posts   a person holds at most so many, those of today among them

    Ranked by, in this order and nothing else: works the grid already, lives there, holds no
    other post, experience. Ties go to the lower index, so the answer is the same every time.

    Raises ValueError for shapes that disagree, negative numbers or most_posts < 1.
    Source: the assignment problem, Kuhn (1955); vacancies by Hall's condition (1935).
    """
    eligible, lives_there, grid_worker = (np.asarray(m, dtype=bool) for m in (eligible, lives_there, grid_worker))
    posts_held, experience = np.asarray(posts_held), np.asarray(experience)
    _refuse_bad(eligible, lives_there, grid_worker, posts_held, experience, most_posts)
    places = np.maximum(most_posts - posts_held, 0).astype(int)
    able = eligible & (places > 0)
    merit = _merit(able, lives_there, grid_worker, posts_held, experience)
    person = _assign(able, merit, places)
    alternatives = tuple(_ranked(row, worth) for row, worth in zip(able, merit, strict=True))
    shortages = {int(post): _shortage(int(post), able, places, person) for post in np.flatnonzero(person < 0)}
    return Heads(person, alternatives, int((person >= 0).sum()), most_filled(able, places), shortages)


def _ranked(able: np.ndarray, worth: np.ndarray) -> tuple[int, ...]:
    """Return who could take a post, best first; ties to the lower index."""
    candidates = np.flatnonzero(able)
    return tuple(int(p) for p in candidates[np.argsort(-worth[candidates], kind="stable")])


def most_filled(able: np.ndarray, places: np.ndarray) -> int:
    """Count the posts a maximum matching fills: an independent proof of the bound."""
    copies = np.repeat(np.arange(able.shape[1]), places)
    if not able.size or not copies.size:
        return 0
    return int((maximum_bipartite_matching(csr_array(able[:, copies]), perm_type="column") >= 0).sum())


def _refuse_bad(eligible, lives_there, grid_worker, posts_held, experience, most_posts) -> None:
    if eligible.ndim != 2 or lives_there.shape != eligible.shape or grid_worker.shape != eligible.shape:
        raise ValueError("eligible, lives_there and grid_worker must be tables of the same posts and persons")
    if posts_held.shape != (eligible.shape[1],) or experience.shape != (eligible.shape[1],):
        raise ValueError("posts_held and experience must hold one number a person")
    for name, numbers in (("posts_held", posts_held), ("experience", experience)):
        if numbers.size and (not np.isfinite(numbers).all() or (numbers < 0).any()):
            raise ValueError(f"{name} must be whole numbers from 0 up")
    if most_posts < 1:
        raise ValueError("most_posts must be at least 1")


def _merit(able, lives_there, grid_worker, posts_held, experience) -> np.ndarray:
    """Worth of each pair as one whole number: a higher level outweighs all posts together on the levels below."""
    posts = able.shape[0]
    level = MOST_EXPERIENCE * posts + 1
    merit = np.minimum(experience, MOST_EXPERIENCE) + np.zeros(able.shape)
    for better in (posts_held == 0, lives_there, grid_worker, able):
        merit = merit + level * np.broadcast_to(better, able.shape)
        level *= posts + 1
    if level >= 2**53:
        raise ValueError("too many posts at once: propose village by village")
    return merit


def _assign(able: np.ndarray, merit: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Take the most worth in all; a person stands once for each place, and each post may stay vacant."""
    posts, persons = able.shape
    copies = np.repeat(np.arange(persons), np.minimum(places, posts))
    worth = np.where(able[:, copies], merit[:, copies], -np.inf) if copies.size else np.empty((posts, 0))
    vacant = np.where(np.eye(posts, dtype=bool), 0.0, -np.inf)
    worth = np.hstack([worth, vacant])
    rows, columns = linear_sum_assignment(np.where(np.isfinite(worth), -worth, np.float64(2**60)))
    person = np.full(posts, -1)
    taken = columns < copies.size
    person[rows[taken]] = copies[columns[taken]]
    return person


def _shortage(post: int, able: np.ndarray, places: np.ndarray, person: np.ndarray) -> Shortage:
    """Follow who could take what from a vacant post: what is reached has too few places (Hall)."""
    posts, persons, waiting = {post}, set[int](), [post]
    while waiting:
        for candidate in map(int, np.flatnonzero(able[waiting.pop()])):
            if candidate not in persons:
                persons.add(candidate)
                found = {int(p) for p in np.flatnonzero(person == candidate)} - posts
                posts |= found
                waiting += sorted(found)
    return Shortage(tuple(sorted(posts)), tuple(sorted(persons)), int(places[sorted(persons)].sum()) if persons else 0)
