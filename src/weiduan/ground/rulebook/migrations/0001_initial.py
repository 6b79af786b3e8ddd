import weiduan.ground.base.constraints
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='RuleOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=40)),
                ('area', models.CharField(max_length=21)),
                ('value', models.PositiveIntegerField()),
                ('source', models.CharField(max_length=200)),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
            ],
            options={
                'constraints': [weiduan.ground.base.constraints.NoOverlap(equal=('rule', 'area'), name='a_rule_has_one_local_value', since='since', until='until'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='a_local_value_has_a_source')],
            },
        ),
    ]
