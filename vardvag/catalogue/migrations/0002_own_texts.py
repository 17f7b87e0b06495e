from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0001_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='standardtext',
            name='place',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='standardtext',
            name='version',
            field=models.PositiveIntegerField(default=1),
        ),
    ]
