-- One row a field that a version of a record changed, and one a version that changed none; values
-- are the texts BILL wrote, null where a field was or is not there.
create table snapshot.record_changes as
select
    version.tenant,
    version.resource,
    version.bill_id as record_id,
    version.version,
    version.observed_at,
    version.record_updated_at as updated_at,
    version.run_id,
    change.field,
    case
        when starts_with(change.before, '"') then change.before::json ->> '$' else change.before
    end as before,
    case
        when starts_with(change.after, '"') then change.after::json ->> '$' else change.after
    end as after
from raw_records as version
left join raw_changes as change using (resource, bill_id, version)
order by record_id, resource, version.version, change.field
