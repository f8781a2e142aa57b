-- Remembers one row an incoming record, as it was last in these pages.
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
qualify row_number() over (partition by bill_id order by position desc) = 1
