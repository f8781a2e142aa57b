-- Notes which fields the fresh versions changed; that BILL dated the change tells nothing.
insert into raw_changes
select
    $tenant,
    $resource,
    fresh.bill_id,
    fresh.version,
    $observed_at,
    fresh.record_updated_at,
    changes.fields,
    changes.befores,
    changes.afters
from changes
inner join fresh on fresh.bill_id = changes.ids
where changes.fields <> 'updatedTime'
