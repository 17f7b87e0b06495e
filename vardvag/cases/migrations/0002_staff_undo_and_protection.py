import django.db.models.deletion
from django.db import migrations, models

from vardvag.core.rowsecurity import border


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0001_tables'),
        ('identity', '0002_own_care_relation'),
        ('organisation', '0002_staffing_and_imports'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProtectedOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider_id', models.BigIntegerField()),
                ('staff_name', models.CharField(max_length=200)),
                ('session_id', models.BigIntegerField()),
                ('why', models.CharField(choices=[('answer', 'Answer'), ('assess', 'Assess'), ('contact', 'Contact'), ('colleague', 'Colleague'), ('other', 'Other')], max_length=10)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('reviewed_by', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name='case',
            name='author_protected',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='message',
            name='author_protected',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['provider_id', '-at'], name='event_batch'),
        ),
        migrations.AddField(
            model_name='protectedopening',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case'),
        ),
        migrations.AddField(
            model_name='protectedopening',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.staff'),
        ),
        migrations.AddField(
            model_name='protectedopening',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit'),
        ),
        migrations.AddIndex(
            model_name='protectedopening',
            index=models.Index(fields=['unit', '-id'], name='protected_opening_unit'),
        ),
        migrations.AddConstraint(
            model_name='protectedopening',
            constraint=models.UniqueConstraint(fields=('session_id', 'case'), name='protected_opened_once_a_login'),
        ),
        *border('cases_protectedopening', patient=None),
    ]
