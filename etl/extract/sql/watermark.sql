-- One row or none: where reading of a resource stands; instants in UTC without a zone.
-- overlap: how many records held were changed within the look-back before the watermark.
-- remembers: whether a read of all records has begun and noted what it listed.
select
    mark.updated_to::timestamp as updated_to,
    mark.read_at::timestamp as read_at,
    mark.enumerated_at::timestamp as enumerated_at,
    mark.probed_at::timestamp as probed_at,
    mark.lists_archived_apart,
    mark.enumerated_to::timestamp as enumerated_to,
    (
        select count(*)
        from raw_heads as head
        where
            head.resource = mark.resource
            and head.record_updated_at >= mark.updated_to - to_seconds($lookback_s)
    ) as overlap,
    exists (from enumerating as listed where listed.resource = mark.resource) as remembers,
    mark.refused_at::timestamp as refused_at
from watermarks as mark
where mark.resource = $resource
