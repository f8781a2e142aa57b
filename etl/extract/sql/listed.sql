-- Remembers one row an incoming record.
insert into enumerating
select
    $resource as resource,
    bill_id,
    payload ->> '$.customerId' as customer_id,
    [
        try_cast(said as decimal(19, 4))
        for said in json_extract_string(payload, $paths::varchar [])
    ] as amounts,
    $observed_at as listed_at
from incoming
