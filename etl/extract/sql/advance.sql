-- Moves the watermark to the newest change landed; it never goes back.
merge into watermarks as mark
using (
    select
        $tenant as tenant,
        $resource as resource,
        max(record_updated_at) as updated_to
    from raw_heads where resource = $resource
) as seen
on mark.resource = seen.resource
when matched then update set updated_to = seen.updated_to
when not matched then insert (tenant, resource, updated_to)
values (seen.tenant, seen.resource, seen.updated_to)
