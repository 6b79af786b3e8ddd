import django.db.models.deletion
import uuid
import weiduan.ground.base.constraints
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('territory', '0001_initial'),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=30, unique=True)),
                ('name', models.BinaryField()),
                ('contact', models.BinaryField(default=b'')),
                ('contact_index', models.BinaryField(db_index=True, default=b'', max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=30, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('committee', 'committee'), ('general_branch', 'general_branch'), ('branch', 'branch'), ('group', 'group')], max_length=20)),
                ('founded_on', models.DateField()),
                ('dissolved_on', models.DateField(null=True)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='organisations', to='territory.area')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='organisation.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Coverage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coverage', to='territory.area')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coverage', to='organisation.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=20)),
                ('joined_on', models.DateField()),
                ('full_on', models.DateField(null=True)),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('home', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='member_homes', to='territory.area')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='organisation.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='organisation.person')),
            ],
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=30)),
                ('since', models.DateField()),
                ('due_on', models.DateField(null=True)),
                ('until', models.DateField(null=True)),
                ('area', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='territory.area')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='organisation.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='organisation.person')),
            ],
        ),
        migrations.CreateModel(
            name='Term',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField()),
                ('due_on', models.DateField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='organisation.organisation')),
            ],
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'group'), _negated=True), ('parent__isnull', False), _connector='OR'), name='a_group_stands_under_a_branch'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('parent', models.F('id')), _negated=True), name='no_organisation_is_its_own_parent'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('dissolved_on__isnull', True), ('dissolved_on__gt', models.F('founded_on')), _connector='OR'), name='an_organisation_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='coverage',
            index=models.Index(fields=['area', 'since', 'until', 'organisation'], name='who_stands_on_an_area'),
        ),
        migrations.AddConstraint(
            model_name='coverage',
            constraint=weiduan.ground.base.constraints.NoOverlap(equal=('organisation', 'area'), name='an_organisation_covers_an_area_once', since='since', until='until'),
        ),
        migrations.AddConstraint(
            model_name='coverage',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='coverage_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(fields=['organisation', 'since', 'until', 'full_on', 'state'], name='members_of_an_organisation'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=weiduan.ground.base.constraints.NoOverlap(equal=('person',), name='a_member_is_in_one_organisation', since='since', until='until'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('full_on__isnull', True), ('full_on__gte', models.F('joined_on')), _connector='OR'), name='a_member_is_full_after_joining'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='a_membership_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('area__isnull', True), ('organisation__isnull', False)), models.Q(('area__isnull', False), ('organisation__isnull', True)), _connector='OR'), name='a_post_is_in_an_organisation_or_an_area'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='a_post_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.UniqueConstraint(condition=models.Q(('organisation__isnull', False)), fields=('person', 'role', 'organisation', 'since'), name='a_post_in_an_organisation_is_held_once'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.UniqueConstraint(condition=models.Q(('area__isnull', False)), fields=('person', 'role', 'area', 'since'), name='a_post_in_an_area_is_held_once'),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.UniqueConstraint(fields=('organisation', 'since'), name='a_term_begins_once'),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('since'))), name='a_term_is_due_after_it_begins'),
        ),
    ]
