from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0022_webhooks'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='from_sso',
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
