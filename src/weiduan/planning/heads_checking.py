"""Checks a proposal of heads by the rules alone: knows nothing of matchings or ranks."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from weiduan.planning.heads import MOST_POSTS, Heads, Shortage


def broken_posts(
    found: Heads, eligible: np.ndarray, posts_held: np.ndarray, *, most_posts: int = MOST_POSTS
) -> list[str]:
    """Return every rule a proposal breaks, each with the post or person it is about; an empty list is a sound proposal.

    eligible    (posts, persons) bool
    posts_held  (persons,) posts held today, which count among the most that one may hold
    """
    posts, persons = eligible.shape
    if len(found.person) != posts or len(found.alternatives) != posts:
        return [f"{len(found.person)} posts are proposed for, there are {posts}"]
    taken = Counter(int(person) for person in found.person if person >= 0)
    free = {person: most_posts - int(posts_held[person]) for person in range(persons)}
    broken = [f"person {person} is unknown" for person in sorted(taken) if person >= persons]
    broken += [
        f"person {person} would hold {taken[person] + int(posts_held[person])} posts, at most {most_posts}"
        for person in sorted(taken)
        if person < persons and taken[person] > free[person]
    ]
    for post, person in enumerate(found.person.tolist()):
        if person >= persons:
            continue
        if person >= 0 and not eligible[post, person]:
            broken.append(f"person {person} may not take post {post}")
        able = {p for p in range(persons) if eligible[post, p] and free[p] > 0}
        broken += _of_alternatives(post, found.alternatives[post], able)
        if person < 0:
            idle = sorted(p for p in able if taken[p] < free[p])
            broken += [f"post {post} stays vacant though person {idle[0]} could take it"] if idle else []
            broken += _of_vacancy(post, found.shortages.get(post), eligible, free)
    filled = sum(taken.values())
    if found.filled != filled:
        broken.append(f"{filled} posts are filled, not {found.filled} as said")
    if found.bound < filled:
        broken.append(f"{filled} posts are filled, more than the {found.bound} that can be")
    return broken


def _of_alternatives(post: int, named: tuple[int, ...], able: set[int]) -> Iterator[str]:
    """Everyone who could take the post is named, once, and nobody else."""
    for person, times in Counter(named).items():
        if times > 1:
            yield f"person {person} is named {times} times for post {post}"
        if person not in able:
            yield f"person {person} is named for post {post} but could not take it"
    for person in sorted(able - set(named)):
        yield f"person {person} could take post {post} but is not named"


def _of_vacancy(post: int, shortage: Shortage | None, eligible: np.ndarray, free: dict[int, int]) -> Iterator[str]:
    """The posts named, this one among them, are more than all who could take any of them can hold."""
    if shortage is None or post not in shortage.posts:
        yield f"post {post} stays vacant without a reason"
        return
    persons = {p for p in free if free[p] > 0 and eligible[list(shortage.posts), p].any()}
    places = sum(free[p] for p in persons)
    if persons != set(shortage.persons) or places != shortage.places:
        yield f"the reason for post {post} does not name all who could take one of its posts"
    elif places >= len(shortage.posts):
        yield f"the reason for post {post} is none: {places} places are enough for {len(shortage.posts)} posts"
