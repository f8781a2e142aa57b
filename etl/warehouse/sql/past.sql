-- raw_records and raw_heads as they were before the instant `until`, under the names that the
-- transform reads, out of the history attached beside them.
create view raw_records as
from history.raw_records
where observed_at < getvariable('until');

create view raw_heads as
select
    tenant,
    resource,
    bill_id,
    max(version) as version,
    arg_max(content_hash, version) as content_hash,
    arg_max(record_updated_at, version) as record_updated_at
from raw_records
group by tenant, resource, bill_id;

create table enumerations as
from history.enumerations
where finished_at < getvariable('until');

create table raw_changes as
from history.raw_changes
where observed_at < getvariable('until');

create table watermarks as
select * replace (
    case when read_at < getvariable('until') then read_at end as read_at,
    case when enumerated_at < getvariable('until') then enumerated_at end as enumerated_at
)
from history.watermarks;
