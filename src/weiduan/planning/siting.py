"""Where rooms go: the doors of this chapter, each told in a file of its own."""

from weiduan.planning.capacitated import capacitated_cover
from weiduan.planning.center import p_center
from weiduan.planning.median import p_median

__all__ = ["capacitated_cover", "p_center", "p_median"]
