import weiduan.ground.base.constraints
from django.db import migrations, models


def lay_chains(apps, schema_editor):
    """Make the 64 chain heads; their rows are the locks."""
    chain = apps.get_model("ledger", "Chain")
    chain.objects.using(schema_editor.connection.alias).bulk_create([chain(number=n) for n in range(64)])


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('number', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('pos', models.PositiveBigIntegerField(default=0)),
                ('hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.PositiveSmallIntegerField()),
                ('pos', models.PositiveBigIntegerField()),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=40)),
                ('what', models.CharField(max_length=60)),
                ('kind', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=40)),
                ('area', models.CharField(blank=True, max_length=21)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'key', 'at'], name='ledger_of_a_thing')],
                'constraints': [models.UniqueConstraint(fields=('chain', 'pos'), name='a_position_in_a_chain_is_taken_once'), weiduan.ground.base.constraints.AppendOnly(name='ledger_entries_are_only_added')],
            },
        ),
        migrations.RunPython(lay_chains, migrations.RunPython.noop),
    ]
