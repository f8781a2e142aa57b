-- One row a field that a version of one record changed, oldest first; instants in UTC.
select
    resource,
    record_id,
    version,
    strftime(observed_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') as observed_at,
    strftime(updated_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') as updated_at,
    run_id,
    field,
    before,
    after
from record_changes
where
    record_id = $record
    and timezone((select time_zone from about), observed_at)::date <= $as_of::date
order by resource, version, field nulls first
