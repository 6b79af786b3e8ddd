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
            name='SurveyRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('area', models.CharField(max_length=21)),
                ('kind', models.CharField(max_length=10)),
                ('coordinates', models.CharField(blank=True, max_length=10)),
                ('file_name', models.CharField(max_length=120)),
                ('file', models.CharField(blank=True, max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('on', models.DateField(null=True)),
                ('state', models.CharField(default='waiting', max_length=12)),
                ('refusal', models.TextField(blank=True)),
                ('result', models.JSONField(default=dict)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='survey_runs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'checking', 'faulty', 'ready', 'loading', 'loaded', 'refused', 'given_up'])), name='a_survey_run_has_a_known_state')],
            },
        ),
    ]
