from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("venues", "0008_second_lock")]
    operations = [migrations.RemoveField(model_name="booking", name="contact_index")]
