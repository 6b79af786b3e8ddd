"""Local values of rules."""

from django.db import models

from weiduan.ground.base.constraints import NoOverlap


class RuleOverride(models.Model):
    """地方规定 RuleOverride: a district's own number for a rule that leaves it room."""

    rule = models.CharField(max_length=40)
    area = models.CharField(max_length=21)
    value = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="a_rule_has_one_local_value", equal=["rule", "area"]),
            models.CheckConstraint(name="a_local_value_has_a_source", condition=~models.Q(source="")),
        ]

    def __str__(self) -> str:
        return f"{self.rule} = {self.value} in {self.area}"
