import django.db.models.deletion
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
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='AreaVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('code', models.CharField(max_length=21)),
                ('name', models.CharField(max_length=60)),
                ('kind', models.CharField(blank=True, max_length=20)),
                ('households', models.PositiveIntegerField(null=True)),
                ('population', models.PositiveIntegerField(null=True)),
                ('management', models.CharField(blank=True, max_length=20)),
                ('address', models.CharField(blank=True, max_length=100)),
                ('lon', models.FloatField(null=True)),
                ('lat', models.FloatField(null=True)),
                ('shape', models.BinaryField(null=True)),
                ('min_lon', models.FloatField(null=True)),
                ('min_lat', models.FloatField(null=True)),
                ('max_lon', models.FloatField(null=True)),
                ('max_lat', models.FloatField(null=True)),
                ('edition', models.CharField(blank=True, max_length=20)),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='territory.area')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='child_versions', to='territory.area')),
            ],
            options={
                'indexes': [models.Index(fields=['code', 'level', 'since', 'until', 'area'], name='areas_below_a_code'), models.Index(fields=['level', 'code'], name='areas_of_a_level'), models.Index(fields=['parent', 'level'], name='areas_by_parent')],
                'constraints': [weiduan.ground.base.constraints.NoOverlap(equal=('area',), name='an_area_is_one_thing_at_a_time', since='since', until='until'), weiduan.ground.base.constraints.NoOverlap(equal=('code',), name='a_code_names_one_area_at_a_time', since='since', until='until'), models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='an_area_version_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('households', None), ('level__gte', 7), _connector='OR'), name='only_units_count_households')],
            },
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_code', models.CharField(max_length=21)),
                ('old_name', models.CharField(max_length=60)),
                ('kind', models.CharField(max_length=40)),
                ('basis', models.CharField(blank=True, max_length=200)),
                ('edition', models.CharField(max_length=20)),
                ('on', models.DateField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('heir', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inheritances', to='territory.area')),
                ('old', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='territory.area')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('old', 'heir', 'on'), name='an_area_goes_over_once_a_reform')],
            },
        ),
    ]
