import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('area', models.CharField(max_length=21)),
                ('on', models.DateField()),
                ('asked_at', models.DateTimeField()),
                ('state', models.CharField(default='waiting', max_length=12)),
                ('villages', models.PositiveIntegerField(default=0)),
                ('note', models.TextField(blank=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='proposals', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='VillagePlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=21)),
                ('name', models.CharField(max_length=60)),
                ('digest', models.CharField(max_length=64)),
                ('plan', models.JSONField()),
                ('adopted_as', models.PositiveSmallIntegerField(null=True)),
                ('adopted_at', models.DateTimeField(null=True)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plans', to='proposals.proposal')),
            ],
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'planning', 'ready', 'stopped', 'failed', 'withdrawn'])), name='a_proposal_has_a_known_state'),
        ),
        migrations.AddConstraint(
            model_name='villageplan',
            constraint=models.UniqueConstraint(fields=('proposal', 'code'), name='a_village_is_planned_once_a_proposal'),
        ),
        migrations.AddConstraint(
            model_name='villageplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('adopted_as__isnull', True), ('adopted_at__isnull', True)), models.Q(('adopted_as__isnull', False), ('adopted_at__isnull', False)), _connector='OR'), name='an_adopted_plan_says_which_and_when'),
        ),
    ]
