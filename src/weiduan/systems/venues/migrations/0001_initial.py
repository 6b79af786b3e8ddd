import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Premises',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=30, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('origin', models.CharField(max_length=20)),
                ('address', models.CharField(blank=True, max_length=100)),
                ('area_m2', models.FloatField()),
                ('lon', models.FloatField(null=True)),
                ('lat', models.FloatField(null=True)),
                ('consent', models.CharField(max_length=20)),
                ('found_on', models.DateField()),
                ('gone_on', models.DateField(null=True)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='premises', to='territory.area')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('area_m2__gt', 0)), name='premises_have_a_floor')],
            },
        ),
    ]
