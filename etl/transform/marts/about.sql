-- Exactly one row: what this snapshot is.
create table snapshot.about as
select
    tenant,
    time_zone,
    currency,
    $seq::bigint as seq,
    $run_id::bigint as run_id,
    watching_since,
    timezone(time_zone, watching_since)::date as observed_from
from tenant_facts
