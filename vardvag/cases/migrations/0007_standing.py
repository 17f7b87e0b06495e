"""Where a case stands for the resident who waits: counts of others, their times, nothing of whose they are. Through the
owner's eyes, since the border hides other patients' cases, and only for a case of the patient in view.

`ahead` counts in the order of the staff's queue (cases.lists.ORDER; tests/flows/test_waiting.py holds them together)
among what lies with the same group, or with the same person; null for a case that has no urgency."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

STANDING = """
create function cases_standing(mine bigint, moment timestamptz, works text[])
returns table (ahead bigint, overtaken boolean, emergency boolean, staffed boolean, arrived timestamptz[],
  begun timestamptz[])
language sql stable security definer set search_path = pg_catalog, public as $$
  with me as materialized (
    select c.id, c.unit_id, c.urgency, coalesce(c.due_at, 'infinity') as due_at, c.owner_id, c.group_id
    from cases_case c
    where c.id = mine and c.state in ('new', 'distributed')
      and c.patient_id = any (coalesce(nullif(current_setting('vardvag.patients', true), ''), '{}')::bigint[])),
  before as (
    select count(*) as ahead, coalesce(bool_or(c.id > me.id and c.urgency < me.urgency), false) as overtaken
    from me join cases_case c on c.unit_id = me.unit_id and c.urgency <= me.urgency
    where c.state <> 'closed' and c.state in ('new', 'distributed')
      and (c.urgency, coalesce(c.due_at, 'infinity'), c.id) < (me.urgency, me.due_at, me.id)
      and c.owner_id is not distinct from me.owner_id
      and (me.owner_id is not null or c.group_id is not distinct from me.group_id)),
  lately as materialized (
    select one.arrived_at, one.begun_at from me cross join lateral (
      select c.arrived_at, c.begun_at from cases_case c
      where c.unit_id = me.unit_id and c.urgency = me.urgency and c.begun_at <= moment
        and c.begun_at > moment - interval '15 days'
      order by c.begun_at desc limit 200) one)
  select case when me.urgency is not null then before.ahead end, before.overtaken,
    exists (select from cases_event e where e.case_id = me.id and e.before->>'urgency' = '1'),
    exists (select from lately where begun_at > moment - interval '30 minutes') or exists (
      select from organisation_assignment a
      join identity_session s on s.staff_id = a.staff_id and s.ended_at is null
      where a.unit_id = me.unit_id and a.roles::text[] && works and s.assignment_id = a.id
        and s.seen_at > moment - interval '30 minutes'),
    array(select arrived_at from lately order by begun_at, arrived_at),
    array(select begun_at from lately order by begun_at, arrived_at)
  from me cross join before
$$;
revoke execute on function cases_standing(bigint, timestamptz, text[]) from public;
grant execute on function cases_standing(bigint, timestamptz, text[]) to vardvag_app, vardvag_system;
"""


class Migration(migrations.Migration):
    atomic = False  # the index is built while the product runs
    dependencies = [
        ("cases", "0006_few_pending"),
        ("identity", "0005_standing_of_sessions"),
        ("organisation", "0002_staffing_and_imports"),
    ]

    operations = [
        # what a try that was cut short has left, which the next one would stumble over
        migrations.RunSQL("drop index concurrently if exists case_begun", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "case",
            models.Index(
                fields=["unit", "urgency", "-begun_at"],
                include=["arrived_at"],
                condition=Q(urgency__isnull=False, begun_at__isnull=False),
                name="case_begun",
            ),
        ),
        migrations.RunSQL(STANDING, "drop function cases_standing(bigint, timestamptz, text[])"),
    ]
