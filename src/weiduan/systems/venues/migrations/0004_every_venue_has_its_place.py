import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('venues', '0003_rooms_hours_bookings'),
    ]

    operations = [
        migrations.AlterField(
            model_name='microvenue',
            name='facility',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='micro_venue', to='venues.facility'),
        ),
        migrations.RemoveField(
            model_name='microvenue',
            name='name',
        ),
    ]
